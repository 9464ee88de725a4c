// Counts the login time down in the bar, asks five minutes before its end, and leaves for the login page after it.
const ASK_AT = 5 * 60;

const words = (seconds) => (seconds >= 60 ? `${Math.ceil(seconds / 60)} 分鐘` : `${Math.max(0, seconds)} 秒`);

export function keepTime(page) {
  const shown = [...page.querySelectorAll("[data-session-seconds]")];
  const dialog = page.getElementById("q-session");
  if (!shown.length || !dialog) return;
  let ends = Date.now() + Number(shown[0].dataset.sessionSeconds) * 1000;
  let asked = false;

  const start = (seconds) => { ends = Date.now() + seconds * 1000; asked = false; tick(); };
  const tick = () => {
    const left = Math.round((ends - Date.now()) / 1000);
    for (const place of [...shown, ...dialog.querySelectorAll("[data-session-left]")]) place.textContent = words(left);
    if (left <= ASK_AT && left > 0 && !asked) { asked = true; dialog.showModal(); }
    if (left <= 0) leave();
  };
  const leave = () => { clearInterval(timer); page.dispatchEvent(new CustomEvent("qiliu:leaving")); setTimeout(() => location.reload(), 1000); };

  dialog.querySelector("[data-session-renew]").addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await fetch(event.target.action, { method: "POST", body: new FormData(event.target), headers: { Accept: "text/plain" } });
    if (!answer.ok || answer.redirected) return location.reload();
    dialog.close();
    start(Number(await answer.text()));
  });
  dialog.querySelector("[data-session-logout]").addEventListener("submit", () => page.dispatchEvent(new CustomEvent("qiliu:leaving")));
  const timer = setInterval(tick, 1000);
  page.addEventListener("visibilitychange", tick);
}
