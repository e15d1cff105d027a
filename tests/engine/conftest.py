"""Sales lines and schemes for the tests of the engine."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from yaomai.engine.backends import arrow_table, connected
from yaomai.engine.metrics import customer_metrics, sales_lines

Line = tuple[Any, ...]


@pytest.fixture(scope="session")
def connection() -> Iterator[Any]:
    with connected(threads=1) as opened:
        yield opened


@pytest.fixture
def sales() -> Callable[..., pa.Table]:
    """Make an Arrow table of lines from tuples in the order customer, day, amount, quantity, product, product line."""

    def make(lines: Sequence[Line], names: Sequence[str] = ("customer", "date", "amount")) -> pa.Table:
        kinds = {
            "date": pa.date32(),
            "amount": pa.decimal128(16, 2),
            "margin": pa.decimal128(16, 2),
            "quantity": pa.int64(),
        }
        columns = {}
        for position, name in enumerate(names):
            values = [line[position] for line in lines]
            if name == "date":
                values = [date.fromisoformat(value) if isinstance(value, str) else value for value in values]
            if name in ("amount", "margin"):
                values = [None if value is None else Decimal(value) for value in values]
            columns[name] = pa.array(values, kinds.get(name))
        return pa.table(columns)

    return make


@pytest.fixture
def metrics_of(connection: Any, tmp_path: Path) -> Callable[[pa.Table, date], pa.Table]:
    """Compute metrics of Arrow lines on DuckDB, in order of customer."""

    def compute(lines: pa.Table, as_of: date) -> pa.Table:
        table = sales_lines(arrow_table(connection, lines, tmp_path, "lines"))
        return customer_metrics(table, as_of=as_of).order_by("customer").to_pyarrow()

    return compute
