// Short messages at the edge of the screen, and copying.
import { each, make, text } from "./start.js";

const SECONDS_SHOWN = 5;

/** Say something briefly; tones: good, bad, info. */
export function toast(message, tone = "info") {
  const place = document.getElementById("ym-toasts");
  // The same is not said twice at once.
  if ([...place.children].some((note) => note.textContent === message)) return;
  const note = make("div", { className: `ym-toast ym-toast-${tone}` }, message);
  place.append(note);
  setTimeout(() => note.remove(), SECONDS_SHOWN * 1000);
}

/** Return what the server says of a refusal in its header, else that it failed. */
export function told(header) {
  return header ? decodeURIComponent(header) : text("failed");
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
  toast(told(event.detail.xhr.getResponseHeader("X-Message")), "bad");
});
document.addEventListener("htmx:sendError", () => toast(text("failed"), "bad"));
