// The text of a consent becomes a box whose end must be reached before the button works.
export function readToTheEnd(page) {
  const box = page.querySelector("[data-consent]");
  const button = page.querySelector("[data-consent-button]");
  const why = page.querySelector("[data-consent-why]");
  if (!box || !button) return;
  box.classList.add("is-boxed");
  if (box.scrollHeight <= box.clientHeight + 2) return;
  button.setAttribute("aria-disabled", "true");
  why.hidden = false;
  const open = () => {
    if (box.scrollTop + box.clientHeight < box.scrollHeight - 8) return;
    button.removeAttribute("aria-disabled");
    why.hidden = true;
    box.removeEventListener("scroll", open);
  };
  box.addEventListener("scroll", open);
  button.closest("form").addEventListener("submit", (event) => {
    if (button.getAttribute("aria-disabled") !== "true") return;
    event.preventDefault();
    box.focus();
  });
}
