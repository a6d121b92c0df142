// The undo bar counts its seconds, which only eyes see, and goes when they are over. Without script it stays, and the
// desk says that they are over when it is pressed too late.
(() => {
  "use strict";
  for (const bar of document.querySelectorAll("[data-undo]")) {
    const end = performance.now() + Number(bar.dataset.undo) * 1000;
    const shown = bar.querySelector(".left");
    const said = bar.querySelector("[role=status]");
    setTimeout(() => said.append(" "), 300); // a status speaks when it changes, so this one does once, politely
    const timer = setInterval(() => {
      const left = Math.ceil((end - performance.now()) / 1000);
      if (left > 0) shown.textContent = String(left);
      else {
        clearInterval(timer);
        bar.remove();
      }
    }, 250);
  }
})();
