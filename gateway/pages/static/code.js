// Sends the code as soon as it is complete.
const input = document.getElementById("code");
const complete = Number(input.dataset.complete);

// Many tools write a code with spaces; a pasted or filled-in one is whole by itself.
input.addEventListener("input", (event) => {
  if (!complete) return;
  const digits = input.value.replace(/\D/g, "");
  if (input.value !== digits) input.value = digits;
  const typed = event.inputType === "insertText" || event.inputType?.startsWith("delete");
  if (digits.length === complete || (!typed && digits.length >= 6)) input.form.requestSubmit();
});
if (input.getAttribute("aria-invalid")) input.select();

// The server shows the end; a code that is on its way is judged first.
document.addEventListener("time-is-up", () => { if (!input.form.dataset.sent) location.replace(location.href); });
