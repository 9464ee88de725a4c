// Saves the draft of a form marked data-draft="address" when a field is left and at most every five
// seconds while typing. The answer is the words to show ("已儲存 14:03"); a failure is said, not hidden.
const PAUSE = 5000;

export function saveDrafts(page) {
  for (const form of page.querySelectorAll("form[data-draft]")) watch(page, form);
}

function watch(page, form) {
  const shown = [...page.querySelectorAll("[data-saved]")];
  let changed = false, timer = null, running = false;

  const say = (text) => { for (const place of shown) { place.hidden = false; place.querySelector("[data-saved-text]").textContent = text; } };
  const body = () => { const data = new FormData(form); for (const [key, value] of [...data]) if (value instanceof File) data.delete(key); return new URLSearchParams(data); };
  const save = async () => {
    clearTimeout(timer); timer = null;
    if (!changed || running || form.dataset.sent) return;
    changed = false; running = true;
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body: body(), headers: { Accept: "text/plain" }, redirect: "manual" });
      if (answer.ok) say(await answer.text());
      else { changed = true; say("尚未儲存，請按「暫存」"); }
    } catch { changed = true; say("連線中斷，尚未儲存"); }
    running = false;
    if (changed && !timer) timer = setTimeout(save, PAUSE);
  };

  form.addEventListener("input", () => { changed = true; timer ??= setTimeout(save, PAUSE); });
  form.addEventListener("change", save);
  form.addEventListener("focusout", save);
  page.addEventListener("qiliu:leaving", save);
  window.addEventListener("pagehide", () => { if (changed && !form.dataset.sent) navigator.sendBeacon(form.dataset.draft, body()); });
}
