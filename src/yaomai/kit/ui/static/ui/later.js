// Parts of a page that are fetched: what stands in their place is `{% later %}`.

// A part that does not come leaves a link in its place.
for (const failing of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failing, (event) => {
    for (const place of event.detail.target?.querySelectorAll(".ym-later") ?? []) place.classList.add("ym-later-failed");
  });
}

// Who waits on it by keyboard goes on in what comes.
let waiting = null;
document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  waiting = target.querySelector(".ym-later:focus-within, .ym-later:focus") ? target : null;
});
document.addEventListener("htmx:load", () => {
  waiting?.querySelector("a[href], button, input:not([type=hidden]), select, textarea, summary")?.focus();
  waiting = null;
});

// Who was led to something in a part that comes later is led there when it has come.
document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  if (location.hash.length < 2 || scrollY > 0) return;
  const wanted = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (wanted && elt.contains(wanted)) wanted.scrollIntoView();
});
