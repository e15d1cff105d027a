// Turns a chart's data (kit/ui/charts.py) into ECharts options in the colours of the page.

function colours() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(`--ym-${name}`).trim();
  return {
    palette: [1, 2, 3, 4, 5, 6].map((number) => read(`chart-${number}`)),
    tiers: [1, 2, 3, 4, 5].map((number) => read(`chart-tier-${number}`)),
    tones: { accent: read("chart-1"), muted: read("chart-muted"), good: read("good"), warn: read("warn"), bad: read("bad") },
    ink: read("ink"),
    quiet: read("ink-2"),
    line: read("line"),
    surface: read("surface"),
    font: style.getPropertyValue("--ym-font").trim(),
  };
}

/** Return a function that writes numbers as the server does: 123.5万 in Chinese, 1.2M in English. */
export function writer(unit, language) {
  const steps = language === "zh" ? [[1e8, "亿"], [1e4, "万"]] : [[1e9, "B"], [1e6, "M"], [1e3, "K"]];
  const short = (value) => {
    for (const [size, name] of steps) {
      if (Math.abs(value) >= size) return `${+(value / size).toFixed(1)}${name}`;
    }
    return String(+value.toFixed(2));
  };
  if (unit === "percent") return (value) => `${+(value * 100).toFixed(1)}%`;
  if (unit === "money") return (value) => (value < 0 ? `−¥${short(-value)}` : `¥${short(value)}`);
  return short;
}

function exact(unit) {
  if (unit === "percent") return (value) => `${+(value * 100).toFixed(2)}%`;
  const written = (value) => value.toLocaleString("zh-CN", { maximumFractionDigits: 2 });
  return unit === "money" ? (value) => `¥${written(value)}` : written;
}

function axisTip(chart, points) {
  const list = Array.isArray(points) ? points : [points];
  const write = exact(chart.unit);
  const lines = list
    .filter((point) => point.value !== null && point.value !== undefined && point.value !== "-")
    .map((point) => `${point.seriesName}  ${write(Number(point.value))}`);
  const marks = chart.marks.filter((mark) => mark.at === list[0].name).map((mark) => mark.text);
  return [list[0].name, ...lines, ...marks].join("\n");
}

function base(chart, paint, isNarrow) {
  return {
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    animationDuration: 240,
    animationDurationUpdate: 160,
    textStyle: { fontFamily: paint.font, color: paint.quiet, fontSize: 12 },
    color: paint.palette,
    grid: { left: 8, right: isNarrow ? 12 : 24, top: 28, bottom: 4, containLabel: true },
    tooltip: {
      // Drawn on the canvas: HTML tips carry inline styles, which the content security policy refuses.
      renderMode: "richText",
      confine: true,
      backgroundColor: paint.surface,
      borderColor: paint.line,
      textStyle: { color: paint.ink, fontSize: 12, lineHeight: 20, fontFamily: paint.font },
    },
  };
}

function categoryAxis(labels, paint) {
  return {
    type: "category",
    data: labels,
    axisLine: { lineStyle: { color: paint.line } },
    axisTick: { show: false },
    axisLabel: { color: paint.quiet, hideOverlap: true },
  };
}

function valueAxis(write, paint) {
  return {
    type: "value",
    splitNumber: 4,
    axisLabel: { color: paint.quiet, formatter: write },
    splitLine: { lineStyle: { color: paint.line } },
  };
}

function series(chart, paint, isNarrow) {
  const write = writer(chart.unit, chart.language);
  const isSingle = chart.series.length === 1;
  return chart.series.map((entry, index) => {
    const colour = paint.tones[entry.tone] ?? paint.palette[index % paint.palette.length];
    const drawn = entry.drawn || { line: "line", rank: "bar", bar: "bar", stack: "bar" }[chart.kind];
    const shared = { name: entry.name, data: entry.values, itemStyle: { color: colour } };
    if (drawn === "bar") {
      return {
        ...shared,
        type: "bar",
        stack: chart.kind === "stack" ? "all" : undefined,
        barMaxWidth: chart.kind === "rank" ? 16 : 28,
        itemStyle: { color: colour, borderRadius: chart.kind === "stack" ? 0 : chart.kind === "rank" ? [0, 3, 3, 0] : [3, 3, 0, 0] },
        label: {
          show: chart.kind === "rank" || (isSingle && chart.labels.length <= (isNarrow ? 6 : 14)),
          position: chart.kind === "rank" ? "right" : "top",
          color: paint.quiet,
          formatter: (point) => write(point.value),
        },
        markLine: index === 0 ? markLine(chart, paint) : undefined,
      };
    }
    return {
      ...shared,
      type: "line",
      symbolSize: 6,
      showSymbol: chart.labels.length <= 16,
      connectNulls: false,
      lineStyle: { width: 2, color: colour, type: entry.is_dashed ? "dashed" : "solid" },
      areaStyle: drawn === "area" ? { color: colour, opacity: 0.14 } : undefined,
      endLabel: isSingle || isNarrow || chart.kind !== "line" ? undefined : { show: true, formatter: "{a}", color: entry.tone === "muted" ? paint.quiet : colour, fontWeight: 500 },
      labelLayout: { moveOverlap: "shiftY" },
      markLine: index === 0 ? markLine(chart, paint) : undefined,
    };
  });
}

function markLine(chart, paint) {
  if (!chart.marks.length) return undefined;
  return {
    symbol: ["none", "triangle"],
    symbolSize: 7,
    silent: true,
    lineStyle: { color: paint.quiet, type: "dotted", width: 1 },
    label: { show: chart.marks.length <= 4, color: paint.quiet, formatter: (mark) => mark.name, position: "end" },
    data: chart.marks.map((mark) => ({ name: mark.text, xAxis: mark.at })),
  };
}

function along(chart, paint, isNarrow) {
  const write = writer(chart.unit, chart.language);
  const option = base(chart, paint, isNarrow);
  const needsLegend = chart.series.length > 1 && (chart.kind !== "line" || isNarrow);
  const longest = Math.max(0, ...chart.series.map((entry) => [...entry.name].length));
  return {
    ...option,
    grid: {
      ...option.grid,
      top: needsLegend ? 40 : 28,
      right: !isNarrow && chart.kind === "line" && chart.series.length > 1 ? 24 + longest * 13 : option.grid.right,
    },
    legend: needsLegend
      ? { top: 0, left: 0, icon: "roundRect", itemWidth: 10, itemHeight: 10, itemGap: 16, textStyle: { color: paint.quiet } }
      : undefined,
    tooltip: { ...option.tooltip, trigger: "axis", axisPointer: { type: "line", lineStyle: { color: paint.quiet } }, formatter: (points) => axisTip(chart, points) },
    xAxis: categoryAxis(chart.labels, paint),
    yAxis: valueAxis(write, paint),
    series: series(chart, paint, isNarrow),
  };
}

function rank(chart, paint, isNarrow) {
  const option = along(chart, paint, isNarrow);
  return {
    ...option,
    grid: { ...option.grid, top: 4, right: 64 },
    xAxis: { type: "value", show: false },
    yAxis: { ...categoryAxis(chart.labels, paint), inverse: true, axisLine: { show: false }, axisLabel: { color: paint.ink, width: isNarrow ? 120 : 200, overflow: "break" } },
  };
}

function cuts(chart, paint) {
  if (!chart.cuts) return undefined;
  return {
    silent: true,
    symbol: "none",
    lineStyle: { color: paint.quiet, type: "dashed", width: 1 },
    label: { color: paint.quiet, formatter: (line) => String(line.value) },
    data: [{ xAxis: chart.cuts[0] }, { yAxis: chart.cuts[1] }],
  };
}

function scatter(chart, paint, isNarrow) {
  const option = base(chart, paint, isNarrow);
  const plain = writer("number", chart.language);
  const named = (axis, at) => ({ ...axis, name: chart.axes[at], nameLocation: at ? "end" : "middle", nameGap: at ? 14 : 28, nameTextStyle: { color: paint.quiet, align: at ? "left" : "center" }, axisLine: { ...axis.axisLine, onZero: false } });
  // What is told of a hundred ends at a hundred.
  const most = ({ max }) => (max <= 100 ? 100 : null);
  return {
    ...option,
    grid: { ...option.grid, top: 36, bottom: 44 },
    tooltip: { ...option.tooltip, formatter: (point) => `${point.value[2]}\n${chart.axes[0]} ${plain(point.value[0])}\n${chart.axes[1]} ${plain(point.value[1])}` },
    xAxis: named(valueAxis(plain, paint), 0),
    yAxis: { ...named(valueAxis(writer(chart.unit, chart.language), paint), 1), max: most },
    series: [{ type: "scatter", data: chart.points, symbolSize: 9, itemStyle: { color: paint.palette[0], opacity: 0.75 }, markLine: cuts(chart, paint) }],
  };
}

function flow(chart, paint, isNarrow) {
  const option = base(chart, paint, isNarrow);
  const count = writer("number", chart.language);
  const money = exact("money");
  const label = Object.fromEntries(chart.nodes.map((node) => [node.name, node.label]));
  const total = (name) => {
    const own = chart.links.filter((link) => link.source === name || link.target === name);
    return own.reduce((sum, link) => sum + link.value, 0);
  };
  return {
    ...option,
    tooltip: {
      ...option.tooltip,
      formatter: ({ dataType, data }) =>
        dataType === "edge"
          ? [`${label[data.source]} → ${label[data.target]}`, count(data.value), ...(data.amount ? [money(data.amount)] : [])].join("\n")
          : `${label[data.name]}\n${count(total(data.name))}`,
    },
    series: [
      {
        type: "sankey",
        left: isNarrow ? 76 : 120,
        right: isNarrow ? 76 : 120,
        top: 8,
        bottom: 8,
        nodeWidth: 12,
        nodeGap: 14,
        draggable: false,
        layoutIterations: 0,
        emphasis: { focus: "adjacency" },
        lineStyle: { color: "source", opacity: 0.28, curveness: 0.5 },
        data: chart.nodes.map((node) => ({
          name: node.name,
          depth: node.side === "left" ? 0 : 1,
          itemStyle: { color: paint.tiers[Math.min(node.rank, paint.tiers.length) - 1] ?? paint.tones.muted },
          label: {
            position: node.side,
            color: paint.ink,
            fontFamily: paint.font,
            formatter: `${node.label}  ${count(total(node.name))}`,
            overflow: "break",
            width: isNarrow ? 68 : 112,
          },
        })),
        links: chart.links,
      },
    ],
  };
}

function network(chart, paint, isNarrow) {
  const option = base(chart, paint, isNarrow);
  const count = writer("number", chart.language);
  const label = Object.fromEntries(chart.nodes.map((node) => [node.name, node.label]));
  const degree = Object.fromEntries(chart.nodes.map((node) => [node.name, 0]));
  for (const { source, target } of chart.links) {
    degree[source] += 1;
    degree[target] += 1;
  }
  // Among hundreds only the best connected are named; the others on pointing at them, and in the table.
  const named = isNarrow ? 8 : 24;
  const least = Object.values(degree).sort((a, b) => b - a)[Math.min(named, chart.nodes.length) - 1] ?? 0;
  return {
    ...option,
    tooltip: {
      ...option.tooltip,
      formatter: ({ dataType, data }) =>
        dataType === "edge"
          ? `${label[data.source]} – ${label[data.target]}\n${chart.heading} ${count(data.value)}`
          : `${data.label.formatter}\n${count(degree[data.name])}`,
    },
    series: [
      {
        type: "graph",
        layout: chart.nodes.every((node) => node.at) ? "none" : "force",
        left: 24,
        right: isNarrow ? 40 : 72,
        top: 16,
        bottom: 16,
        preserveAspect: true, // dots stay round
        roam: "move",
        draggable: true,
        emphasis: { focus: "adjacency", label: { show: true } },
        labelLayout: { hideOverlap: true },
        lineStyle: { color: paint.line, opacity: 0.9, curveness: 0 },
        force: { initLayout: "circular", layoutAnimation: false, repulsion: isNarrow ? 40 : 90, gravity: 0.12, edgeLength: isNarrow ? [12, 50] : [20, 90] },
        data: chart.nodes.map((node) => ({
          name: node.name,
          // About as many units as there are pixels: ties are drawn to whole units.
          ...(node.at && { x: node.at[0] * (isNarrow ? 320 : 1100), y: node.at[1] * (isNarrow ? 600 : 520) }),
          symbolSize: (isNarrow ? 5 : 7) + 2 * Math.sqrt(degree[node.name]),
          itemStyle: { color: paint.palette[(node.rank - 1) % paint.palette.length] },
          label: { show: degree[node.name] >= least, formatter: node.label, position: "right", color: paint.ink, fontFamily: paint.font },
        })),
        links: chart.links.map((link) => ({ ...link, lineStyle: { width: Math.min(1 + link.value / 3, 5) } })),
      },
    ],
  };
}

const KINDS = { line: along, bar: along, stack: along, rank, scatter, flow, network };

/** Return the ECharts options of a chart for the width it has. */
export function optionsOf(chart, width) {
  return KINDS[chart.kind](chart, colours(), width < 520);
}
