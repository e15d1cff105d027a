// Dialogs: opened in place, fetched, or asked for confirmation.
import { each, make, text } from "./start.js";
import { toast, told } from "./toast.js";

function icon(name) {
  const sprite = document.querySelector(".ym-icon use")?.getAttribute("href").split("#")[0] ?? "";
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "ym-icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

/** Show `content` (nodes) in a modal dialog that removes itself when closed; return the dialog. */
export function show(title, ...content) {
  const close = make("button", { type: "button", className: "ym-tool" }, icon("x"));
  close.setAttribute("aria-label", text("close"));
  close.dataset.close = "";
  const body = make("div", { className: "ym-dialog-body" }, ...content);
  const heading = make("h2", {}, title);
  const dialog = make("dialog", { className: "ym-dialog" }, make("div", { className: "ym-dialog-head" }, heading, close), body);
  dialog.setAttribute("aria-label", title);
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  window.htmx?.process(dialog);
  return dialog;
}

/** Take a page's heading out of it: the dialog says it, and closing leads back. */
function headingOf(page) {
  const heading = page.querySelector(".ym-page-header h1");
  const header = heading?.closest(".ym-page-header");
  header?.querySelector(".ym-back")?.remove();
  heading?.remove();
  if (header && !header.textContent.trim()) header.remove();
  return heading?.textContent.trim();
}

async function showFetched(link) {
  const answer = await fetch(link.href, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok) {
    toast(told(answer?.headers.get("X-Message")), "bad");
    return;
  }
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  const title = headingOf(parsed) || link.getAttribute("aria-label") || link.textContent.trim() || link.title;
  const dialog = show(title, ...parsed.body.childNodes);
  dialog.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true, detail: { elt: dialog } }));
}

/** Ask a yes-or-no question; resolve to true when it is confirmed. */
export function confirm(question, action, isDanger) {
  return new Promise((resolve) => {
    const yes = make("button", { type: "button", className: `btn ${isDanger ? "btn-danger" : "btn-primary"}` }, action);
    const no = make("button", { type: "button", className: "btn" }, text("cancel"));
    const dialog = show(text("confirm"), make("p", {}, question), make("div", { className: "ym-form-actions" }, yes, no));
    dialog.classList.add("ym-dialog-small");
    let answer = false;
    yes.addEventListener("click", () => {
      answer = true;
      dialog.close();
    });
    no.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => resolve(answer));
    (isDanger ? no : yes).focus();
  });
}

each("a[data-dialog]", (link) => {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    showFetched(link);
  });
});

each("details[data-why]", (details) => {
  details.querySelector("summary").addEventListener("click", (event) => {
    event.preventDefault();
    const label = event.currentTarget.getAttribute("aria-label");
    show(label, details.querySelector(".ym-why-card").cloneNode(true));
  });
});

each("button[data-open]", (button) => {
  button.addEventListener("click", () => document.getElementById(button.dataset.open).showModal());
});

// A click on the backdrop or on a closing button closes; the backdrop is outside the dialog's box.
document.addEventListener("click", (event) => {
  const dialog = event.target.closest("dialog");
  if (!dialog) return;
  if (event.target.closest("[data-close]")) dialog.close();
  if (event.target !== dialog) return;
  const box = dialog.getBoundingClientRect();
  const isInside =
    event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!isInside) dialog.close();
});

// The question is asked before the form is sent; the second sending carries the answer.
const confirmed = new WeakSet();
document.addEventListener("submit", async (event) => {
  const form = event.target;
  const asking = event.submitter?.dataset.confirm ? event.submitter : form.dataset.confirm ? form : null;
  if (!asking || confirmed.has(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const submitter = event.submitter;
  const isDanger = submitter?.matches(".btn-danger, .btn-outline-danger") ?? false;
  if (!(await confirm(asking.dataset.confirm, submitter?.textContent.trim() || text("confirm"), isDanger))) return;
  confirmed.add(form);
  form.requestSubmit(submitter);
  confirmed.delete(form);
}, true);
