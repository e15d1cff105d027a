// Answer a question by keyboard: 1, 2, N, U press the button that carries the key.
import { each } from "../ui/start.js";

each("[data-answers]", (answers) => {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    const choice = answers.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (choice && document.contains(answers)) {
      event.preventDefault();
      choice.click();
    }
  });
});
