"""`yaomai engine value` and `churn`: files in, rows in a file and a summary as JSON out."""

import json
import math
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import typer

from yaomai.engine.columns import Source
from yaomai.engine.console import Dates, Engine, Language
from yaomai.engine.customer_base.logs import opened
from yaomai.engine.customer_base.losing import Limits, churn
from yaomai.engine.customer_base.problems import LogProblem
from yaomai.engine.customer_base.valuing import value
from yaomai.engine.files import require_writable, write_table
from yaomai.spellings import DayOrder, NotReadable, day


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is read, and by what."""

    dates: Dates | None = None
    sheet: str | None = None
    skip_incomplete: bool = False
    engine: Engine = Engine.duckdb

    @property
    def options(self) -> dict[str, Any]:
        """Give it as arguments of `opened`."""
        order = DayOrder.UNKNOWN if self.dates is None else DayOrder(self.dates.value.replace("-", "_"))
        return {
            "sheet": self.sheet,
            "order": order,
            "skip_incomplete": self.skip_incomplete,
            "engine": self.engine.value,
        }


def value_file(
    *,
    log: Path,
    output: Path,
    columns: Mapping[str, str | None],
    language: Language,
    until: str | None,
    holdout_days: int,
    horizon_days: int,
    model: str,
    reading: Reading,
) -> None:
    """Value the customers of a log."""
    require_writable(output, inputs=(log,))
    when = read_day(until)
    with opened(log, {name: column for name, column in columns.items() if column}, **reading.options) as found:
        valued = value(
            found, until=when, holdout_days=holdout_days, horizon_days=horizon_days, model=model, language=language
        )
    write_table(valued.table, output)
    print_summary(valued.summary)


def read_day(text: str | None) -> date | None:
    """Read the day of an option.

    Raises:
        LogProblem: it is none.
    """
    if text is None:
        return None
    try:
        found = day(text)
    except NotReadable:
        found = None
    if found is None:
        raise LogProblem("until", text=text)
    return found


def print_summary(summary: Mapping[str, Any]) -> None:
    """Print a summary as JSON; what is no number there is null."""
    typer.echo(json.dumps(_without_nan(summary), ensure_ascii=False, indent=2))


def _without_nan(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_nan(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def churn_file(
    *,
    log: Path,
    output: Path,
    columns: Mapping[str, str | None],
    language: Language,
    until: str | None,
    horizon_days: int,
    core: Path | None,
    contacts: Path | None,
    limits: Limits,
    reading: Reading,
) -> None:
    """Tell who of a log is about to be lost."""
    require_writable(output, inputs=(log, core, contacts))
    when, mapping = read_day(until), {name: column for name, column in columns.items() if column}
    known = set(Source.read(core).identity(mapping["customer"]).to_pylist()) if core else set()
    met = {name: mapping[name] for name in ("customer", "date")}
    with ExitStack() as stack:
        found = stack.enter_context(opened(log, mapping, **reading.options))
        seen = stack.enter_context(opened(contacts, met, **reading.options)) if contacts else None
        told = churn(
            found, until=when, horizon_days=horizon_days, core=known, contacts=seen.lines if seen else None,
            limits=limits, language=language,
        )  # fmt: skip
    write_table(told.table, output)
    print_summary(told.summary)
