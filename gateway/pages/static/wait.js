// Waits for the phone: by server-sent events, and by asking now and then whenever those do not come.
const page = document.querySelector("[data-wait]");
const lost = page.querySelector("[data-lost]");
const ASK_EVERY = 3000;
let asking;
let over = false;

function connected(is) {
  lost.hidden = is;
  page.querySelector("[data-ring]").classList.toggle("lost", !is);
}

function moveOn() {
  // The server shows every end; after an approval this same address signs in and leads on.
  location.replace(location.href);
}

function approved() {
  document.title = `Approved · ${document.title.split(" · ").pop()}`;
  document.querySelector(".brand").classList.remove("half");
  page.querySelector("[data-pending]").hidden = true;
  const yes = page.querySelector("[data-approved]");
  yes.hidden = false;
  yes.querySelector("h1").focus();
  setTimeout(moveOn, 700);
}

// Half is done, and the other half is still to do: said without touching what is being typed.
function halfDone(missing) {
  const form = page.querySelector("[data-number]");
  if (!form || !missing) return;
  if (!missing.includes("code")) moveOn();
  else if (!missing.includes("phone") && !form.dataset.phoneSaidYes) {
    form.dataset.phoneSaidYes = "";
    page.querySelector("[data-title]").textContent = page.dataset.yes;
    page.querySelector("[data-lead]").textContent = page.dataset.then;
    page.querySelector("[data-say]").textContent = `${page.dataset.yes}. ${page.dataset.then}`;
  }
}

function learn({ status, waiting_for: missing }) {
  connected(true);
  if (over) return;
  if (status === "pending") {
    halfDone(missing);
    return;
  }
  stopListening();
  if (status === "approved") approved();
  else moveOn();
}

function stopListening() {
  over = true;
  clearInterval(asking);
  events.close();
}

async function ask() {
  try {
    const answer = await fetch(page.dataset.status, { headers: { Accept: "application/json" }, cache: "no-store", signal: AbortSignal.timeout(10_000) });
    if (!answer.ok) throw new Error(answer.statusText);
    learn(await answer.json());
  } catch {
    connected(over);
  }
}

function askNowAndThen() {
  if (over) return;
  asking ??= setInterval(ask, ASK_EVERY);
  ask();
}

function stopAsking() {
  clearInterval(asking);
  asking = undefined;
  connected(true);
}

const events = new EventSource(page.dataset.events);
events.addEventListener("open", stopAsking);
events.addEventListener("error", askNowAndThen);
events.addEventListener("status", (event) => learn(JSON.parse(event.data)));

document.addEventListener("time-is-up", ask);
// Who approves on the phone that shows this page comes back to a tab that slept.
document.addEventListener("visibilitychange", () => { if (!document.hidden && !over) ask(); });
window.addEventListener("online", ask);

// Another way was chosen, or none: news of the old request would only get in the way of where the form leads.
document.addEventListener("submit", stopListening);
window.addEventListener("pageshow", (event) => { if (event.persisted) moveOn(); });
