"""Metrics from monthly files: always those of all lines at once, whatever the state has seen before."""

from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from yaomai.engine import monthly
from yaomai.engine.metrics import customer_metrics, sales_lines
from yaomai.engine.monthly import LinesOutsideMonth, MonthFile, monthly_metrics

COLUMNS = ("customer", "date", "amount", "quantity", "product", "product_line")
Line = tuple[str, date, str, int, str, str]


def month_of(number: int) -> date:
    return date(2023 + number // 12, number % 12 + 1, 1)


def end_of(number: int) -> date:
    first = month_of(number)
    return first.replace(day=monthrange(first.year, first.month)[1])


def invented(number: int, customers: int = 40, salt: int = 0) -> list[Line]:
    """Lines of a month: some customers buy, a few return, new ones and new products appear over time."""
    lines = []
    for customer in range(customers + number):
        seed = (customer * 7919 + number * 104729 + salt * 31) % 997
        for line in range(seed % 4):
            day = month_of(number).replace(day=1 + (seed * (line + 3)) % 28)
            amount = Decimal((seed * 37 + line * 1009) % 90000).scaleb(-2) * (-1 if seed % 11 == 0 else 1)
            product = (seed + line) % (5 + number)
            lines.append((f"客户{customer:03}", day, str(amount), seed % 9 + 1, f"p{product}", f"L{product % 4}"))
    return lines


@pytest.fixture
def files(tmp_path: Path, sales: Callable[..., pa.Table]) -> Callable[..., MonthFile]:
    """Write a month's lines; every writing has a new fingerprint."""
    written: list[Path] = []

    def write(number: int, lines: Sequence[Line], names: Sequence[str] = COLUMNS) -> MonthFile:
        path = tmp_path / f"lines-{number:03}-{len(written)}.parquet"
        written.append(path)
        parquet.write_table(sales(lines, names), path)
        return MonthFile(month_of(number), (str(path),), path.name)

    return write


def at_once(connection: Any, months: Sequence[MonthFile], as_of: date) -> pa.Table:
    lines = connection.read_parquet([path for month in months for path in month.paths])
    return customer_metrics(sales_lines(lines), as_of=as_of).order_by("customer").to_pyarrow()


def test_each_further_month_equals_all_lines_at_once(
    connection: Any, files: Callable[..., MonthFile], tmp_path: Path
) -> None:
    state = tmp_path / "state"
    months = [files(number, invented(number)) for number in range(29)]
    for number in (24, 25, 28):
        through = months[: number + 1]
        rolled = monthly_metrics(connection, through, as_of=end_of(number), state=state)
        assert rolled == at_once(connection, through, end_of(number))


def test_only_the_new_month_is_read(
    connection: Any, files: Callable[..., MonthFile], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    months = [files(number, invented(number)) for number in range(7)]
    read: list[date] = []
    reduce = monthly._Run._reduce
    monkeypatch.setattr(monthly._Run, "_reduce", lambda run, month: read.append(month.month) or reduce(run, month))
    monthly_metrics(connection, months[:6], as_of=end_of(5), state=tmp_path / "state")
    assert len(read) == 6
    read.clear()
    monthly_metrics(connection, months, as_of=end_of(6), state=tmp_path / "state")
    assert read == [month_of(6)]
    read.clear()
    months[2] = files(2, invented(2, salt=1))
    corrected = monthly_metrics(connection, months, as_of=end_of(6), state=tmp_path / "state")
    assert read == [month_of(2)]
    assert corrected == at_once(connection, months, end_of(6))


def test_an_earlier_day_a_lost_month_and_a_broken_state_are_all_right(
    connection: Any, files: Callable[..., MonthFile], tmp_path: Path
) -> None:
    state = tmp_path / "state"
    months = [files(number, invented(number)) for number in range(8)]
    monthly_metrics(connection, months, as_of=end_of(7), state=state)
    assert monthly_metrics(connection, months, as_of=end_of(5), state=state) == at_once(
        connection, months[:6], end_of(5)
    )
    assert monthly_metrics(connection, months, as_of=date(2023, 8, 9), state=state) == at_once(
        connection, months, date(2023, 8, 9)
    )
    without = months[:4] + months[5:]
    assert monthly_metrics(connection, without, as_of=end_of(7), state=state) == at_once(connection, without, end_of(7))
    (state / "manifest.json").write_text("{broken", encoding="utf-8")
    assert monthly_metrics(connection, months, as_of=end_of(7), state=state) == at_once(connection, months, end_of(7))
    next(state.glob("totals-*")).unlink()
    assert monthly_metrics(connection, months, as_of=end_of(7), state=state) == at_once(connection, months, end_of(7))


def test_files_that_no_manifest_names_are_removed(
    connection: Any, files: Callable[..., MonthFile], tmp_path: Path
) -> None:
    state = tmp_path / "state"
    months = [files(number, invented(number)) for number in range(3)]
    monthly_metrics(connection, months, as_of=end_of(2), state=state)
    (state / "month-1-dead.parquet").write_bytes(b"half")
    monthly_metrics(connection, months, as_of=end_of(2), state=state)
    assert sorted(path.name.split("-")[0] for path in state.iterdir()) == [
        "lock",
        "manifest.json",
        "month",
        "month",
        "month",
        "totals",
    ]


def test_more_products_than_bits_are_counted_from_the_lines(
    connection: Any, files: Callable[..., MonthFile], tmp_path: Path
) -> None:
    months = []
    for number in range(3):
        lines = [
            (f"客户{item % 7}", month_of(number), "1.00", 1, f"p{item + 300 * number}", f"L{item % 3}")
            for item in range(400)
        ]
        months.append(files(number, lines))
    for number in (1, 2):
        through = months[: number + 1]
        rolled = monthly_metrics(connection, through, as_of=end_of(number), state=tmp_path / "state")
        assert rolled == at_once(connection, through, end_of(number))


def test_lines_without_optional_columns(connection: Any, files: Callable[..., MonthFile], tmp_path: Path) -> None:
    months = [files(number, invented(number), COLUMNS[:3]) for number in range(5)]
    monthly_metrics(connection, months[:4], as_of=end_of(3), state=tmp_path / "state")
    rolled = monthly_metrics(connection, months, as_of=end_of(4), state=tmp_path / "state")
    assert rolled == at_once(connection, months, end_of(4))
    assert rolled.column("products_12m").null_count == rolled.num_rows


def test_lines_of_another_month_are_refused(connection: Any, files: Callable[..., MonthFile], tmp_path: Path) -> None:
    months = [files(0, invented(0)), files(1, invented(2))]
    with pytest.raises(LinesOutsideMonth, match="2023-02: lines from 2023-03"):
        monthly_metrics(connection, months, as_of=end_of(1), state=tmp_path / "state")
    assert not (tmp_path / "state" / "manifest.json").exists()
