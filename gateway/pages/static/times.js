// Shows moments in the reader's own time zone; the page carries them in UTC.
export function local(time) {
  const moment = new Date(time.dateTime);
  const clock = { hour: "numeric", minute: "2-digit" };
  const day = { day: "numeric", month: "long", ...clock };
  time.textContent = moment.toLocaleString(undefined, time.dataset.local === "date" ? day : clock);
}

for (const time of document.querySelectorAll("time[data-local]")) local(time);
