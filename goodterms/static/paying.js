// Copies a transfer into the clipboard, and prints a receipt. Without it one selects the words, and prints by the browser.
(() => {
  const words = (article) => [...article.querySelectorAll("dd")].map((one) => one.textContent.trim()).join("\n");
  const select = (article) => {
    const range = document.createRange();
    range.selectNodeContents(article.querySelector(".ref"));
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    return document.execCommand("copy");
  };
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.closest("p").hidden = false;
    button.addEventListener("click", async () => {
      const article = button.closest("[data-transfer]");
      let copied = true;
      try {
        await navigator.clipboard.writeText(words(article));
      } catch {
        copied = select(article);
      }
      if (copied) button.textContent = button.dataset.copy;
    });
  }
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
})();
