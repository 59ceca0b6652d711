// Shows moments in the reader's own time zone; the page carries them in UTC.
const FULL = { dateStyle: "long", timeStyle: "short" };

export function local(time) {
  const moment = new Date(time.dateTime);
  // "5 minutes ago" says enough; the exact moment shows when somebody points at it.
  if (time.dataset.local === "hover") time.title = moment.toLocaleString(undefined, FULL);
  else time.textContent = moment.toLocaleString(undefined, time.dataset.local === "date" ? FULL : { timeStyle: "short" });
}

for (const time of document.querySelectorAll("time[data-local]")) local(time);
