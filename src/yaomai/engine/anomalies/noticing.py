"""Notice periods that break with the past of their series, by medians: what is odd must not hide itself in a mean.

Values are compared on a scale that is linear near zero and logarithmic beyond (asinh), so that a tenfold month weighs the same
in a small and a large series, and returns below zero are possible. A level that moved is looked for first and taken out;
then the season, the median of each place in it over the cycles; then each period is compared with the median of its
neighbours. How widely a series scatters is the median deviation of what is left, drawn towards that of all series: a short
series knows little about itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import stats

Values = NDArray[np.float64]
Kind = Literal["surge", "drop", "level_up", "level_down"]
FEWEST: Final = 8
"""Periods below which a series has no past to break with."""
SIDE: Final = 6
"""Periods at most on each side of a period, or of a move, that it is compared with."""
FEWEST_BESIDE: Final = 3
MOST_MOVES: Final = 3
SMALLEST_MOVE: Final = float(np.log(1.5))
"""A level that moved by less than half is a trend, or nothing."""
_NORMAL: Final = 1.4826
_HEAVY: Final = 6
"""Degrees of freedom of the t distribution after which what is ordinary scatters: heavier at the ends than a normal one."""
_OWN: Final = 12
"""So many periods of its own weigh as much as all series together."""


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A period that breaks with the past of its series."""

    series: Any
    period: int
    """From 0, within the series."""
    kind: Kind
    value: float
    expected: float
    low: float
    high: float
    """Between these a period of this series ordinarily lies."""
    score: float
    """How many times the ordinary scatter it lies away."""


def notice(series: Mapping[Any, Values], *, season: int, false_alarms: float) -> list[Anomaly]:
    """Return what is odd in series, the oddest first.

    Args:
        season: periods of a season; one that is not seen twice is not used.
        false_alarms: chance that an ordinary period is called odd.
    """
    prepared = {key: _Prepared(values, season) for key, values in series.items() if len(values) >= FEWEST}
    if not prepared:
        return []
    limit = float(stats.t.isf(false_alarms / 2, _HEAVY))
    common = float(np.median([each.scatter for each in prepared.values()]))
    found: list[Anomaly] = []
    for key, each in prepared.items():
        found += each.anomalies(key, common, limit)
    return sorted(found, key=lambda anomaly: (-anomaly.score, str(anomaly.series), anomaly.period))


class _Prepared:
    """One series on its scale, without its season and without levels that moved."""

    def __init__(self, values: Values, season: int) -> None:
        sizes = np.abs(values[values != 0])
        self.values = values
        self.unit = float(np.median(sizes)) if len(sizes) else 1.0
        scaled = np.arcsinh(values / self.unit)
        calm = scaled - _season(scaled, season)
        self.moves, levels = _moves(calm, _scatter(calm - _beside(calm)))
        base = levels + _season(scaled - levels, season)
        self.expected = base + _beside(scaled - base)
        self.left = scaled - self.expected
        self.scatter = _scatter(self.left)

    def anomalies(self, key: Any, common: float, limit: float) -> Iterator[Anomaly]:
        count = len(self.values)
        weight = count / (count + _OWN)
        scatter = float(np.hypot(np.sqrt(weight) * self.scatter, np.sqrt(1 - weight) * common)) or 1e-9
        for period in np.flatnonzero(np.abs(self.left) > limit * scatter).tolist():
            yield self._anomaly(key, period, "surge" if self.left[period] > 0 else "drop", scatter, limit)
        for period, step, beside in self.moves:
            score = abs(step) / (scatter * beside)
            if score > limit:
                yield self._moved(key, period, step, scatter, limit, score)

    def _anomaly(self, key: Any, period: int, kind: Kind, scatter: float, limit: float) -> Anomaly:
        middle = self.expected[period]
        return Anomaly(
            key, period, kind, float(self.values[period]), self._back(middle), self._back(middle - limit * scatter),
            self._back(middle + limit * scatter), float(abs(self.left[period]) / scatter),
        )  # fmt: skip

    def _moved(self, key: Any, period: int, step: float, scatter: float, limit: float, score: float) -> Anomaly:
        before = self.expected[period] - step
        now = float(np.median(self.values[period : period + SIDE]))
        return Anomaly(
            key, period, "level_up" if step > 0 else "level_down", now, self._back(before),
            self._back(before - limit * scatter), self._back(before + limit * scatter), score,
        )  # fmt: skip

    def _back(self, scaled: float) -> float:
        return float(np.sinh(scaled) * self.unit)


def _scatter(left: Values) -> float:
    return float(_NORMAL * np.median(np.abs(left - np.median(left))))


def _windows(scaled: Values, first: int, last: int) -> Values:
    """Return, for each period, the values from `first` to before `last` periods away; NaN beyond the ends."""
    padded = np.pad(scaled, (max(0, -first), max(0, last - 1)), constant_values=np.nan)
    return sliding_window_view(padded, last - first)[max(0, -first) + first :][: len(scaled)]


def _beside(scaled: Values) -> Values:
    """Return the median of the neighbours of each period, itself left out."""
    half = SIDE // 2
    places = np.arange(len(scaled))
    first = np.clip(places - half, 0, max(0, len(scaled) - SIDE - 1))
    beside = first[:, None] + np.arange(SIDE)
    beside += beside >= places[:, None]
    beside = np.minimum(beside, len(scaled) - 1)
    return np.asarray(np.median(scaled[beside], axis=1))


def _moves(scaled: Values, scatter: float) -> tuple[list[tuple[int, float, float]], Values]:
    """Return moves of the level as (first period, step, scatter of a step in that of a period), and the level by period."""
    levels = np.zeros(len(scaled))
    moves: list[tuple[int, float, float]] = []
    possible = np.arange(FEWEST_BESIDE, len(scaled) - FEWEST_BESIDE + 1)
    # The median of n scatters by 1.2533 / sqrt(n).
    beside = 1.2533 * np.sqrt(1 / np.minimum(possible, SIDE) + 1 / np.minimum(len(scaled) - possible, SIDE))
    for _turn in range(MOST_MOVES):
        flat = scaled - levels
        before, after = _windows(flat, -SIDE, 0)[possible], _windows(flat, 0, SIDE)[possible]
        middles = np.nanmedian(before, axis=1), np.nanmedian(after, axis=1)
        steps = middles[1] - middles[0]
        within = np.maximum(
            np.nanmax(np.abs(before - middles[0][:, None]), axis=1),
            np.nanmax(np.abs(after - middles[1][:, None]), axis=1),
        )
        sharp = np.abs(steps) / (scatter * beside + 1e-9) - within / (np.abs(steps) + 1e-9)
        best = int(sharp.argmax())
        step = float(steps[best])
        if abs(step) < 4 * scatter * beside[best] or abs(step) < SMALLEST_MOVE:
            break
        period = int(possible[best])
        moves.append((period, step, float(beside[best])))
        levels[period:] += step
    return moves, levels


def _season(flat: Values, season: int) -> Values:
    """Return the median of each place of the season over the cycles, drawn to nothing where there are few."""
    if season < 2 or len(flat) < 2 * season:
        return np.zeros(len(flat))
    around = flat - np.nanmedian(_windows(flat, -(season // 2), season // 2 + 1), axis=1)
    places = np.array([_usual(around[place::season]) for place in range(season)])
    cycles = len(flat) / season
    return np.asarray(places[np.arange(len(flat)) % season] * (1 - 1 / (cycles + 1)))


def _usual(same_place: Values) -> float:
    """Return what the cycles agree on: of two, the smaller, for one of them may be odd."""
    if len(same_place) > 2:
        return float(np.median(same_place))
    first, second = same_place[0], same_place[-1]
    return float(min(first, second, key=abs)) if first * second > 0 else 0.0
