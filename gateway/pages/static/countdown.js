// The time left, in words every second and as a ring. Counted from when the page came, so a wrong clock does no harm.
import "./times.js";

const LATE = 20;
// Said aloud to who cannot see the ring; every second would be noise.
const SAY_AT = [60, 30, 10];
const said = document.querySelector("[data-say]");

function words(seconds) {
  const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
  const minutes = Math.floor(seconds / 60);
  const rest = seconds % 60;
  if (!minutes) return count(rest, "second");
  return rest ? `${count(minutes, "minute")} ${count(rest, "second")}` : count(minutes, "minute");
}

for (const timer of document.querySelectorAll("[data-expires-in]")) {
  const end = performance.now() + timer.dataset.expiresIn * 1000;
  const ring = document.querySelector("[data-ring]");
  const hand = ring?.querySelector(".hand");

  const tick = () => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    timer.textContent = `${words(left)} left`;
    if (said && SAY_AT.includes(left)) said.textContent = timer.textContent;
    ring?.classList.toggle("late", left <= LATE);
    hand?.setAttribute("stroke-dashoffset", 100 - (100 * left) / timer.dataset.lifetime);
    if (left) return;
    clearInterval(clock);
    document.dispatchEvent(new Event("time-is-up"));
  };
  const clock = setInterval(tick, 1000);
  tick();
}
