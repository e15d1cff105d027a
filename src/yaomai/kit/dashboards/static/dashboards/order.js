// Moves the cards of a board up and down: what the form sends is in the order of the page.
for (const list of document.querySelectorAll("[data-order]")) {
  for (const tools of list.querySelectorAll(".db-order-tools")) tools.hidden = false;
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-order-up], [data-order-down]");
    if (!button) return;
    const item = button.closest("li");
    const isUp = "orderUp" in button.dataset;
    const other = isUp ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    if (isUp) other.before(item);
    else other.after(item);
    button.focus();
    item.closest("form").dispatchEvent(new Event("change", { bubbles: true }));
  });
}
