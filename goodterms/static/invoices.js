// The list of invoices: one box selects all rows of the page. Everything else of the selection is the server's.
(() => {
  "use strict";
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form.many");
    if (!form) return;
    const boxes = [...form.querySelectorAll('[name="id"]')];
    const all = form.querySelector("[data-all]");
    if (event.target === all) for (const box of boxes) box.checked = all.checked;
    else if (all) all.checked = boxes.every((box) => box.checked);
    for (const box of boxes) box.closest("tr").classList.toggle("on", box.checked);
  }, true);
  document.addEventListener("reset", (event) => {
    for (const row of event.target.querySelectorAll("tr.on")) row.classList.remove("on");
  });
})();
