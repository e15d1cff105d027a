// A file input on which files can be dropped.
import { each } from "./start.js";

function size(bytes) {
  const steps = ["B", "KB", "MB", "GB"];
  let value = bytes;
  let step = 0;
  while (value >= 1024 && step < steps.length - 1) {
    value /= 1024;
    step += 1;
  }
  return `${value.toFixed(step ? 1 : 0)} ${steps[step]}`;
}

each("[data-drop]", (zone) => {
  const input = zone.querySelector("input[type=file]");
  const names = zone.querySelector("[data-drop-names]");
  const show = () => {
    names.textContent = [...input.files].map((file) => `${file.name} (${size(file.size)})`).join(", ");
    zone.classList.toggle("ym-drop-filled", input.files.length > 0);
  };
  input.addEventListener("change", show);
  for (const kind of ["dragenter", "dragover"]) {
    zone.addEventListener(kind, (event) => {
      event.preventDefault();
      zone.classList.add("ym-drop-over");
    });
  }
  for (const kind of ["dragleave", "drop"]) {
    zone.addEventListener(kind, (event) => {
      event.preventDefault();
      zone.classList.remove("ym-drop-over");
    });
  }
  zone.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
});
