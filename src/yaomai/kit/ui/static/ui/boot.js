// Runs before the first paint, so that a dark screen does not flash white.
(function () {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  function apply() {
    const wish = root.dataset.theme;
    root.dataset.bsTheme = wish === "dark" || (wish === "auto" && dark.matches) ? "dark" : "light";
  }
  apply();
  dark.addEventListener("change", apply);
  new MutationObserver(apply).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
  root.classList.add("ym-scripted");
})();
