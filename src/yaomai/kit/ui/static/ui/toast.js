// Short messages at the edge of the screen, and copying.
import { each, make, text } from "./start.js";

const SECONDS_SHOWN = 5;

/** Say something briefly; tones: good, bad, info. */
export function toast(message, tone = "info") {
  const place = document.getElementById("ym-toasts");
  const note = make("div", { className: `ym-toast ym-toast-${tone}` }, message);
  place.append(note);
  setTimeout(() => note.remove(), SECONDS_SHOWN * 1000);
}

each("[data-copy]", (button) => {
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      toast(text("copied"), "good");
    } catch {
      toast(text("failed"), "bad");
    }
  });
});

// A server answer may carry a toast: HX-Trigger: {"toast": {"message": "…", "tone": "good"}}
document.addEventListener("toast", (event) => toast(event.detail.message, event.detail.tone));
document.addEventListener("htmx:responseError", (event) => {
  const told = event.detail.xhr.getResponseHeader("X-Message");
  toast(told ? decodeURIComponent(told) : text("failed"), "bad");
});
document.addEventListener("htmx:sendError", () => toast(text("failed"), "bad"));
// A part of the page that does not come leaves a link in its place.
for (const failing of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failing, (event) => {
    for (const place of event.detail.target?.querySelectorAll(".ym-later") ?? []) place.classList.add("ym-later-failed");
  });
}
