"""`yaomai engine effect`: what a change did, as JSON with one sentence; the means by period are in OUT."""

from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yaomai.engine.columns import Source
from yaomai.engine.console import Language
from yaomai.engine.customer_base.command import Reading, print_summary
from yaomai.engine.effects.estimating import (
    FEWEST_BEFORE,
    FEWEST_UNITS,
    SUSPICIOUS,
    Difference,
    Effect,
    estimate,
)
from yaomai.engine.files import require_writable, write_table
from yaomai.engine.files.problems import InputProblem
from yaomai.engine.forecasting.series import number_of, period_of, step
from yaomai.engine.prescriptions import names_count
from yaomai.engine.sources import SourceProblem
from yaomai.spellings import DayOrder, NotReadable, boolean

_SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "helps": (
        "有效：每个单位每期多 {effect}（95% 区间 {low} 至 {high}，相当于 {relative}）。",
        "It helped: {effect} more per unit and period (95 % interval {low} to {high}, {relative}).",
    ),
    "harms": (
        "有害：每个单位每期少 {effect}（95% 区间 {low} 至 {high}，相当于 {relative}）。",
        "It harmed: {effect} per unit and period (95 % interval {low} to {high}, {relative}).",
    ),
    "none": (
        "没有看到有意义的效果：即便有，也小到可以忽略（95% 区间 {low} 至 {high}）。",
        "No effect that matters: if there is one, it is negligible (95 % interval {low} to {high}).",
    ),
    "unclear": (
        "还不能下结论：区间 {low} 至 {high} 包含 0。大约还需要 {needed} 个实施单位（及相应的对照）才能看清。",
        "Cannot tell yet: the interval {low} to {high} contains 0. About {needed} more treated units, with their controls,"
        " would settle it.",
    ),
    "incomparable": (
        "不能归因：实施之前两组的走势就已不同（安慰剂检验 {placebo}，趋势差异 {trend}），看到的差异可能与措施无关。",
        "It cannot be attributed: the groups moved apart before the change (placebo {placebo}, trends {trend}), so what is"
        " seen may have nothing to do with it.",
    ),
    "few": (
        "数据太少，不能下任何结论：实施与对照各至少要 {units} 个单位，实施前至少要 {before} 期（现有 {treated}、{controls} 个单位，"
        "实施前 {since} 期）。",
        "Too little for any claim: at least {units} treated and {units} other units and {before} periods before are needed"
        " (there are {treated}, {controls} and {since}).",
    ),
}


class EffectProblem(InputProblem):
    """A panel from which nothing can be compared."""

    messages = {
        "flag": (
            "{file} 第 {row} 行“{column}”列的“{value}”看不懂。请写 是 或 否（1 或 0）",
            "{file}, row {row}, column “{column}”: cannot read “{value}”. Write yes or no (1 or 0)",
        ),
        "both": (
            "{file}：单位“{unit}”既标为实施又标为未实施。每个单位只能是一种",
            "{file}: the unit “{unit}” is marked as treated and as not treated. A unit is one of them",
        ),
        "since": (
            "“{text}”不是日期。请写成 --since 2026-01-01",
            "“{text}” is not a date. Write it like --since 2026-01-01",
        ),
        "outside": (
            "实施日 {since} 不在数据的日期范围 {first} 至 {last} 之内",
            "the change of {since} is not within the days of the file, {first} to {last}",
        ),
    }


def effect_file(
    *,
    file: Path,
    output: Path,
    columns: dict[str, str],
    since: str,
    least: float,
    language: Language,
    reading: Reading,
) -> None:
    """Compare the units of a file; `columns` names those with unit, date, value and treated."""
    require_writable(output, inputs=(file,))
    try:
        begun = date.fromisoformat(since)
    except ValueError as error:
        raise EffectProblem("since", text=since) from error
    panel = _read(file, columns, reading.sheet, reading.options["order"])
    if not panel.days[0] < begun <= panel.days[-1]:
        raise EffectProblem("outside", since=begun, first=panel.days[0], last=panel.days[-1])
    start, is_partial = panel.start(begun)
    values = np.delete(panel.values, start, axis=1) if is_partial else panel.values
    found = estimate(values, treated=panel.treated, since=start, least=least)
    write_table(_means(panel, found), output)
    print_summary(
        {
            "verdict": found.verdict,
            "sentence": sentence(found, since=start, language=language),
            "effect": _told(found.difference),
            "relative": found.relative,
            "baseline": found.baseline,
            "placebo": _told(found.placebo),
            "trend_before": _told(found.trend),
            "units": {"treated": found.treated, "controls": found.controls, "compared_with": len(found.matched)},
            "periods": {"before": start, "after": values.shape[1] - start, "left_out": int(is_partial)},
            "needed": found.needed,
            "gaps_as_zero": panel.gaps,
        }
    )


def sentence(found: Effect, *, since: int, language: str) -> str:
    """Say what was found so that a manager can act on it."""
    chinese, english = _SENTENCES[found.verdict]
    words: dict[str, Any] = {
        "units": FEWEST_UNITS, "before": FEWEST_BEFORE, "since": since, "treated": found.treated, "controls": found.controls,
        "needed": found.needed,
    }  # fmt: skip
    if found.difference is not None and found.placebo is not None and found.trend is not None:
        relative = found.relative
        words |= {
            "effect": f"{found.difference.effect:,.4g}", "low": f"{found.difference.low:,.4g}",
            "high": f"{found.difference.high:,.4g}", "relative": "–" if relative is None else f"{relative:+.1%}",
            "placebo": _passed(found.placebo, language), "trend": _passed(found.trend, language),
        }  # fmt: skip
    return (chinese if language.startswith("zh") else english).format(**words)


def _passed(difference: Difference, language: str) -> str:
    fails = difference.chance < SUSPICIOUS
    chinese, english = ("不通过", "failed") if fails else ("通过", "passed")
    return f"{chinese if language.startswith('zh') else english}, p={difference.chance:.3f}"


def _told(difference: Difference | None) -> dict[str, float] | None:
    if difference is None:
        return None
    return {"mean": difference.effect, "low_95": difference.low, "high_95": difference.high, "p": difference.chance}


class _Panel:
    """Units × periods, and which units were treated."""

    def __init__(self, units: list[Any], days: list[date], treated: list[bool]) -> None:
        self.units, self.days = units, days
        self.treated = np.array(treated)
        self.period = period_of(days)
        self.values = np.zeros((len(units), number_of(days[-1], self.period, days[0]) + 1))
        self.gaps = 0

    def start(self, begun: date) -> tuple[int, bool]:
        """Return the first period after the change, and whether the period in which it began is of neither side."""
        number = number_of(begun, self.period, self.days[0])
        is_partial = self.period == "month" and begun.day > 1
        return number, is_partial and number + 1 < self.values.shape[1]

    def dates(self) -> list[date]:
        last = self.values.shape[1] - 1
        return [step(self.days[-1], self.period, number - last) for number in range(last + 1)]


def _read(file: Path, columns: dict[str, str], sheet: str | None, order: DayOrder) -> _Panel:
    for column in columns.values():
        if names_count(column):
            raise SourceProblem("prescriptions", file=file, column=column)
    source = Source.read(file, sheet).only_lines([columns["date"], columns["value"]])
    units, days = source.identity(columns["unit"]), source.date(columns["date"], order)
    numbers, flags = source.number(columns["value"]), source.text(columns["treated"])
    for name, column in (("unit", units), ("date", days), ("value", numbers), ("treated", flags)):
        missing = pc.index(pc.is_null(column), True).as_py()
        if missing >= 0:
            raise source.problem("no_value", missing, columns[name], rows=column.null_count)
    known: dict[str, bool] = {}
    for text in pc.unique(flags).to_pylist():
        try:
            known[text] = boolean(text)
        except NotReadable as error:
            row = source.row(pc.index(flags, text).as_py())
            raise EffectProblem("flag", file=file, row=row, column=columns["treated"], value=text) from error
    by_unit: dict[Any, bool] = {}
    for unit, text in zip(units.to_pylist(), flags.to_pylist(), strict=True):
        if by_unit.setdefault(unit, known[text]) != known[text]:
            raise EffectProblem("both", file=file, unit=unit)
    panel = _Panel(list(by_unit), sorted(set(days.to_pylist())), list(by_unit.values()))
    row_of = {unit: row for row, unit in enumerate(panel.units)}
    filled = np.zeros(panel.values.shape, dtype=bool)
    for unit, day, number in zip(units.to_pylist(), days.to_pylist(), numbers.to_pylist(), strict=True):
        place = row_of[unit], number_of(day, panel.period, panel.days[0])
        panel.values[place] += number
        filled[place] = True
    panel.gaps = int((~filled).sum())
    return panel


def _means(panel: _Panel, found: Effect) -> pa.Table:
    """Return the means of both groups by period: what a chart shows."""
    treated = panel.values[panel.treated].mean(0)
    rows = found.matched if len(found.matched) else np.flatnonzero(~panel.treated)
    others = panel.values[rows].mean(0) if len(rows) else np.full(panel.values.shape[1], np.nan)
    return pa.table(
        {"date": panel.dates(), "treated": treated, "compared_with": others, "difference": treated - others}
    )
