// The calendar by mouse and keyboard: while a visit is dragged every half-day says what would break there; where nothing
// breaks it is moved at once, elsewhere the form asks for the reason. Without this script every visit has its link to
// that form; with the keyboard a chosen visit moves by half a day with the arrow keys.
import { each } from "../ui/start.js";

let dragged = null;
let breaks = {};

function cells() {
  return Array.from(document.querySelectorAll("[data-cell]"));
}

async function look(card) {
  const all = cells().map((cell) => cell.dataset.day);
  const answer = await fetch(`${card.dataset.breaks}?since=${all[0]}&until=${all[all.length - 1]}`, {
    headers: { Accept: "application/json" },
  });
  if (!answer.ok || dragged !== card) return;
  breaks = (await answer.json()).breaks;
  for (const cell of cells()) {
    const words = breaks[cell.dataset.cell] || [];
    cell.classList.toggle("pl-breaks", words.length > 0);
    cell.classList.toggle("pl-free", words.length === 0);
    cell.querySelector("[data-says]").textContent = words.join("；");
  }
}

function clear() {
  for (const cell of cells()) {
    cell.classList.remove("pl-breaks", "pl-free", "pl-over");
    cell.querySelector("[data-says]").textContent = "";
  }
  breaks = {};
  dragged = null;
}

function ask(card, cell) {
  const link = card.querySelector("[data-move]");
  const before = link.href;
  const address = new URL(link.href);
  address.searchParams.set("day", cell.dataset.day);
  address.searchParams.set("half", cell.dataset.half);
  link.href = address;
  link.click();
  link.href = before;
}

function put(card, cell) {
  const words = breaks[cell.dataset.cell];
  if (!words || words.length) {
    ask(card, cell);
    return;
  }
  const form = document.querySelector("[data-move-form]");
  form.action = card.querySelector("[data-move]").href.split("?")[0];
  form.elements.day.value = cell.dataset.day;
  form.elements.half.value = cell.dataset.half;
  form.requestSubmit();
}

each("[data-visit][draggable=true]", (card) => {
  card.addEventListener("dragstart", (event) => {
    dragged = card;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.dataset.visit);
    look(card);
  });
  card.addEventListener("dragend", clear);
  card.addEventListener("keydown", (event) => {
    if (event.target !== card) return;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const all = cells();
    const here = all.indexOf(card.closest("[data-cell]"));
    const there = all[here + (event.key === "ArrowRight" || event.key === "ArrowLeft" ? 2 * step : step)];
    if (!there) return;
    event.preventDefault();
    ask(card, there);
  });
});

each("[data-cell]", (cell) => {
  cell.addEventListener("dragover", (event) => {
    if (!dragged || dragged.closest("[data-cell]") === cell) return;
    event.preventDefault();
    cell.classList.add("pl-over");
  });
  cell.addEventListener("dragleave", (event) => {
    if (!cell.contains(event.relatedTarget)) cell.classList.remove("pl-over");
  });
  cell.addEventListener("drop", (event) => {
    if (!dragged || dragged.closest("[data-cell]") === cell) return;
    event.preventDefault();
    const card = dragged;
    put(card, cell);
    clear();
  });
});

each("[data-people]", (select) => {
  select.addEventListener("change", () => {
    location.href = select.value;
  });
});
