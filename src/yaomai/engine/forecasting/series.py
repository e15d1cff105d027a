"""Series by period from rows of a file, and what about them must be said before any forecast."""

import itertools
from calendar import monthrange
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import pyarrow.compute as pc

from yaomai.engine.columns import Source
from yaomai.engine.files.problems import InputProblem
from yaomai.engine.forecasting.combining import FEWEST
from yaomai.engine.forecasting.smoothing import Block
from yaomai.engine.prescriptions import names_count
from yaomai.engine.sources import SourceProblem
from yaomai.spellings import DayOrder

Period = Literal["day", "week", "month"]
SEASONS: Final[Mapping[Period, int]] = {"day": 7, "week": 52, "month": 12}
SPIKE: Final = 50
"""Times the largest other value from which a value is a slip, not sales."""

_PROBLEMS: Final[dict[str, tuple[str, str]]] = {
    "nothing": (
        "{file} 中没有可以预测的序列：{why}",
        "{file} has no series that can be forecast: {why}",
    ),
}
_WARNINGS: Final[dict[str, tuple[str, str]]] = {
    "short": (
        "只有 {found} 期，至少要 {needed} 期，不预测",
        "{found} periods only, at least {needed} are needed; no forecast",
    ),
    "zeros": ("全部为 0，不预测", "nothing but zeros; no forecast"),
    "ended": (
        "在 {last} 之后没有记录，不预测（若产品改名，请合并为一个编号）",
        "no rows after {last}; no forecast (if a product was renamed, give both names one id)",
    ),
    "gaps": ("有 {count} 期没有记录，按 0 计", "{count} periods have no row and count as 0"),
    "spike": (
        "{when} 的值是其余最大值的 {times} 倍，未用于预测，请核对",
        "the value of {when} is {times} times the largest other one; it is left out, check it",
    ),
    "negative": (
        "有 {count} 期为负（退货多于销售）",
        "{count} periods are negative (more returned than sold)",
    ),
    "one_season": (
        "不足两个季节周期，看不出季节性",
        "less than two seasons, so no season can be seen",
    ),
}


class SeriesProblem(InputProblem):
    """A file without any series to forecast."""

    messages = _PROBLEMS


@dataclass(slots=True)
class Series:
    """Series by id, all ending with the same period, and what must be said of them."""

    values: dict[Any, Block]
    last: date
    period: Period
    warnings: list[dict[str, str]] = field(default_factory=list)

    def ahead(self, steps: int) -> list[date]:
        """Give the periods to come, named like those of the file (a last day of the month stays one)."""
        return [step(self.last, self.period, number + 1) for number in range(steps)]


def step(day: date, period: Period, number: int) -> date:
    """Go some periods on.

    >>> step(date(2026, 1, 31), "month", 1)
    datetime.date(2026, 2, 28)
    """
    if period != "month":
        return day + timedelta(days=number * (7 if period == "week" else 1))
    year, month = divmod(day.year * 12 + day.month - 1 + number, 12)
    is_last = day.day == monthrange(day.year, day.month)[1] and day.day > 27
    most = monthrange(year, month + 1)[1]
    return date(year, month + 1, most if is_last else min(day.day, most))


def read_series(
    file: Path, *, identity: str, day: str, value: str, season: int | None, language: str,
    sheet: str | None = None, order: DayOrder = DayOrder.UNKNOWN, keeps_spikes: bool = False,
) -> Series:  # fmt: skip
    """Read series from rows of id, day and value; rows of one id and period are added up.

    A value that is a slip rather than sales is left out, unless slips are what is looked for (`keeps_spikes`).

    Raises:
        FileProblem: a value cannot be read.
        SeriesProblem: nothing can be forecast.
    """
    for column in (identity, day, value):
        if names_count(column):
            raise SourceProblem("prescriptions", file=file, column=column)
    source = Source.read(file, sheet).only_lines([day, value])
    columns = source.identity(identity), source.date(day, order), source.number(value)
    for name, column in zip((identity, day, value), columns, strict=True):
        missing = pc.index(pc.is_null(column), True).as_py()
        if missing >= 0:
            raise source.problem("no_value", missing, name, rows=column.null_count)
    days = sorted(set(columns[1].to_pylist()))
    if not days:
        raise SeriesProblem("nothing", file=file, why="—")
    period, sums = period_of(days), defaultdict[Any, dict[int, float]](lambda: defaultdict(float))
    for key, when, number in zip(*(column.to_pylist() for column in columns), strict=True):
        sums[key][number_of(when, period, days[0])] += number
    found = Series({}, days[-1], period)
    for key, by_period in sums.items():
        _add(found, key, by_period, days, season or SEASONS[period], language, keeps_spikes)
    if not found.values:
        raise SeriesProblem("nothing", file=file, why=found.warnings[0]["text"])
    return found


def period_of(days: list[date]) -> Period:
    gaps = [(later - earlier).days for earlier, later in itertools.pairwise(days)]
    if gaps and min(gaps) >= 28:
        return "month"
    return "week" if gaps and all(gap % 7 == 0 for gap in gaps) else "day"


def number_of(day: date, period: Period, first: date) -> int:
    if period == "month":
        return day.year * 12 + day.month - first.year * 12 - first.month
    return (day - first).days // (7 if period == "week" else 1)


@dataclass(frozen=True, slots=True)
class Note:
    """What must be said of a series, in Chinese or English."""

    code: str
    params: Mapping[str, Any]

    def text(self, language: str) -> str:
        chinese, english = _WARNINGS[self.code]
        return (chinese if language.startswith("zh") else english).format(**self.params)


def cleaned(
    by_period: Mapping[int, float],
    *,
    periods: int,
    last: date,
    season: int,
    period: Period = "month",
    keeps_spikes: bool = False,
) -> tuple[Block, list[Note], bool]:
    """Return a series of `periods` values up to `last`, what must be said of it, and whether it can be forecast.

    Before its first value it is 0. A value that is a slip rather than sales becomes the middle one (see `read_series`).
    """
    first, notes = min(by_period), list[Note]()

    def say(code: str, **params: Any) -> None:
        notes.append(Note(code, params))

    values = np.array([by_period.get(number, 0.0) for number in range(first, periods)])
    sizes = np.abs(values)
    top, second = int(sizes.argmax()), float(np.partition(sizes, -2)[-2]) if len(sizes) > 1 else 0.0
    is_spike = not keeps_spikes and second > 0 and sizes[top] > SPIKE * second
    if is_spike:
        values[top] = np.median(np.delete(values, top))
    usable = False
    if len(values) < FEWEST:
        say("short", found=len(values), needed=FEWEST)
    elif not sizes.any():
        say("zeros")
    elif periods - 1 - max(by_period) > max(2, season // 4):
        say("ended", last=step(last, period, max(by_period) - periods + 1))
    else:
        usable = True
        if gaps := len(values) - len(by_period):
            say("gaps", count=gaps)
        if negative := int((values < 0).sum()):
            say("negative", count=negative)
        if is_spike:
            when = step(last, period, first + top - periods + 1)
            say("spike", when=when, times=f"{sizes[top] / second:,.0f}")
        if season > 1 and len(values) < 2 * season:
            say("one_season")
    return np.concatenate([np.zeros(first), values]), notes, usable


def _add(
    found: Series,
    key: Any,
    by_period: Mapping[int, float],
    days: list[date],
    season: int,
    language: str,
    keeps_spikes: bool,
) -> None:
    values, notes, usable = cleaned(
        by_period, periods=number_of(days[-1], found.period, days[0]) + 1, last=days[-1], season=season,
        period=found.period, keeps_spikes=keeps_spikes,
    )  # fmt: skip
    colon = "：" if language.startswith("zh") else ": "
    found.warnings += [{"code": note.code, "text": f"{key}{colon}{note.text(language)}"} for note in notes]
    if usable:
        found.values[key] = values[min(by_period) :]
