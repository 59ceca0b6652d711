// Shows how a number looks in the chosen country.
for (const example of document.querySelectorAll("[data-example-for]")) {
  const picker = document.getElementById(example.dataset.exampleFor);
  const show = () => {
    const sample = picker.selectedOptions[0]?.dataset.example;
    example.textContent = sample ? `For example ${sample}.` : "";
  };
  picker.addEventListener("change", show);
  show();
}
