// Shows moments in the reader's own time zone; the page carries them in UTC.
export function local(time) {
  const moment = new Date(time.dateTime);
  const style = time.dataset.local === "date" ? { dateStyle: "long", timeStyle: "short" } : { timeStyle: "short" };
  time.textContent = moment.toLocaleString(undefined, style);
}

for (const time of document.querySelectorAll("time[data-local]")) local(time);
