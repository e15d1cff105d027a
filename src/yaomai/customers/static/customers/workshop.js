// Keys of the workshop: Ctrl Enter saves the field that is being filled in, Escape gives it up.
const board = document.querySelector("[data-workshop]");
board?.addEventListener("keydown", (event) => {
  const form = event.target.closest("form");
  if (!form) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  } else if (event.key === "Escape") {
    event.preventDefault();
    form.querySelector("a[hx-get]")?.click();
  }
});
// What is being filled in is not replaced by what others saved: it is told.
document.body.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.id !== "cu-news") return;
  const open = [...board.querySelectorAll(".cu-editing")].map((fact) => fact.id.slice("fact-".length));
  event.detail.parameters.editing = open.join(",");
});
// Whoever opens a field writes at once; whoever saves goes on from there.
document.body.addEventListener("htmx:afterSettle", (event) => {
  const fact = event.detail.elt;
  if (!board?.contains(fact)) return;
  const target = fact.matches(".cu-editing") ? fact.querySelector("textarea, select, input:not([type=hidden])") : null;
  target?.focus();
});
