// Says in words that a passkey was not used: allauth's own script would only write it to the console.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const notice = document.querySelector("[data-passkey-failed]");
  if (notice) notice.hidden = false;
});
