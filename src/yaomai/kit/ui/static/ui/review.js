// Keys of a review queue: 1–9 choose a candidate, N none of ours, S later, U a new one, Z takes the last answer back.
const typing = (element) => element.matches("input, textarea, select, [contenteditable], .ts-control *");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const target = document.querySelector(`[data-review] [data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (target) {
    event.preventDefault();
    target.click();
  }
});
