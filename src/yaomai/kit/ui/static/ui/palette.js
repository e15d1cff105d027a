// The command palette: Ctrl-K, /, or the search box; arrows, Enter, Esc.

const box = document.getElementById("ym-palette");
const input = document.getElementById("ym-palette-input");
const list = document.getElementById("ym-palette-list");

function choices() {
  return [...list.querySelectorAll("a[role=option]")];
}

function choose(choice) {
  for (const other of choices()) other.setAttribute("aria-selected", String(other === choice));
  if (choice) {
    input.setAttribute("aria-activedescendant", choice.id);
    choice.scrollIntoView({ block: "nearest" });
  } else {
    input.removeAttribute("aria-activedescendant");
  }
}

function move(step) {
  const all = choices();
  if (!all.length) return;
  const at = all.findIndex((choice) => choice.getAttribute("aria-selected") === "true");
  choose(all[(at + step + all.length) % all.length]);
}

/** Open the palette with what was typed so far. */
export function openPalette(query = "") {
  if (!box || box.open) return;
  box.showModal();
  input.value = query;
  input.focus();
  input.dispatchEvent(new Event("palette-open"));
}

if (box) {
  list.addEventListener("htmx:afterSwap", () => choose(choices()[0]));
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      list.querySelector("[aria-selected=true]")?.click();
    }
  });
  list.addEventListener("mousemove", (event) => {
    const choice = event.target.closest("a[role=option]");
    if (choice) choose(choice);
  });
  for (const opener of document.querySelectorAll("[data-palette-opener]")) {
    opener.addEventListener("click", () => openPalette(opener.value));
    opener.addEventListener("input", () => {
      openPalette(opener.value);
      opener.value = "";
    });
  }
}
