"""Cells become text, numbers, money and dates, however people wrote them; what is wrong is named with its place."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yaomai.engine.columns import Source
from yaomai.engine.files import FileProblem
from yaomai.spellings import DayOrder

DAY = date(2026, 1, 31)


def source(values: Any) -> Source:
    return Source(pa.table({"列": values}), Path("a.csv"))


def test_numbers_as_people_write_them() -> None:
    written = ["１２３．５", "1,234.50", "¥-3", "(2.00)", None, "12%", "1.2万", "-", "3.50元", "1e3", "-0.5"]
    assert source(written).number("列").to_pylist() == [
        123.5, 1234.5, -3.0, -2.0, None, 0.12, 12000.0, None, 3.5, 1000.0, -0.5,
    ]  # fmt: skip


def test_money_is_exact_and_rounded_half_up() -> None:
    written = ["0.1", "1.005", "-1.005", "9,999,999,999,999.99", None, "2.675"]
    exact = ["0.10", "1.01", "-1.01", "9999999999999.99", None, "2.68"]
    assert source(written).money("列").to_pylist() == [text and Decimal(text) for text in exact]
    assert source([0.1, 1.005, -1.005, None, float("nan")]).money("列").to_pylist() == [
        Decimal("0.10"), Decimal("1.01"), Decimal("-1.01"), None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "kind", [pa.decimal128(18, 4), pa.decimal128(38, 2), pa.int64(), pa.uint8(), pa.float32(), pa.string()]
)
def test_money_of_any_type(kind: pa.DataType) -> None:
    values = pa.array([Decimal(7), None]).cast(kind) if kind != pa.string() else pa.array(["7", None])
    assert source(values).money("列").to_pylist() == [Decimal("7.00"), None]


def test_dates_as_people_write_them() -> None:
    written = [
        "2026-01-31", "2026/1/31 08:00:00", "20260131", "2026年1月31日", "2026.1.31", "46053", "31-Jan-26", "Jan 31, 2026",
        "2026-01-31T23:59:59Z", "2026-01-31 10:00:00+08:00", " ２０２６－０１－３１ ", "二〇二六年一月三十一日",
    ]  # fmt: skip
    assert source(written).date("列").to_pylist() == [DAY] * len(written)
    assert source(pa.array([46053.0, None, 20260131.0])).date("列").to_pylist() == [DAY, None, DAY]
    assert source(pa.array([20260131, 46053])).date("列").to_pylist() == [DAY, DAY]
    moments = [datetime(2026, 1, 30, 16, 30, tzinfo=UTC), None]
    assert source(pa.array(moments, pa.timestamp("us", "Asia/Shanghai"))).date("列").to_pylist() == [DAY, None]


def test_the_order_of_day_and_month_is_read_from_the_column() -> None:
    assert source(["1/31/2026 8:26", "3/5/2026"]).date("列").to_pylist() == [DAY, date(2026, 3, 5)]
    assert source(["31/1/2026", "3/5/2026"]).date("列").to_pylist() == [DAY, date(2026, 5, 3)]
    assert source(["3/5/26"]).date("列", DayOrder.MONTH_FIRST).to_pylist() == [date(2026, 3, 5)]
    for both in (["3/5/2026", "4/5/2026"], ["1/31/2026", "31/1/2026", "3/5/2026"]):
        with pytest.raises(FileProblem) as problem:
            source(both).date("列")
        assert (problem.value.code, problem.value.params["value"]) == ("date_ambiguous", "3/5/2026")


def test_identities_stay_as_they_are() -> None:
    assert source(["00123", " 7 ", "17850.0", None]).identity("列").to_pylist() == ["00123", "7", "17850.0", None]
    assert source(pa.array([2**62, None])).identity("列").to_pylist() == [2**62, None]
    assert source(pa.array([2**64 - 1], pa.uint64())).identity("列").to_pylist() == [str(2**64 - 1)]
    assert source(pa.array([17850.0, float("nan"), None])).identity("列").to_pylist() == ["17850", None, None]
    assert source(pa.array(["甲", "甲", None]).dictionary_encode()).identity("列").to_pylist() == ["甲", "甲", None]
    assert source(pa.array(["甲"], pa.large_string())).identity("列").type == pa.string()


@pytest.mark.parametrize(
    ("value", "kind", "code"),
    [
        ("十", "number", "number"),
        ("1,5", "number", "number_ambiguous"),
        ("1.234,56", "number", "number"),
        ("10000000000000", "money", "number_range"),
        ("9" * 40, "money", "number_range"),
        ("2026-13-01", "date", "date"),
        ("2026-02-30", "date", "date"),
        ("1300-01-01", "date", "date"),
        ("昨天", "date", "date"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(value: str, kind: str, code: str) -> None:
    good = "2026-01-01" if kind == "date" else "1"
    with pytest.raises(FileProblem) as problem:
        getattr(source([good, None, value]), kind)("列")
    assert problem.value.code == code
    assert problem.value.params["row"] == 4
    assert value in problem.value.render("zh")
    assert "列" in problem.value.render("en")


def test_infinity_is_no_amount() -> None:
    with pytest.raises(FileProblem, match="row 3"):
        source([1.0, float("inf")]).money("列")


def test_columns_are_found_by_name() -> None:
    table = pa.table([["1"], ["2"], ["3"]], names=["a b", "c", "c"])
    assert Source(table, Path("a.csv")).text(" a  b ").to_pylist() == ["1"]
    for name, code in (("c", "duplicate_column"), ("x", "missing_column")):
        with pytest.raises(FileProblem) as problem:
            Source(table, Path("a.csv")).text(name)
        assert problem.value.code == code


@given(st.lists(st.none() | st.text(max_size=12)), st.sampled_from(["text", "number", "money", "date", "identity"]))
def test_any_text_is_read_or_named(texts: list[str | None], kind: str) -> None:
    try:
        read = getattr(source(pa.array(texts, pa.string())), kind)("列")
    except FileProblem as problem:
        named = problem.params["value"]
    else:
        named = None
        assert len(read) == len(texts)
    assert named in [None, *(text and text.strip() for text in texts)]


@given(st.lists(st.decimals(-(10**12), 10**12, places=2) | st.none()))
def test_money_survives_every_way_of_writing(amounts: list[Decimal | None]) -> None:
    for written in (
        [None if amount is None else f"{amount:,}" for amount in amounts],
        [None if amount is None else f"￥{amount:f}" for amount in amounts],
        [None if amount is None else f"({-amount:f})" if amount < 0 else f"{amount:f}元" for amount in amounts],
    ):
        read = source(pa.array(written, pa.string())).money("列").to_pylist()
        assert read == amounts
