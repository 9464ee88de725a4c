// After a refused form the summary of errors takes the focus; its links go to the field and focus it.
export function focusErrors(page) {
  const summary = page.querySelector(".q-errsum");
  if (!summary) return;
  summary.focus();
  summary.addEventListener("click", (event) => {
    const field = page.getElementById(event.target.closest("a")?.hash.slice(1) ?? "");
    if (!field) return;
    event.preventDefault();
    field.scrollIntoView({ block: "center" });
    field.focus({ preventScroll: true });
  });
}
