"""Customer metrics: exact values, windows, returns, order of lines."""

import random
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from yaomai.engine.metrics import METRIC_TYPES, sales_lines
from yaomai.engine.windows import window_starts

COLUMNS = ("customer", "date", "amount", "quantity", "product", "product_line")
AS_OF = date(2026, 6, 30)
LINES = [
    ("乙", "2026-06-30", "100.00", 2, "p1", "L1"),
    ("乙", "2026-06-30", "-30.00", -1, "p2", "L2"),
    ("乙", "2025-07-01", "50.10", 1, "p3", "L2"),
    ("乙", "2025-06-30", "70.00", 1, "p4", "L2"),
    ("甲", "2026-03-31", "9.99", 1, "p1", "L1"),
    ("甲", "2026-04-01", "19.99", 1, "p1", "L1"),
    ("甲", "2026-07-01", "999.00", 1, "p1", "L1"),
    ("丙", "2026-05-01", "-5.00", -1, "p1", "L1"),
]


def test_hand_computed_table(sales: Callable[..., pa.Table], metrics_of: Callable[..., pa.Table]) -> None:
    rows = {row["customer"]: row for row in metrics_of(sales(LINES, COLUMNS), AS_OF).to_pylist()}
    assert rows["乙"] == {
        "customer": "乙",
        "first_on": date(2025, 6, 30),
        "last_on": AS_OF,
        "recency_days": 0,
        "tenure_days": 365,
        "frequency": 3,
        "monetary": Decimal("190.10"),
        "orders_12m": 2,
        "active_months_12m": 2,
        "amount_12m": Decimal("120.10"),
        "amount_prior_12m": Decimal("70.00"),
        "amount_3m": Decimal("70.00"),
        "amount_prior_3m": Decimal("0.00"),
        "quantity_12m": 2,
        "margin_12m": None,
        "products_12m": 2,
        "product_lines_12m": 2,
        "growth_monthly": None,
        "growth_yearly": 5010 / 7000,
        "margin_rate": None,
        "interval_days": 182.5,
    }
    assert rows["甲"]["amount_3m"] == Decimal("19.99")
    assert rows["甲"]["amount_prior_3m"] == Decimal("9.99")
    assert rows["甲"]["growth_monthly"] == 1000 / 2997
    assert rows["甲"]["recency_days"] == 90


def test_customer_with_returns_only_never_ordered(
    sales: Callable[..., pa.Table], metrics_of: Callable[..., pa.Table]
) -> None:
    row = metrics_of(sales(LINES, COLUMNS), AS_OF).to_pylist()[0]
    assert row["customer"] == "丙"
    assert (row["frequency"], row["monetary"]) == (0, Decimal("-5.00"))
    assert row["recency_days"] is None
    assert row["first_on"] is None
    assert row["interval_days"] is None
    assert row["products_12m"] == 0


def test_columns_and_types_do_not_depend_on_what_the_lines_have(
    sales: Callable[..., pa.Table], metrics_of: Callable[..., pa.Table]
) -> None:
    narrow = metrics_of(sales([line[:3] for line in LINES]), AS_OF)
    wide = metrics_of(sales(LINES, COLUMNS), AS_OF)
    assert narrow.schema == wide.schema
    assert narrow.column_names == ["customer", *METRIC_TYPES]
    assert narrow.column("products_12m").null_count == 3
    assert narrow.column("amount_12m") == wide.column("amount_12m")


def test_order_of_lines_changes_nothing(sales: Callable[..., pa.Table], metrics_of: Callable[..., pa.Table]) -> None:
    shuffled = list(LINES)
    random.Random(5).shuffle(shuffled)
    assert metrics_of(sales(shuffled, COLUMNS), AS_OF) == metrics_of(sales(LINES, COLUMNS), AS_OF)


def test_money_is_exact_where_floating_point_is_not(
    sales: Callable[..., pa.Table], metrics_of: Callable[..., pa.Table]
) -> None:
    lines = [("甲", "2026-06-01", "0.10")] * 1000 + [("甲", "2026-06-02", "99999999999.99")]
    assert metrics_of(sales(lines), AS_OF).column("monetary").to_pylist() == [Decimal("100000000099.99")]


@pytest.mark.parametrize(
    ("as_of", "three", "twelve"),
    [
        (date(2026, 6, 30), date(2026, 4, 1), date(2025, 7, 1)),
        (date(2026, 6, 15), date(2026, 3, 16), date(2025, 6, 16)),
        (date(2026, 2, 28), date(2025, 12, 1), date(2025, 3, 1)),
        (date(2024, 2, 29), date(2023, 12, 1), date(2023, 3, 1)),
        (date(2026, 5, 30), date(2026, 3, 1), date(2025, 5, 31)),
    ],
)
def test_windows_end_with_the_day_and_keep_month_ends(as_of: date, three: date, twelve: date) -> None:
    starts = window_starts(as_of)
    assert starts[3] == three
    assert starts[12] == twelve


def test_active_months_never_exceed_twelve(sales: Callable[..., pa.Table], metrics_of: Callable[..., pa.Table]) -> None:
    lines = [("甲", date(2025 + month // 12, month % 12 + 1, day), "1.00") for month in range(20) for day in (3, 20)]
    metrics = metrics_of(sales(lines), date(2026, 6, 10))
    assert metrics.column("active_months_12m").to_pylist() == [12]
    assert metrics.column("orders_12m").to_pylist() == [24]


def test_lines_without_an_amount_are_refused(connection: Any, sales: Callable[..., pa.Table]) -> None:
    import ibis

    table = ibis.memtable(sales(LINES, COLUMNS)).drop("amount")
    with pytest.raises(KeyError, match="amount"):
        sales_lines(table)
    with pytest.raises(KeyError, match="没有"):
        sales_lines(table, {"amount": "没有"})
