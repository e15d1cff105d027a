// Tables: selection with its bulk bar, and the columns that this browser shows.
import { each, text } from "./start.js";

each("form[data-selection]", (form) => {
  // Choosing columns draws the rows anew, and the box above them.
  const all = () => form.querySelector("[data-select-all]");
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
    all().checked = chosen > 0 && chosen === boxes().length;
    all().indeterminate = chosen > 0 && chosen < boxes().length;
    for (const box of boxes()) box.closest("tr").classList.toggle("ym-row-selected", box.checked);
  }

  form.addEventListener("change", (event) => {
    if (event.target !== all()) return;
    for (const box of boxes()) box.checked = all().checked;
    refresh();
  });
  form.addEventListener("htmx:load", refresh);
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
  const rows = `#${CSS.escape(chooser.closest("[data-table]").id)} .ym-table-scroll`;
  const boxes = [...chooser.querySelectorAll("input")];
  chooser.hidden = false;
  chooser.addEventListener("change", () => {
    // The server draws only what is looked at, so it must know; the address keeps the choice of one list from others.
    const shown = boxes.filter((box) => box.checked).map((box) => box.value);
    document.cookie = `columns=${shown.join(".")}; path=${location.pathname}; max-age=31536000; samesite=lax`;
    window.htmx.ajax("GET", location.href, { source: chooser, target: rows, select: rows, swap: "outerHTML" });
  });
});
