// Holds "send again" back until a new one makes sense.
for (const again of document.querySelectorAll("[data-resend-in]")) {
  const label = again.textContent;
  const end = performance.now() + again.dataset.resendIn * 1000;
  const tick = () => {
    const left = Math.ceil((end - performance.now()) / 1000);
    again.disabled = left > 0;
    again.textContent = left > 0 ? `${label} in ${left} s` : label;
    if (left <= 0) clearInterval(clock);
  };
  const clock = setInterval(tick, 1000);
  tick();
}
