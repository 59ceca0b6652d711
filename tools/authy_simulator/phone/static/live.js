// Keeps the page as new as the phones are: fetches it again when told so, and lets the rings run.
const skew = Number(document.documentElement.dataset.now) - Date.now();
const now = () => Date.now() + skew;
let refreshing = Promise.resolve();

async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(old.id);
    if (next && next.innerHTML !== old.dataset.shown) swap(old, next);
  }
  announce(Number(fresh.getElementById("said").dataset.waiting));
  document.title = fresh.title;
  tick();
}

function swap(old, next) {
  const scrolled = [...old.querySelectorAll(".stack")].map((each) => each.scrollTop);
  const side = old.querySelector(".wall")?.scrollLeft ?? 0;
  old.dataset.shown = next.innerHTML;
  old.replaceChildren(...next.childNodes);
  [...old.querySelectorAll(".stack")].forEach((each, place) => (each.scrollTop = scrolled[place] ?? 0));
  if (side) old.querySelector(".wall").scrollLeft = side;
}

function announce(waiting) {
  const said = document.getElementById("said");
  if (waiting > Number(said.dataset.waiting)) said.textContent = "A new request waits for your answer";
  said.dataset.waiting = waiting;
}

function tick() {
  for (const ring of document.querySelectorAll(".ring")) {
    const left = Math.max(0, (Number(ring.dataset.until) - now()) / 1000);
    const whole = Math.ceil(left);
    const text = whole < 100 ? `${whole}` : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
    const count = ring.querySelector(".count");
    if (count.textContent !== text) count.textContent = text;
    ring.querySelector(".left").style.strokeDashoffset = 1 - Math.min(1, left / Number(ring.dataset.life));
    ring.classList.toggle("short", left <= 5);
    if (left === 0 && !ring.dataset.over) {
      ring.dataset.over = "yes";
      soon();
    }
  }
  showTimes();
}

function showTimes() {
  for (const time of document.querySelectorAll("time[datetime]")) {
    const inFace = time.closest(".face, .status");
    const moment = inFace ? new Date(now()) : new Date(time.dateTime);
    const style = time.dataset.as === "day"
      ? { weekday: "long", day: "numeric", month: "long" }
      : { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    const text = moment.toLocaleString("en-GB", style);
    if (time.textContent !== text) time.textContent = text;
  }
}

function soon() {
  refreshing = refreshing.then(refresh).catch(() => {});
  return refreshing;
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-quiet]");
  if (!form) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  form.classList.add("busy");
  const answer = await fetch(form.action, { method: "POST", body }).catch(() => null);
  form.classList.remove("busy");
  if (answer && !answer.ok) document.getElementById("said").textContent = await answer.text();
  await soon();
});

const stream = new EventSource("/events");
stream.addEventListener("message", soon);
// A server that was started again may have other news.
stream.addEventListener("open", soon);
setInterval(tick, 250);
document.querySelector("#switcher [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
tick();
