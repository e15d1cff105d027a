// Menus and sheets are <details>: they open without script; this closes them as people expect. Also panels and theme.
import { each, recall, remember } from "./start.js";

const MENUS = "details.ym-menu, details.ym-sheet";

function closeAllBut(kept) {
  for (const menu of document.querySelectorAll(`:is(${MENUS})[open]`)) {
    if (menu !== kept && !menu.contains(kept)) menu.open = false;
  }
}

document.addEventListener("click", (event) => closeAllBut(event.target.closest(MENUS)));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector(`:is(${MENUS})[open]`);
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
document.addEventListener("focusin", (event) => {
  if (!event.target.closest("dialog")) closeAllBut(event.target.closest(MENUS));
});

// A bar that is wider than the phone shows where one is.
each(".ym-section-bar [aria-current], .ym-tabs [aria-current]", (link) => {
  const bar = link.parentElement;
  bar.scrollLeft = link.offsetLeft - bar.offsetLeft - (bar.clientWidth - link.clientWidth) / 2;
});

each("details[data-panel]", (panel) => {
  const key = `panel.${panel.dataset.panel}`;
  const kept = recall(key);
  if (kept) panel.open = kept === "open";
  panel.addEventListener("toggle", () => remember(key, panel.open ? "open" : "closed"));
});

each("form[data-theme-form]", (form) => {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const body = new FormData(form, event.submitter);
    const theme = event.submitter.value;
    document.documentElement.dataset.theme = theme;
    for (const button of document.querySelectorAll("form[data-theme-form] button")) {
      button.toggleAttribute("aria-pressed", button.value === theme);
      if (button.value === theme) button.setAttribute("aria-pressed", "true");
    }
    fetch(form.action, { method: "POST", body, redirect: "manual" });
  });
});
