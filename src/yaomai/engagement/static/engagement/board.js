// The board by mouse and keyboard: a card is dropped on a stage, or moved with the arrow keys; both open the form of
// the move, which asks for the reason. Without this script every card still has its link to that form.
import { each } from "../ui/start.js";

let dragged = null;

function open(card, stage) {
  const link = card.querySelector("[data-move]");
  const address = new URL(link.href);
  if (stage) address.searchParams.set("stage", stage);
  const before = link.href;
  link.href = address;
  link.click();
  link.href = before;
}

each("[data-card][draggable=true]", (card) => {
  card.addEventListener("dragstart", (event) => {
    dragged = card;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.querySelector("a").textContent.trim());
  });
  card.addEventListener("dragend", () => {
    dragged = null;
  });
  card.addEventListener("keydown", (event) => {
    if (event.target !== card) return;
    const stage = { ArrowRight: card.dataset.ahead, ArrowLeft: card.dataset.behind }[event.key];
    if (stage) {
      event.preventDefault();
      open(card, stage);
    }
  });
});

each("[data-stage]", (column) => {
  const isTarget = () => dragged && dragged.closest("[data-stage]") !== column;
  column.addEventListener("dragover", (event) => {
    if (!isTarget()) return;
    event.preventDefault();
    column.classList.add("en-over");
  });
  column.addEventListener("dragleave", (event) => {
    if (!column.contains(event.relatedTarget)) column.classList.remove("en-over");
  });
  column.addEventListener("drop", (event) => {
    column.classList.remove("en-over");
    if (!isTarget()) return;
    event.preventDefault();
    open(dragged, column.dataset.stage);
  });
});
