"""Charts of `kit.ui` as SVG, for paper: the same finding, the same numbers, drawn without a browser."""

from collections.abc import Callable, Iterator, Sequence
from html import escape
from math import ceil, floor, log10

from yaomai.kit.ui import formats
from yaomai.kit.ui.charts import Chart, Series

WIDTH, HEIGHT = 640, 190
LEFT, RIGHT, TOP, BOTTOM = 58, 16, 12, 28
PALETTE = ("#0f766e", "#b45309", "#4f6d9a", "#8a5a83", "#7a8b2a", "#5b6b73")
TONES = {"accent": PALETTE[0], "muted": "#b6c2c7", "good": "#15803d", "warn": "#b45309", "bad": "#b91c1c"}
_MOST_LABELS = 12
_MOST_BARS = 20


def svg(chart: Chart) -> str:
    """Return the picture of a chart; a flow diagram is told by its table instead and gives an empty picture."""
    height = max(60, 24 * min(len(chart.labels), _MOST_BARS) + 12) if chart.kind == "rank" else HEIGHT
    drawn = "".join(_DRAWN.get(chart.kind, _nothing)(chart))
    font = "font-family='Noto Sans CJK SC' font-size='11' fill='#5b6b73'"
    return f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' {font}>{drawn}</svg>"


def _nothing(_chart: Chart) -> Iterator[str]:
    yield ""


def _colour(series: Series, number: int) -> str:
    return TONES.get(series.tone, PALETTE[number % len(PALETTE)])


def _text(x: float, y: float, text: object, anchor: str = "start", **more: object) -> str:
    extra = "".join(f" {name.replace('_', '-')}='{value}'" for name, value in more.items())
    return f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}'{extra}>{escape(str(text))}</text>"


def _line(x1: float, y1: float, x2: float, y2: float, colour: str = "#d5dde0", width: float = 1) -> str:
    return f"<path d='M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}' stroke='{colour}' stroke-width='{width}' fill='none'/>"


def _rect(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f"<rect x='{x:.1f}' y='{y:.1f}' width='{max(width, 0):.1f}' height='{max(height, 0):.1f}' fill='{colour}'/>"


def _write(chart: Chart) -> Callable[[float], str]:
    return {"money": formats.short_money, "percent": formats.percent}.get(chart.unit, formats.short)


def steps(low: float, high: float, count: int = 4) -> list[float]:
    """Return round values from below `low` to above `high`, about `count` of them.

    >>> steps(0, 87)
    [0.0, 50.0, 100.0]
    """
    if high <= low:
        high = low + 1
    rough = (high - low) / count
    unit = 10.0 ** floor(log10(rough))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
    first, last = floor(low / step), ceil(high / step)
    return [number * step for number in range(first, last + 1)]


class _Axis:
    """Maps values to positions between two ends."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.ticks = steps(low, high)
        self.low, self.high, self.start, self.end = self.ticks[0], self.ticks[-1], start, end

    def at(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def _values(chart: Chart) -> list[float]:
    if chart.kind == "stack":
        sums = zip(*([value or 0 for value in series.values] for series in chart.series), strict=True)
        return [0.0, *(float(sum(values)) for values in sums)]
    return [0.0, *(float(value) for series in chart.series for value in series.values if value is not None)]


def _frame(chart: Chart) -> tuple[_Axis, list[str]]:
    values = _values(chart)
    axis = _Axis(min(values), max(values), HEIGHT - BOTTOM, TOP)
    write = _write(chart)
    drawn = []
    for tick in axis.ticks:
        drawn.append(_line(LEFT, axis.at(tick), WIDTH - RIGHT, axis.at(tick)))
        drawn.append(_text(LEFT - 6, axis.at(tick) + 4, write(tick), "end"))
    return axis, drawn


def _places(count: int) -> tuple[float, list[float]]:
    width = (WIDTH - RIGHT - LEFT) / max(count, 1)
    return width, [LEFT + width * (number + 0.5) for number in range(count)]


def _labels(chart: Chart, places: Sequence[float]) -> Iterator[str]:
    every = max(1, ceil(len(places) / _MOST_LABELS))
    for number, place in enumerate(places):
        if number % every == 0:
            yield _text(place, HEIGHT - 10, chart.labels[number], "middle")
    if len(chart.series) > 1:
        for number, series in enumerate(chart.series):
            x = LEFT + 110 * number
            yield _rect(x, 1, 8, 8, _colour(series, number)) + _text(x + 12, 9, series.name)


def _columns(chart: Chart) -> Iterator[str]:
    axis, drawn = _frame(chart)
    yield from drawn
    width, places = _places(len(chart.labels))
    is_stack = chart.kind == "stack"
    thick = min(28.0, width * 0.7 / (1 if is_stack else max(len(chart.series), 1)))
    below = [0.0] * len(places)
    for number, series in enumerate(chart.series):
        for position, value in enumerate(series.values):
            base = below[position] if is_stack else 0.0
            top = base + (value or 0)
            shift = -thick / 2 if is_stack else (number - len(chart.series) / 2) * thick
            ends = sorted((axis.at(base), axis.at(top)))
            yield _rect(places[position] + shift, ends[0], thick - 1, ends[1] - ends[0], _colour(series, number))
            below[position] = top
    yield from _labels(chart, places)


def _curves(chart: Chart) -> Iterator[str]:
    axis, drawn = _frame(chart)
    yield from drawn
    _width, places = _places(len(chart.labels))
    for number, series in enumerate(chart.series):
        colour = _colour(series, number)
        points = [(x, axis.at(value)) for x, value in zip(places, series.values, strict=True) if value is not None]
        path = " ".join(f"{'L' if index else 'M'}{x:.1f} {y:.1f}" for index, (x, y) in enumerate(points))
        dashed = " stroke-dasharray='5 4'" if series.is_dashed else ""
        yield f"<path d='{path}' fill='none' stroke='{colour}' stroke-width='2'{dashed}/>"
        yield "".join(f"<circle cx='{x:.1f}' cy='{y:.1f}' r='2.4' fill='{colour}'/>" for x, y in points)
    for mark in chart.marks:
        if mark.at in chart.labels:
            x = places[list(chart.labels).index(mark.at)]
            yield _line(x, TOP, x, HEIGHT - BOTTOM, TONES["warn"]) + _text(x + 3, TOP + 9, mark.text)
    yield from _labels(chart, places)


def _ranked(chart: Chart) -> Iterator[str]:
    [series, *_rest] = chart.series
    values = [float(value or 0) for value in series.values][:_MOST_BARS]
    most = max([abs(value) for value in values] or [1]) or 1
    write, room = _write(chart), WIDTH - 190 - 80
    for number, value in enumerate(values):
        y = 6 + 24 * number
        yield _text(182, y + 12, chart.labels[number], "end")
        yield _rect(190, y, abs(value) / most * room, 14, TONES["bad"] if value < 0 else _colour(series, 0))
        yield _text(196 + abs(value) / most * room, y + 12, write(value))


def _scattered(chart: Chart) -> Iterator[str]:
    cuts = [chart.cuts] if chart.cuts is not None else []
    across = [*(point[0] for point in chart.points), *(cut[0] for cut in cuts)] or [0]
    up = [*(point[1] for point in chart.points), *(cut[1] for cut in cuts)] or [0]
    x_axis = _Axis(min(across), max(across), LEFT, WIDTH - RIGHT)
    y_axis = _Axis(min(up), max(up), HEIGHT - BOTTOM, TOP)
    for tick in y_axis.ticks:
        yield _line(LEFT, y_axis.at(tick), WIDTH - RIGHT, y_axis.at(tick))
        yield _text(LEFT - 6, y_axis.at(tick) + 4, formats.short(tick), "end")
    for tick in x_axis.ticks:
        yield _text(x_axis.at(tick), HEIGHT - 14, formats.short(tick), "middle")
    yield _text(WIDTH - RIGHT, HEIGHT - 2, chart.axes[0], "end") + _text(4, 9, chart.axes[1])
    if chart.cuts is not None:
        yield _line(x_axis.at(chart.cuts[0]), TOP, x_axis.at(chart.cuts[0]), HEIGHT - BOTTOM, PALETTE[5])
        yield _line(LEFT, y_axis.at(chart.cuts[1]), WIDTH - RIGHT, y_axis.at(chart.cuts[1]), PALETTE[5])
    for x, y, name in chart.points:
        yield f"<circle cx='{x_axis.at(x):.1f}' cy='{y_axis.at(y):.1f}' r='3.5' fill='{PALETTE[0]}' fill-opacity='.75'/>"
        if len(chart.points) <= 2 * _MOST_LABELS:
            yield _text(x_axis.at(x) + 5, y_axis.at(y) - 4, name, font_size=9)


_DRAWN: dict[str, Callable[[Chart], Iterator[str]]] = {
    "line": _curves,
    "bar": _columns,
    "stack": _columns,
    "rank": _ranked,
    "scatter": _scattered,
}
