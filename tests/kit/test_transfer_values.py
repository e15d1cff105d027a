"""Converting: every spelling has one meaning or is refused with its place."""

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from yaomai import spellings
from yaomai.kit.transfer.columns import Choice, Column, ColumnKind
from yaomai.kit.transfer.problems import Problem
from yaomai.kit.transfer.reading import Table
from yaomai.kit.transfer.values import parse
from yaomai.spellings import DayOrder, NotReadable


def table_of(**columns: list[str | None]) -> Table:
    """Return a table as reading makes it, its rows starting at row 2 of sheet 流向."""
    height = len(next(iter(columns.values())))
    return Table(
        name="流向.xlsx",
        headers=tuple(columns),
        letters=tuple("ABCDEFGH"[: len(columns)]),
        rows=pa.table({str(n): pa.chunked_array([pa.array(v, pa.string())]) for n, v in enumerate(columns.values())}),
        row_numbers=pa.array(np.arange(2, height + 2, dtype=np.int32)),
        sheets=pa.DictionaryArray.from_arrays(pa.array(np.zeros(height, np.int32)), pa.array(["流向"])),
        header_row=1,
    )


def convert(values: list[str | None], **column: Any) -> tuple[list[Any], list[Problem]]:
    """Convert one column; return the values that were taken and the problems."""
    parsed = parse(table_of(x=values), [Column("x", "值", **column)], {"x": 0})
    return parsed.data.column("x").to_pylist(), list(parsed.problems)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", "12"), ("-12.5", "-12.5"), ("１２．５", "12.5"), ("1,234.5", "1234.5"), ("1，234", "1234"),
        ("12,345,678", "12345678"),
        ("(12.5)", "-12.5"), ("（１２）", "-12"), ("−7", "-7"), ("7-", "-7"), ("+7", "7"), ("¥1,234.00", "1234"),
        ("￥-5", "-5"),
        ("-¥5", "-5"), ("(¥1,000)", "-1000"), ("100元", "100"), ("人民币 20", "20"), ("CNY 3.5", "3.5"), ("12%",
        "0.12"), ("3.5‰", "0.0035"),
        ("1.2万", "12000"), ("3亿", "300000000"), ("1e3", "1000"), ("1.5E-3", "0.0015"), (".5", "0.5"), ("5.", "5"),
        ("1 234", "1234"),
        ("0.30000000000000004", "0.3"), ("127.69000000000001", "127.69"), ("007", "7"),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(text: str, value: str) -> None:
    assert spellings.decimal(text) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "code"),
    [("12盒", "number"), ("abc", "number"), ("1,5", "number_ambiguous"), ("1.234,5", "number"), ("1,23,456",
    "number"),
     ("--5", "number"), ("12.3.4", "number"), ("1e99", "too_large"), ("约100", "number"), ("10-20", "number"), ("￥",
     "number")],
)  # fmt: skip
def test_what_is_no_number_is_refused(text: str, code: str) -> None:
    with pytest.raises(NotReadable) as refusal:
        spellings.decimal(text)
    assert refusal.value.code == code


@pytest.mark.parametrize("text", ["-", "--", "—", "/", "无", "N/A", "NULL"])
def test_marks_for_nothing_are_empty(text: str) -> None:
    assert spellings.decimal(text) is None
    assert spellings.day(text) is None
    assert spellings.month(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-05", "2024-3-5", "2024/3/5", "2024.3.5", "2024.03.05", "20240305", "2024年3月5日", "2024年03月05号",
        "２０２４年３月５日",
        "24年3月5日", "2024-03-05 08:30:00", "2024/3/5 8:30", "2024-03-05T08:30:00", "2024年3月5日 8时30分",
        "2024-03-05 星期二", "45356",
        "45356.354", "5-Mar-2024", "Mar 5, 2024", "March 5, 2024", "二〇二四年三月五日", "2024 3 5", "2024－03－05",
    ],
)  # fmt: skip
def test_dates_as_people_write_them(text: str) -> None:
    assert spellings.day(text) == date(2024, 3, 5)


def test_dates_with_the_year_last_need_an_order_unless_only_one_is_possible() -> None:
    with pytest.raises(NotReadable) as refusal:
        spellings.day("3/5/2024")
    assert refusal.value.code == "date_ambiguous"
    assert spellings.day("3/5/2024", DayOrder.MONTH_FIRST) == date(2024, 3, 5)
    assert spellings.day("3/5/2024", DayOrder.DAY_FIRST) == date(2024, 5, 3)
    assert spellings.day("1/19/2014") == date(2014, 1, 19)
    assert spellings.day("19/1/2014") == date(2014, 1, 19)
    assert spellings.day("5/5/2024") == date(2024, 5, 5)


@pytest.mark.parametrize(
    ("text", "code"),
    [("24.3.5", "date_ambiguous"), ("3-5-24", "date_ambiguous"), ("2024-02-30", "date"), ("2024-13-01", "date"),
    ("1024-01-01", "date_range"),
     ("昨天", "date"), ("2024", "date"), ("12345678", "date_range"), ("99999", "date"), ("2024-03", "date")],
)  # fmt: skip
def test_what_is_no_date_is_refused(text: str, code: str) -> None:
    with pytest.raises(NotReadable) as refusal:
        spellings.day(text)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "text",
    ["2024年3月", "2024年03月份", "2024-03", "2024/3", "2024.03", "2024.3", "202403", "24年3月", "Mar 2024",
    "Mar-2024", "2024-03-31", "2024年3月15日",
     "20240305", "45356", "二〇二四年三月", "２０２４年３月"],
)  # fmt: skip
def test_months_as_people_write_them(text: str) -> None:
    assert spellings.month(text) == date(2024, 3, 1)


@pytest.mark.parametrize(
    ("text", "code"),
    [("3月", "year_missing"), ("12月份", "year_missing"), ("2024.1", "month_ambiguous"), ("2024-13", "month"),
    ("202413", "month"), ("三月", "month")],
)  # fmt: skip
def test_what_is_no_month_is_refused(text: str, code: str) -> None:
    with pytest.raises(NotReadable) as refusal:
        spellings.month(text)
    assert refusal.value.code == code


def test_a_column_of_clean_dirty_and_wrong_numbers() -> None:
    values, problems = convert(
        ["12.345", None, "（1,000）", "12盒", "#REF!", "99.995", "-0.005"], kind=ColumnKind.DECIMAL
    )

    assert values == [Decimal("12.35"), None, Decimal("-1000.00"), Decimal("100.00"), Decimal("-0.01")]
    assert [(each.place.cell, each.code, each.value) for each in problems] == [
        ("A5", "number", "12盒"),
        ("A6", "error_value", "#REF!"),
    ]
    assert str(problems[0].message).startswith("“12盒”")


def test_numbers_outside_their_bounds_are_refused() -> None:
    values, problems = convert(["99999", "100000", "-1", "5"], kind=ColumnKind.DECIMAL, digits=7, places=2, minimum=0)

    assert values == [Decimal("99999.00"), Decimal("5.00")]
    assert [(each.place.row, each.code) for each in problems] == [(3, "too_large"), (4, "minimum")]


def test_whole_numbers_of_a_spreadsheet_are_whole() -> None:
    values, problems = convert(["12", "12.0", "1,200", "12.5", "9" * 30], kind=ColumnKind.INTEGER)

    assert values == [12, 12, 1200]
    assert [each.code for each in problems] == ["integer", "too_large"]


def test_required_cells_must_be_filled_and_an_error_value_counts_once() -> None:
    values, problems = convert(["甲", None, "#N/A"], required=True)

    assert values == ["甲"]
    assert [(each.place.cell, each.code) for each in problems] == [("A3", "required"), ("A4", "error_value")]


def test_text_keeps_punctuation_and_folds_wide_digits_and_letters() -> None:
    values, problems = convert(["清音街１号（Ａ座）", "长" * 11], length=10)

    assert values == ["清音街1号（A座）"]
    assert [each.code for each in problems] == ["length"]


def test_choices_are_known_by_value_label_and_synonym() -> None:
    choices = (Choice("hospital", "医院", ("医疗机构",)), Choice("pharmacy", "药店", ("零售药店", "Drug Store")))
    values, problems = convert(
        ["医院", "HOSPITAL", " 医疗机构", "drugstore", None, "诊所"], kind=ColumnKind.CHOICE, choices=choices
    )

    assert values == ["hospital", "hospital", "hospital", "pharmacy", None]
    with translation.override("en"):
        assert problems[0].message == "“诊所” is not one of the possible values: 医院、药店."


def test_yes_and_no() -> None:
    values, problems = convert(["是", "√", "Y", "否", "×", "0", None, "也许"], kind=ColumnKind.BOOLEAN)

    assert values == [True, True, True, False, False, False, None]
    assert [each.value for each in problems] == ["也许"]


def test_the_columns_of_a_row_fail_together() -> None:
    table = table_of(日期=["2024-03-05", "3/5/2024", "2024年3月6日"], 数量=["1", "x", "3"])
    columns = [Column("on", "日期", kind=ColumnKind.DATE), Column("quantity", "数量", kind=ColumnKind.INTEGER)]

    parsed = parse(table, columns, {"on": 0, "quantity": 1})

    assert parsed.data.to_pylist() == [{"on": date(2024, 3, 5), "quantity": 1}, {"on": date(2024, 3, 6), "quantity": 3}]
    assert parsed.rows.tolist() == [0, 2]
    assert [(each.place.cell, each.header) for each in parsed.problems] == [("A3", "日期"), ("B3", "数量")]
    assert parsed.problems.refused_count == 1
    ordered = parse(table, columns, {"on": 0, "quantity": 1}, day_order=DayOrder.DAY_FIRST)
    assert [each.code for each in ordered.problems] == ["number"]


def test_the_example_row_of_the_template_is_not_data() -> None:
    columns = [Column("name", "名称", example="示例医院"), Column("grade", "等级", example="三级")]

    parsed = parse(table_of(名称=["示例医院", "协和"], 等级=["三级", "三级"]), columns, {"name": 0, "grade": 1})

    assert parsed.data.to_pylist() == [{"name": "协和", "grade": "三级"}]
    assert parsed.example_rows == 1
    assert parsed.table.place(0).row == 3


def test_ten_thousand_wrong_rows_are_counted_and_placed() -> None:
    texts: list[str | None] = [f"错{number}" for number in range(10_000)]
    parsed = parse(table_of(x=texts), [Column("x", "值", kind=ColumnKind.DATE)], {"x": 0})

    assert parsed.problems.counts() == [("x", "date", 10_000)]
    assert [each.place.row for each in parsed.problems.first(2)] == [2, 3]
    assert parsed.data.num_rows == 0


@given(st.lists(st.decimals(min_value=-(10**12), max_value=10**12, places=2, allow_nan=False), max_size=20))
def test_every_number_written_plainly_comes_back(numbers: list[Decimal]) -> None:
    values, problems = convert([format(number, "f") for number in numbers] + ["0"], kind=ColumnKind.DECIMAL)

    assert values == [*numbers, Decimal(0)]
    assert problems == []


@given(
    st.lists(st.one_of(st.none(), st.text(min_size=1, max_size=12)), min_size=1, max_size=20),
    st.sampled_from(ColumnKind),
)
def test_no_text_ever_breaks_the_conversion(texts: list[str | None], kind: ColumnKind) -> None:
    values, problems = convert(texts, kind=kind)

    assert len(values) + len({each.place.row for each in problems}) == len(texts)


@pytest.mark.parametrize("text", ["2147483648", "-2147483648", "99999999999999999999", "1e30", "９" * 19])
def test_whole_numbers_that_no_column_holds_are_refused_where_they_stand(text: str) -> None:
    _values, problems = convert(["7", text], kind=ColumnKind.INTEGER)
    assert [problem.place.cell for problem in problems] == ["A3"]
    assert convert(["2147483647"], kind=ColumnKind.INTEGER) == ([2_147_483_647], [])
