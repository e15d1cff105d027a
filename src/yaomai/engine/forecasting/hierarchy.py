"""Forecasts of sales by place, product and group of customers, reconciled: the parts add up to the whole.

Every combination of a place (or one above it), a product (or all) and a group (or all) is forecast by itself; then the lowest
ones are drawn to those that agree with all of them best, each weighed by how many lowest ones it holds (structural weighted
least squares: Athanasopoulos, Hyndman, Kourentzes and Petropoulos, 2017). Every other one is the sum of its parts.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import LinearOperator, cg

from yaomai.engine.forecasting.combining import COMBINED, LEVELS, NAIVE, Forecast, forecast
from yaomai.engine.forecasting.series import Note, cleaned, step
from yaomai.engine.forecasting.smoothing import Block

LAST_YEAR: Final = "last_season"
GRAVE: Final = ("spike", "negative", "ended")
_RECENT: Final = 3
_FIXED: Final = 1000.0
"""Weight of a lowest series that is over or too short: agreeing with others is no reason to move it."""

Key = tuple[Any, Any, Any]
"""Place, product, group; None for all products, all groups."""


@dataclass(frozen=True, slots=True)
class Node:
    """One combination: what was sold by month, oldest first; what is expected, with bounds by level; how wrong it was.

    wrong: by method, the sum of absolute errors over the sum of sales at earlier origins; None where none could be tried.
    scaled: by method, the mean absolute scaled error (MASE). covered: share of the later half within the 80 % interval of
    the earlier half, over all series of its length. is_rough: too short or over, so that it only counts into the sums.
    """

    key: Key
    sold: tuple[float, ...]
    mean: tuple[float, ...]
    bounds: Mapping[int, tuple[tuple[float, ...], tuple[float, ...]]]
    wrong: Mapping[str, float | None]
    scaled: Mapping[str, float | None]
    covered: float | None
    notes: tuple[tuple[Key, Note], ...]
    """What must be said, and of which lowest combination; of a whole only slips, returns and what is over."""
    is_rough: bool


def forecast_hierarchy(
    sold: Mapping[Key, Mapping[int, float]],
    above: Mapping[Any, Sequence[Any]],
    *,
    periods: int,
    last: date,
    horizon: int,
    season: int = 12,
) -> list[Node]:
    """Forecast all combinations that were sold.

    Args:
        sold: of the lowest combinations, sales by number of the month (0 to `periods` - 1).
        above: the places above each lowest place, itself included.
        last: a day of the last month.

    Returns:
        The nodes, in the order of their first appearance: a whole before its parts.
    """
    lowest, notes = _lowest(sold, periods, last, season)
    members = _members(list(lowest), above)
    keys = list(members)
    values = {key: sum((lowest[each][0] for each in members[key]), np.zeros(periods)) for key in keys}
    said = _each(values, horizon, season)
    for key in keys:  # what is too short or over has no method: it goes on as it was of late, or not at all
        if len(members[key]) == 1 and not lowest[members[key][0]][1]:
            said[key] = _Said(_rough(values[key], notes[members[key][0]], horizon), None, 0)
    mean = _reconciled(keys, members, list(lowest), said, horizon)
    return [
        _node(key, values[key], mean[number], said[key], _told(members[key], notes)) for number, key in enumerate(keys)
    ]


@dataclass(frozen=True, slots=True)
class _Said:
    mean: Block
    whole: Forecast | None
    row: int


def _lowest(
    sold: Mapping[Key, Mapping[int, float]], periods: int, last: date, season: int
) -> tuple[dict[Key, tuple[Block, bool]], dict[Key, list[Note]]]:
    """Return the lowest series without slips, and whether each can be forecast by itself; and what must be said of it."""
    found: dict[Key, tuple[Block, bool]] = {}
    notes: dict[Key, list[Note]] = {}
    for key, by_period in sold.items():
        values, said, usable = cleaned(by_period, periods=periods, last=last, season=season)
        found[key] = (values, usable)
        notes[key] = said
    return found, notes


def _members(lowest: Sequence[Key], above: Mapping[Any, Sequence[Any]]) -> dict[Key, list[Key]]:
    """Return, by combination, the lowest ones that it holds; a whole stands before its parts."""
    members: dict[Key, list[Key]] = defaultdict(list)
    for place, product, group in lowest:
        for over in above[place]:
            for some in (None, product):
                for kind in (None, group):
                    members[over, some, kind].append((place, product, group))
    order = sorted(members, key=lambda key: -len(members[key]))
    return {key: members[key] for key in order}


def _each(values: Mapping[Key, Block], horizon: int, season: int) -> dict[Key, _Said]:
    """Forecast every series by itself, from its first sale on, those of one length together."""
    by_length = defaultdict[int, list[Key]](list)
    for key, series in values.items():
        sales = np.flatnonzero(series)
        by_length[len(series) - int(sales[0]) if sales.size else 0].append(key)
    found: dict[Key, _Said] = {}
    for length, keys in by_length.items():
        if length < 6:
            found |= {key: _Said(_rough(values[key], [], horizon), None, 0) for key in keys}
            continue
        whole = forecast(np.stack([values[key][-length:] for key in keys]), horizon=horizon, season=season)
        found |= {key: _Said(whole.mean[row], whole, row) for row, key in enumerate(keys)}
    return found


def _rough(series: Block, notes: Sequence[Note], horizon: int) -> Block:
    """Return what goes on as it was in the last months; nothing of what is over."""
    if any(note.code in ("ended", "zeros") for note in notes):
        return np.zeros(horizon)
    return np.full(horizon, max(float(series[-_RECENT:].mean()), 0.0))


def _reconciled(
    keys: Sequence[Key],
    members: Mapping[Key, Sequence[Key]],
    lowest: Sequence[Key],
    said: Mapping[Key, _Said],
    horizon: int,
) -> Block:
    """Return the mean of every combination so that each is the sum of its parts."""
    place = {key: number for number, key in enumerate(lowest)}
    rows = [number for number, key in enumerate(keys) for _each in members[key]]
    columns = [place[each] for key in keys for each in members[key]]
    sums = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(keys), len(lowest)))
    weight = 1 / np.array([len(members[key]) for key in keys], float)
    weight[[said[key].whole is None and len(members[key]) == 1 for key in keys]] = _FIXED
    alone = np.stack([said[key].mean for key in keys])
    normal = LinearOperator((len(lowest),) * 2, matvec=lambda each: sums.T @ (weight * (sums @ each)), dtype=float)
    parts = np.empty((len(lowest), horizon))
    for ahead in range(horizon):
        parts[:, ahead] = cg(normal, sums.T @ (weight * alone[:, ahead]), rtol=1e-10, maxiter=2000)[0]
    found: Block = sums @ np.round(np.maximum(parts, 0.0), 2)
    return found


def _told(lowest: Sequence[Key], notes: Mapping[Key, Sequence[Note]]) -> list[tuple[Key, Note]]:
    kept = [(key, note) for key in lowest for note in notes[key]]
    return kept if len(lowest) == 1 else [each for each in kept if each[1].code in GRAVE]


def _node(key: Key, series: Block, mean: Block, said: _Said, notes: Sequence[tuple[Key, Note]]) -> Node:
    bounds = {}
    wrong: dict[str, float | None] = dict.fromkeys((COMBINED, LAST_YEAR, NAIVE))
    scaled: dict[str, float | None] = dict(wrong)
    covered = None
    if said.whole is not None:
        for level in LEVELS:
            low, high = (each[said.row] for each in said.whole.bounds[level])
            width = np.maximum(high - said.mean, said.mean - low)
            if not np.isfinite(width).all():
                continue
            bounds[level] = (
                tuple(np.round(np.maximum(mean - width, 0.0), 2).tolist()),
                tuple(np.round(mean + width, 2).tolist()),
            )
        for method in wrong:
            wrong[method], scaled[method] = said.whole.wrong(method, said.row), said.whole.scaled(method, said.row)
        covered = None if np.isnan(said.whole.coverage[LEVELS[0]]) else said.whole.coverage[LEVELS[0]]
    return Node(
        key, tuple(np.round(series, 2).tolist()), tuple(np.round(mean, 2).tolist()), bounds, wrong, scaled, covered,
        tuple(notes), said.whole is None,
    )  # fmt: skip


def months_ahead(last: date, horizon: int) -> list[date]:
    """Return the first days of the months to come."""
    return [step(last.replace(day=1), "month", number + 1) for number in range(horizon)]


def plain(note: Note) -> dict[str, Any]:
    """Return what must be said in both languages."""
    return {"code": note.code, "zh": note.text("zh"), "en": note.text("en")}
