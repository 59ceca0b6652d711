// A form that was sent says so and is not sent twice. The pressed button keeps its value: it is marked, not disabled.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  const button = event.submitter;
  if (!button) return;
  button.setAttribute("aria-busy", "true");
  if (button.dataset.busy) {
    button.dataset.label = button.textContent;
    button.textContent = button.dataset.busy;
  }
});

// The back button may bring the page back as it was left: make it usable again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("[aria-busy]")) {
    button.removeAttribute("aria-busy");
    if (button.dataset.label) button.textContent = button.dataset.label;
  }
});

// An error goes when its field is being corrected.
document.addEventListener("input", ({ target }) => {
  if (!target.getAttribute("aria-invalid")) return;
  target.removeAttribute("aria-invalid");
  document.getElementById(`${target.id}-wrong`).hidden = true;
});
