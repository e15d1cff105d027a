// Draws charts when they come into view; the library is fetched only then.
import { optionsOf } from "./chart_options.js";
import { each, make } from "./start.js";

const drawn = new Map();
let library = null;

function echarts() {
  library ??= import(document.querySelector("meta[name=ym-echarts]").content);
  return library;
}

function save(name, address) {
  make("a", { download: name, href: address }).click();
}

function csv(table) {
  const quote = (text) => `"${text.replace(/"/g, '""')}"`;
  const plain = (cell) => cell.querySelector("data")?.value ?? cell.textContent.trim();
  const lines = [...table.rows].map((row) => [...row.cells].map((cell) => quote(plain(cell))).join(","));
  // The mark at the head makes Excel read UTF-8.
  return new Blob(["\ufeff", lines.join("\r\n")], { type: "text/csv" });
}

function fileName(figure) {
  return figure.querySelector(".ym-chart-finding").textContent.trim().replace(/[\\/:*?"<>|\s]+/g, "_").slice(0, 60);
}

async function draw(figure) {
  const { init } = await echarts();
  if (!figure.isConnected) return;
  const chart = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
  const canvas = figure.querySelector("[data-chart-canvas]");
  const instance = init(canvas);
  const paint = () => {
    if (!canvas.clientWidth) return;
    instance.resize();
    instance.setOption(optionsOf(chart, canvas.clientWidth), true);
  };
  paint();
  const watcher = new ResizeObserver(() => {
    if (figure.isConnected) paint();
    else forget(figure);
  });
  watcher.observe(canvas);
  drawn.set(figure, { instance, paint, watcher });
  figure.dataset.chartDrawn = "";
}

// A drawing is made anew by the other painter of the library, out of sight.
async function saveDrawing(figure, canvas) {
  const { init } = await echarts();
  const chart = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const instance = init(null, null, { renderer: "svg", ssr: true, width, height });
  instance.setOption({ ...optionsOf(chart, width), animation: false });
  const address = URL.createObjectURL(new Blob([instance.renderToSVGString()], { type: "image/svg+xml" }));
  instance.dispose();
  save(`${fileName(figure)}.svg`, address);
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

function forget(figure) {
  const { instance, watcher } = drawn.get(figure);
  watcher.disconnect();
  instance.dispose();
  drawn.delete(figure);
}

const inView = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      inView.unobserve(entry.target);
      draw(entry.target);
    }
  },
  { rootMargin: "200px" },
);

each("figure[data-chart]", (figure) => {
  const canvas = figure.querySelector("[data-chart-canvas]");
  const rows = figure.querySelector("[data-chart-rows]");
  const toggle = figure.querySelector("[data-chart-table]");
  const picture = figure.querySelector("[data-chart-picture]");
  const drawing = figure.querySelector("[data-chart-drawing]");
  const showTable = (isShown) => {
    rows.hidden = !isShown;
    canvas.hidden = isShown;
    picture.hidden = isShown;
    drawing.hidden = isShown;
    toggle.setAttribute("aria-pressed", String(isShown));
  };
  figure.querySelector("[data-chart-tools]").hidden = false;
  showTable(false);
  toggle.addEventListener("click", () => showTable(rows.hidden));
  figure.querySelector("[data-chart-data]").addEventListener("click", () => {
    const address = URL.createObjectURL(csv(rows.querySelector("table")));
    save(`${fileName(figure)}.csv`, address);
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  });
  picture.addEventListener("click", () => {
    const background = getComputedStyle(document.documentElement).getPropertyValue("--ym-surface").trim();
    save(`${fileName(figure)}.png`, drawn.get(figure).instance.getDataURL({ pixelRatio: 2, backgroundColor: background }));
  });
  drawing.addEventListener("click", () => saveDrawing(figure, canvas));
  inView.observe(figure);
});

const repaintAll = () => drawn.forEach(({ paint }) => paint());
new MutationObserver(repaintAll).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });

// Paper is white: print in the light colours, whatever the screen has.
let screenTheme = null;
window.addEventListener("beforeprint", () => {
  screenTheme = document.documentElement.dataset.bsTheme;
  document.documentElement.dataset.bsTheme = "light";
  repaintAll();
});
window.addEventListener("afterprint", () => {
  document.documentElement.dataset.bsTheme = screenTheme;
});
