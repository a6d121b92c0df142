// The keyboard map of the desk. Everything it does can be done without it; single keys rest while somebody types.
(() => {
  "use strict";
  const ROWS = "[data-row]";
  const typing = (element) => element.closest("input, textarea, select, [contenteditable]");
  const rows = () => [...document.querySelectorAll(ROWS)].filter((row) => row.offsetParent !== null);
  const current = () => document.querySelector(`${ROWS}[aria-current="true"]`);
  let going = false;

  function move(step) {
    const all = rows();
    if (!all.length) return;
    const here = current();
    const next = all[Math.min(Math.max(all.indexOf(here) + step, 0), all.length - 1)];
    if (here) here.removeAttribute("aria-current");
    next.setAttribute("aria-current", "true");
    next.scrollIntoView({ block: "nearest" });
  }

  function press(key) {
    const inside = current()?.querySelector(`[data-key="${key}"]`);
    // What stands in another row is not meant: a letter never acts on a row that is not marked.
    const target = inside || [...document.querySelectorAll(`[data-key="${key}"]`)].find((one) => !one.closest(ROWS));
    if (target) target.click();
    return Boolean(target);
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey && event.target.form) {
      event.target.form.requestSubmit();
      return;
    }
    if (event.key === "Escape" && typing(event.target)) {
      event.target.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.documentElement.dataset.keys === "off") return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (going) {
      going = false;
      const link = document.querySelector(`[data-go="${key}"]`);
      if (link) link.click();
      return;
    }
    if (key === "g") going = true;
    else if (key === "j") move(1);
    else if (key === "k") move(-1);
    else if (key === "Enter" && event.target === document.body) current()?.querySelector("[data-open], a[href]")?.click();
    else if (press(key)) event.preventDefault();
  });

  // On a phone the views are a strip that is wider than the screen: the one that is shown stands in it.
  const strip = document.querySelector(".views");
  const shown = strip?.querySelector("[aria-current]");
  if (shown) strip.scrollLeft = shown.offsetLeft - strip.offsetLeft - 24;

  let waiting;
  document.addEventListener("input", (event) => {
    const button = event.target.dataset?.live && document.getElementById(event.target.dataset.live);
    if (!button) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => event.target.form.requestSubmit(button), 500);
  });
})();
