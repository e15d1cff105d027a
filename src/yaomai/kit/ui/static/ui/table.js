// Tables: selection with its bulk bar, and the columns that this browser shows.
import { each, recall, remember, text } from "./start.js";

each("form[data-selection]", (form) => {
  const all = form.querySelector("[data-select-all]");
  const bar = form.querySelector("[data-bulk]");
  const count = form.querySelector("[data-count]");
  const every = form.querySelector("[data-every]");
  const everything = every?.querySelector("input");
  const boxes = () => [...form.querySelectorAll("input[name=selected]")];
  let last = null;

  function refresh() {
    const chosen = boxes().filter((box) => box.checked).length;
    bar.classList.toggle("ym-bulk-idle", chosen === 0);
    // All that match are offered once all on this page are chosen; then the rows here are only the first of them.
    if (every) {
      every.hidden = chosen < boxes().length;
      if (every.hidden) everything.checked = false;
    }
    count.textContent = chosen && !everything?.checked ? text("selected", { count: chosen }) : "";
    all.checked = chosen > 0 && chosen === boxes().length;
    all.indeterminate = chosen > 0 && chosen < boxes().length;
    for (const box of boxes()) box.closest("tr").classList.toggle("ym-row-selected", box.checked);
  }

  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    refresh();
  });
  form.addEventListener("click", (event) => {
    const box = event.target.closest("input[name=selected]");
    if (!box) return;
    // Shift takes everything between this and the last one, as lists everywhere do.
    if (event.shiftKey && last) {
      const list = boxes();
      const [from, to] = [list.indexOf(last), list.indexOf(box)].sort((a, b) => a - b);
      for (const between of list.slice(from, to + 1)) between.checked = box.checked;
    }
    last = box;
    refresh();
  });
  everything?.addEventListener("change", refresh);
  form.addEventListener("reset", () => setTimeout(refresh));
  refresh();
});

each("[data-table] [data-columns]", (chooser) => {
  const block = chooser.closest("[data-table]");
  const key = `columns.${block.dataset.table}`;
  const boxes = [...chooser.querySelectorAll("input")];

  function apply() {
    for (const box of boxes) {
      for (const cell of block.querySelectorAll(`[data-column="${CSS.escape(box.value)}"]`)) cell.hidden = !box.checked;
    }
  }

  const kept = recall(key);
  if (kept !== null) {
    const shown = new Set(kept.split(","));
    for (const box of boxes) box.checked = shown.has(box.value);
  }
  chooser.hidden = false;
  apply();
  chooser.addEventListener("change", () => {
    remember(key, boxes.filter((box) => box.checked).map((box) => box.value).join(","));
    apply();
  });
});
