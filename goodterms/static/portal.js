/* The slip: adds up what is ticked, one sum for each currency, as the server does without script. */
(() => {
  const form = document.querySelector("[data-slip]");
  if (!form) return;
  const tongue = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  const joined = new Intl.ListFormat(tongue, { type: "conjunction" });

  /* The marks of a currency come with the page, so that a sum looks the same before and after a tick. */
  const marks = new Map([...form.querySelectorAll("[data-sum]")].map((row) => [row.dataset.sum, row.dataset]));
  const amount = (minor, currency) => {
    const digits = Number(marks.get(currency).digits);
    const figures = new Intl.NumberFormat(tongue, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: "always" });
    const shown = document.createElement("span");
    shown.className = "amt";
    shown.append(marks.get(currency).before);
    for (const part of figures.formatToParts(minor / 10 ** digits)) {
      if (part.type === "decimal") {
        const small = document.createElement("span");
        small.className = "c";
        small.append(part.value);
        shown.append(small);
      } else {
        (part.type === "fraction" ? shown.querySelector(".c") : shown).append(part.value);
      }
    }
    (shown.querySelector(".c") || shown).append(marks.get(currency).after);
    return shown;
  };

  const write = (place, sums) => {
    if (place.dataset.joined) {
      return place.replaceChildren(...sums.flatMap((one, n) => (n ? [place.dataset.joined, amount(...one)] : [amount(...one)])));
    }
    const words = joined.formatToParts(sums.map((_, n) => `${n}`));
    place.replaceChildren(...words.map((one) => (one.type === "element" ? amount(...sums[+one.value]) : one.value)));
  };

  const add = () => {
    const sums = new Map();
    let count = 0;
    for (const row of form.querySelectorAll("[data-bill]")) {
      const box = document.getElementById(`b-${row.dataset.bill}`);
      row.hidden = !box.checked;
      box.closest(".bill").classList.toggle("on", box.checked);
      if (!box.checked) continue;
      count += 1;
      sums.set(row.dataset.currency, (sums.get(row.dataset.currency) || 0) + Number(row.dataset.minor));
    }
    for (const row of form.querySelectorAll("[data-sum]")) {
      const sum = sums.get(row.dataset.sum);
      row.hidden = sum === undefined;
      const shown = amount(sum || 0, row.dataset.sum);
      shown.classList.add("panel");
      row.querySelector(".amt").replaceWith(shown);
    }
    for (const place of document.querySelectorAll("[data-total]")) write(place, [...sums].map(([c, minor]) => [minor, c]));
    for (const vendor of form.querySelectorAll("[data-chosen]")) {
      const n = vendor.closest("details").querySelectorAll("input:checked").length;
      vendor.querySelector("[data-n]").textContent = n;
      vendor.querySelector("[data-some]").hidden = n === 0;
    }
    for (const place of document.querySelectorAll("[data-count]")) {
      place.textContent = (count === 1 ? place.dataset.one : place.dataset.many).replace(/[01]/, count);
    }
    form.querySelector("[data-none]").hidden = count > 0;
    for (const button of document.querySelectorAll("[data-pay]")) button.disabled = count === 0;
  };

  form.addEventListener("change", add);
  add();
})();
