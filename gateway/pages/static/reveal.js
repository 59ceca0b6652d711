// Shows and hides a password. Without scripts there is no such button.
for (const button of document.querySelectorAll("[data-reveal]")) {
  const input = document.getElementById(button.dataset.reveal);
  button.hidden = false;

  const show = (shown) => {
    input.type = shown ? "text" : "password";
    button.firstChild.textContent = shown ? "Hide" : "Show";
    button.setAttribute("aria-pressed", String(shown));
  };

  button.addEventListener("click", () => {
    show(input.type === "password");
    input.focus();
  });
  // A browser offers to save what was typed as a password only if it is one when the form leaves.
  input.form.addEventListener("submit", () => show(false));
}
