"""A log of orders from a file, as histories: large Parquet files are never held in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from pyarrow import parquet

from yaomai.engine.backends import arrow_table, connected
from yaomai.engine.columns import LARGEST_MONEY
from yaomai.engine.customer_base.histories import History, histories
from yaomai.engine.metrics import MONEY_TYPE
from yaomai.engine.prescriptions import names_count
from yaomai.engine.sources import SourceProblem, read_sales
from yaomai.spellings import DayOrder

_PARQUET: Final = (".parquet", ".pq")


@dataclass(frozen=True, slots=True)
class Log:
    """Lines of a log on an engine, with the first and the last day in it."""

    file: Path
    lines: ir.Table
    first_day: date
    last_day: date
    rows: int
    skipped: int

    def history(self, *, until: date, holdout_days: int = 0, with_intervals: bool = False) -> History:
        """Give the histories up to `until`.

        Raises:
            SourceProblem: nobody had ordered by then.
        """
        wanted = histories(self.lines, until=until, holdout_days=holdout_days, with_intervals=with_intervals)
        table = wanted.order_by("customer").to_pyarrow()
        if not table.num_rows:
            raise SourceProblem("no_lines", file=self.file, as_of=until)
        return History.of(table, until=until)


@contextmanager
def opened(
    file: Path,
    mapping: dict[str, str],
    *,
    sheet: str | None = None,
    order: DayOrder = DayOrder.UNKNOWN,
    skip_incomplete: bool = False,
    engine: str = "duckdb",
) -> Iterator[Log]:
    """Open a log; `mapping` gives the file's column for customer, date and, if there is one, amount.

    Raises:
        FileProblem: the file or a value in it cannot be read.
        SourceProblem: a column counts prescriptions, or there are no lines.
    """
    for column in mapping.values():
        if names_count(column):
            raise SourceProblem("prescriptions", file=file, column=column)
    with TemporaryDirectory(prefix="yaomai-engine-") as folder, connected(engine) as connection:
        lines = _directly(connection, file, mapping)
        skipped = 0
        if lines is None:
            sales = read_sales(
                file, mapping, sheet=sheet, order=order, skip_incomplete=skip_incomplete, required=tuple(mapping)
            )
            lines, skipped = arrow_table(connection, sales.lines, folder, "lines"), sales.skipped
        days = (
            lines.agg(first=lines["date"].min(), last=lines["date"].max(), rows=lines.count())
            .to_pyarrow()
            .to_pylist()[0]
        )
        if days["first"] is None:
            raise SourceProblem("no_lines", file=file, as_of="")
        yield Log(file, lines, days["first"], days["last"], days["rows"], skipped)


def _directly(connection: Any, file: Path, mapping: dict[str, str]) -> ir.Table | None:
    """Give the lines of a Parquet file with plain types and complete rows; None when it must be read with care."""
    if file.suffix.lower() not in _PARQUET or not file.is_file():
        return None
    try:
        schema = parquet.read_schema(file)
    except (pa.ArrowInvalid, OSError):
        return None
    if any(schema.names.count(column) != 1 for column in mapping.values()):
        return None
    kinds = {name: schema.field(column).type for name, column in mapping.items()}
    if not (pa.types.is_integer(kinds["customer"]) and kinds["customer"] != pa.uint64()):
        return None
    if not pa.types.is_date(kinds["date"]):
        return None
    if "amount" in kinds and not (pa.types.is_decimal(kinds["amount"]) or pa.types.is_integer(kinds["amount"])):
        return None
    table = connection.read_parquet(str(file))
    wrong = [table[column].isnull() for column in mapping.values()]
    if "amount" in mapping:
        wrong.append(table[mapping["amount"]].abs() >= ibis.literal(LARGEST_MONEY))
    checks = {f"wrong_{number}": flag.any() for number, flag in enumerate(wrong)}
    if any(table.agg(**checks).to_pyarrow().to_pylist()[0].values()):
        return None
    columns = {name: table[column] for name, column in mapping.items()}
    if "amount" in columns and kinds["amount"] != pa.decimal128(18, 2):
        columns["amount"] = columns["amount"].cast(MONEY_TYPE)
    return table.select(**columns)


def halves(log: Log, days: int) -> date | None:
    """Return the day before the last `days` of a log, None when fewer than as many would be left before it."""
    until = log.last_day - timedelta(days=days)
    return until if (until - log.first_day).days >= days else None
