// Keys that work everywhere: Ctrl-K or / for the palette; J and K walk a table, X selects, Enter opens.
import { openPalette } from "./palette.js";

function isTyping(target) {
  return target.matches?.("input:not([type=checkbox]), textarea, select, [contenteditable]") ?? false;
}

function walk(step) {
  const rows = [...document.querySelectorAll(".ym-table tbody tr")].filter((row) => row.querySelector("a, input"));
  if (!rows.length) return;
  const at = rows.indexOf(document.activeElement.closest?.("tr"));
  const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
  (next.querySelector("th a, td a") ?? next.querySelector("input")).focus();
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "/") {
    event.preventDefault();
    openPalette();
  } else if (event.key === "j" || event.key === "k") {
    walk(event.key === "j" ? 1 : -1);
  } else if (event.key === "x") {
    document.activeElement.closest?.("tr")?.querySelector("input[name=selected]")?.click();
  }
});
