// The first words of an answer follow the way that is chosen, as long as nobody has written others.
(() => {
  "use strict";
  const words = document.querySelector("#words");
  const ways = [...document.querySelectorAll("[data-start]")];
  if (!words) return;
  for (const reader of document.querySelectorAll('[name="to"]')) reader.addEventListener("change", () => words.focus());
  for (const way of ways) {
    way.addEventListener("change", () => {
      const untouched = !words.value.trim() || ways.some((other) => other.dataset.start.trim() === words.value.trim());
      if (untouched) words.value = way.dataset.start;
    });
  }
})();
