// "Select all" of a list: <input type=checkbox data-select-all="name"> ticks all boxes of that name and follows them.
// Only with JavaScript, so the box is hidden in the mark-up and shown here. [data-selected] tells the count.
export function selectAll(page) {
  for (const all of page.querySelectorAll("input[data-select-all]")) {
    const boxes = [...page.querySelectorAll(`input[type=checkbox][name="${CSS.escape(all.dataset.selectAll)}"]`)];
    const counts = page.querySelectorAll("[data-selected]");
    const follow = () => {
      const ticked = boxes.filter((box) => box.checked).length;
      all.checked = ticked > 0 && ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
      for (const place of counts) place.textContent = String(ticked);
      for (const box of boxes) box.closest("tr")?.classList.toggle("is-sel", box.checked);
    };
    all.closest("[hidden]")?.removeAttribute("hidden");
    all.addEventListener("change", () => { for (const box of boxes) box.checked = all.checked; follow(); });
    for (const box of boxes) box.addEventListener("change", follow);
    follow();
  }
}
