// Says in words that a passkey was not used: allauth's own script would only write it to the console.
(() => {
  "use strict";
  const say = (hidden) => {
    const notice = document.querySelector("[data-passkey-failed]");
    if (notice) notice.hidden = hidden;
  };
  document.addEventListener("click", () => say(true), true);
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    say(false);
  });
})();
