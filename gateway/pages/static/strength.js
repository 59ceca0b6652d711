// Says in words how strong a password is while it is typed. A guess for the eye: the server judges with a dictionary.
const LEAST = 12;
const COMMON = /pass(word|wort)?|qwert[yz]|letmein|welcome|admin|iloveyou|dragon|monkey|abc|secret|login|countersign|summer|winter|spring|autumn/gi;

// How many characters carry weight: words that everyone uses, repetitions and runs count as one.
function weight(password, email) {
  const own = email.split(/[^\p{L}\p{N}]+/u).filter((part) => part.length > 3);
  let rest = password.replace(COMMON, "*");
  for (const part of own) rest = rest.replaceAll(new RegExp(part, "gi"), "*");
  rest = rest.replace(/(.+?)\1+/g, "$1");
  const points = [...rest].map((letter) => letter.codePointAt(0));
  const runs = points.filter((point, at) => at > 1 && point - points[at - 1] === points[at - 1] - points[at - 2]);
  return points.length - runs.length;
}

function judge(password, email) {
  const missing = LEAST - [...password].length;
  if (missing > 0) return [1, `Too short. ${missing} more ${missing === 1 ? "character" : "characters"}.`];
  const heavy = weight(password, email);
  if (heavy < 10) return [1, "Easy to guess. Use less common words."];
  if (heavy < 15) return [2, "Fair. Another word would make it strong."];
  return [3, "Strong."];
}

for (const meter of document.querySelectorAll("[data-strength-of]")) {
  const input = document.getElementById(meter.dataset.strengthOf);
  const said = meter.parentElement.querySelector("[data-strength-words]");
  const advice = said.textContent;
  let pause;

  const tell = () => {
    const [level, text] = input.value ? judge(input.value, input.form.elements.email?.value ?? "") : [0, advice];
    meter.hidden = !input.value;
    meter.dataset.level = level;
    clearTimeout(pause);
    // Screen readers hear the verdict when the typing pauses, not at every key.
    pause = setTimeout(() => { if (said.textContent !== text) said.textContent = text; }, 250);
  };

  input.addEventListener("input", tell);
  tell();
}
