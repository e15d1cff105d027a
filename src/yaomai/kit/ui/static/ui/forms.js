// Forms: searching selects, one submission at a time, and no silent loss of what was typed.
import { each, text } from "./start.js";

let loading = null;

function tomSelect() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = document.querySelector("meta[name=ym-tom-select]").content;
    script.onload = () => resolve(window.TomSelect);
    script.onerror = reject;
    document.head.append(script);
  });
  return loading;
}

/** Wait until what a closed fold holds is wanted: most lists are read without ever opening their filters. */
function unfolded(element) {
  const fold = element.closest("details:not([open])");
  return fold ? new Promise((resolve) => fold.addEventListener("toggle", resolve, { once: true })) : Promise.resolve();
}

each("select[data-search], select[data-search-url]", async (select) => {
  await unfolded(select);
  const TomSelect = await tomSelect();
  const url = select.dataset.searchUrl;
  const label = select.labels?.[0];
  const options = {
    plugins: select.multiple ? { remove_button: { title: text("remove") } } : {},
    maxOptions: 200,
    // Who types fast and presses Enter means what was typed, not what was shown before.
    refreshThrottle: 0,
    placeholder: select.dataset.placeholder ?? "",
    render: {
      no_results: () => `<div class="no-results">${text("noResults")}</div>`,
      loading: () => `<div class="ym-select-loading">${text("loading")}</div>`,
      option: (item, escape) =>
        `<div>${escape(item.text)}${item.hint ? `<span class="ym-select-hint">${escape(item.hint)}</span>` : ""}</div>`,
    },
  };
  if (url) {
    Object.assign(options, {
      valueField: "value",
      labelField: "text",
      searchField: [],
      // The server decides what matches (pinyin, initials, aliases), so nothing is filtered here.
      score: () => () => 1,
      preload: "focus",
      // What an earlier text found must not stand there to be chosen, nor come in late.
      onType: () => control.clearOptions(),
      load: async (query, done) => {
        const address = new URL(url, location.href);
        address.searchParams.set("q", query);
        try {
          const answer = await fetch(address, { headers: { Accept: "application/json" } });
          const found = answer.ok ? (await answer.json()).results : [];
          done(control.inputValue() === query ? found : []);
        } catch {
          done([]);
        }
      },
    });
  }
  const control = new TomSelect(select, options);
  // The control stands for it, with its label; it stays only to be sent.
  select.setAttribute("aria-hidden", "true");
  if (label) control.control_input.setAttribute("aria-label", label.firstChild.textContent.trim());
});

// A second click must not send a second time; the page that comes back has fresh buttons.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "get" || form.dataset.sending !== undefined) {
    if (form.dataset.sending !== undefined) event.preventDefault();
    return;
  }
  if (form.matches("[hx-get], [hx-post], [data-theme-form]")) return;
  form.dataset.sending = "";
  form.classList.add("ym-sending");
  // A form that answers with a download leaves the page as it is: what it says then stands in place of the form.
  const after = document.getElementById(form.dataset.after ?? "");
  if (after) setTimeout(() => ([form.hidden, after.hidden] = [true, false]));
  setTimeout(() => release(form), 5000);
});

function release(form) {
  delete form.dataset.sending;
  form.classList.remove("ym-sending");
}

window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sending]").forEach(release));

// Who signed in anew has a new token: what is on the page can then be sent again as it is.
document.addEventListener("htmx:responseError", (event) => {
  const token = event.detail.xhr.getResponseHeader("X-Form-Token");
  if (!token) return;
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = token;
});

each("form[data-guard]", (form) => {
  let isDirty = false;
  form.addEventListener("input", () => (isDirty = true));
  form.addEventListener("submit", () => (isDirty = false));
  window.addEventListener("beforeunload", (event) => {
    if (isDirty && form.isConnected) event.preventDefault();
  });
});

// Filters that are a plain choice apply at once.
each("form[data-filters] [data-apply-on-change]", (field) => {
  field.addEventListener("change", () => field.form.requestSubmit());
});

// What was wrong with a field is no longer said once it is changed; whether the change is right, the server says.
for (const happening of ["input", "change"]) {
  document.addEventListener(happening, (event) => {
    const field = event.target.closest?.(".ym-field-wrong");
    if (!field) return;
    field.classList.remove("ym-field-wrong");
    field.querySelector(".ym-errors")?.remove();
    for (const control of field.querySelectorAll(".is-invalid, [aria-invalid]")) {
      control.classList.remove("is-invalid");
      control.removeAttribute("aria-invalid");
    }
  });
}
