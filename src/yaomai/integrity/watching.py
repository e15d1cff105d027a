"""Look over all lines of the past months and say what looks odd.

register_values(values_of)         a room above says what institutions are worth: (first, last day) -> Arrow table
look(on=today)                     findings as the policy in force weighs them
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from yaomai.integrity.datasets import KINDS, LINES
from yaomai.integrity.policies import WatchPolicy
from yaomai.kit import warehouse
from yaomai.kit.policies.selectors import policy_on
from yaomai.workdays import is_workday

Values = Callable[[date, date], pa.Table]
_values: list[Values] = []


def register_values(values: Values) -> None:
    """Say what institutions are worth in a period: a table of `institution` and `value`."""
    if values not in _values:
        _values.append(values)


@dataclass(frozen=True, slots=True)
class Found:
    """One finding, with ids as numbers. `recipient` below zero is an institution."""

    detector: str
    key: str
    person: int | None
    other: int | None
    professional: int | None
    institution: int | None
    first_day: date
    last_day: date
    lines: int
    amount: Decimal
    measure: float
    expected: float | None
    strength: float
    score: float
    named: tuple[int, ...]


def look(*, on: date) -> list[Found]:
    """Return what looks odd in the months before a day, the heaviest first.

    Reads the mirror, made anew for these months: merges of customers and late claims are in it.
    """
    from yaomai.engine.backends import arrow_table, connected
    from yaomai.engine.claims.lines import standard_lines
    from yaomai.engine.claims.sweeping import findings, sweep

    policy, _version = policy_on(WatchPolicy, on=on)
    start = _months_back(on, policy.months)
    warehouse.rebuild(LINES, months=_months(start, on))
    files = [str(path) for path in warehouse.snapshot(LINES).files(start=start, end=on + timedelta(days=1))]
    if not files:
        return []
    days = (start + timedelta(days=number) for number in range((on - start).days + 1))
    with TemporaryDirectory(prefix="yaomai-watch-") as folder, connected() as connection:
        lines = standard_lines(connection.read_parquet(files))
        worth = [arrow_table(connection, values(start, on), folder, "values") for values in _values[:1]]
        hits = sweep(
            lines, policy.settings, off_days=[day for day in days if not is_workday(day)],
            values=worth[0] if worth else None,
        )  # fmt: skip
    told = findings(hits, policy.weight_of).to_pylist()
    return [_found(row) for row in told if row["score"] >= policy.least_score]


def _found(row: dict[str, Any]) -> Found:
    recipient = _number(row["recipient"])
    institution = -recipient if recipient is not None and recipient < 0 else None
    if row["detector"] == "spend_against_value":
        institution, recipient = int(row["key"]), None
    return Found(
        detector=row["detector"], key=row["key"][:400], other=_number(row["other"]),
        # Spending on an institution is many people's: it is nobody's case.
        person=None if row["detector"] == "spend_against_value" else _number(row["person"]),
        professional=recipient if recipient is not None and recipient > 0 else None, institution=institution,
        first_day=row["first_day"], last_day=row["last_day"], lines=row["lines"],
        amount=Decimal(str(round(row["amount"] or 0.0, 2))), measure=row["measure"], expected=row["expected"],
        strength=row["strength"], score=row["score"], named=tuple(int(line) for line in row["named"]),
    )  # fmt: skip


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)


def _months_back(day: date, count: int) -> date:
    months = day.year * 12 + day.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)


def _months(start: date, end: date) -> Iterable[date]:
    month = start
    while month <= end:
        yield month
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)


def rows_of(named: Iterable[int]) -> dict[str, list[int]]:
    """Return the rows behind lines, by what they are: expense, share, check."""
    found: dict[str, list[int]] = {kind: [] for kind in KINDS}
    for line in named:
        found[KINDS[line % len(KINDS)]].append(line // len(KINDS))
    return found
