"""Running sums: rolled on by months they equal the sums added at once."""

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from yaomai.engine.monthly import _rolls
from yaomai.engine.totals import WINDOWS, Month, Totals

ROW = st.tuples(st.integers(-100_000, 1_000_000), st.integers(0, 3), st.integers(-5, 9))
MONTHS = st.lists(st.dictionaries(st.integers(0, 9), ROW, max_size=8), min_size=1, max_size=30)


def month(rows: dict[int, tuple[int, int, int]], number: int) -> Month:
    keys = sorted(rows)
    days = [30 * number + 1 for _ in keys]
    return Month.from_table(
        pa.table(
            {
                "customer": pa.array(keys, pa.int64()),
                "amount": pa.array([Decimal(rows[key][0]).scaleb(-2) for key in keys], pa.decimal128(18, 2)),
                "orders": pa.array([rows[key][1] for key in keys], pa.int32()),
                "quantity": pa.array([rows[key][2] for key in keys], pa.int64()),
                "first_on": pa.array(days, pa.int32()),
                "last_on": pa.array(days, pa.int32()),
            }
        )
    )


def added(months: list[Month]) -> Totals:
    totals = Totals.empty(pa.int64(), ["amount", "quantity"])
    for back, each in enumerate(reversed(months)):
        windows = {name: 1 for name, (_, start, end) in WINDOWS.items() if start <= back and (not end or back < end)}
        totals.add(each, windows)
        totals.extend(each)
    return totals


@given(rows=MONTHS)
def test_rolled_sums_equal_added_sums(rows: list[Any]) -> None:
    months = [month(each, number) for number, each in enumerate(rows)]
    rolled = Totals.empty(pa.int64(), ["amount", "quantity"])
    for last in range(len(months)):
        for back, changes in _rolls().items():
            if last - back >= 0:
                rolled.add(months[last - back], changes)
        rolled.extend(months[last])
    assert rolled.to_table() == added(months).to_table().select(rolled.to_table().column_names)


def test_a_new_customer_takes_its_place_in_order() -> None:
    totals = added([month({5: (100, 1, 1)}, 0), month({2: (50, 1, 1), 9: (70, 1, 1)}, 1)])
    assert totals.customers.to_pylist() == [2, 5, 9]
    assert totals.columns["monetary"].tolist() == [50, 100, 70]
    table = totals.metrics(as_of=date(1970, 3, 1), has_products=False, has_lines=False)
    assert table.column("monetary").to_pylist() == [Decimal("0.50"), Decimal("1.00"), Decimal("0.70")]
    assert table.column("recency_days").to_pylist() == [28, 58, 28]
    assert np.array_equal(totals.columns["active_months_12m"], [1, 1, 1])


def test_text_keys_and_what_was_written_can_be_read() -> None:
    totals = Totals.empty(pa.string(), ["amount"])
    keys = pa.array(["丙", "甲"], pa.string())
    days = {"first_on": np.array([3, 4], np.int32), "last_on": np.array([3, 4], np.int32)}
    sums = {"amount": np.array([1, -2]), "orders": np.array([1, 0]), "active": np.array([1, 0])}
    each = Month(keys, sums, days, {"product_mask_0": np.array([3, 4])})
    totals.add(each, {"monetary": 1})
    totals.extend(each)
    totals.cover(each)
    totals.add(Month(pa.array(["乙"]), {name: value[:1] for name, value in sums.items()}, {}, {}), {"monetary": 1})
    assert totals.customers.to_pylist() == sorted(["丙", "甲", "乙"])
    assert Totals.from_table(totals.to_table()).to_table() == totals.to_table()
    assert totals.masks["product_mask_0"].sum() == 7
