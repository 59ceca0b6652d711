// Copies or prints what is shown once. Without scripts the text can be marked, and the browser prints the page.
const codes = document.querySelector("[data-codes]");
const copy = document.querySelector("[data-copy]");
document.querySelector("[data-keeping]").hidden = false;
document.querySelector("[data-print]").addEventListener("click", () => print());

if (navigator.clipboard) {
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(codes.textContent);
    copy.lastChild.textContent = "Copied";
    document.querySelector("[data-say]").textContent = "Copied";
  });
} else {
  copy.hidden = true;
}
