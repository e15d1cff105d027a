"""How dates, money and numbers are written, in both languages."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from yaomai.kit.ui import formats, values

TODAY = date(2026, 11, 21)


@pytest.fixture(params=["zh-hans", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize(
    ("amount", "chinese", "english"),
    [
        ("1234567.89", "¥123.5万", "¥1.2M"),
        ("9999", "¥9,999", "¥10K"),
        ("10000", "¥1万", "¥10K"),
        ("123456789", "¥1.2亿", "¥123.5M"),
        ("-8640.7", "−¥8,641", "−¥8.6K"),
        ("-25000", "−¥2.5万", "−¥25K"),
        ("0", "¥0", "¥0"),
    ],
)
def test_short_money_counts_in_the_steps_of_the_language(amount: str, chinese: str, english: str) -> None:
    with translation.override("zh-hans"):
        assert formats.short_money(Decimal(amount)) == chinese
    with translation.override("en"):
        assert formats.short_money(Decimal(amount)) == english


@pytest.mark.parametrize(
    ("amount", "places", "written"),
    [
        (Decimal("1234567.89"), 0, "¥1,234,568"),
        (Decimal("-0.4"), 0, "¥0"),
        (Decimal("-0.4"), 1, "−¥0.4"),
        (1234567, 2, "¥1,234,567.00"),
    ],
)
def test_money_is_grouped_with_a_true_minus(amount: Decimal, places: int, written: str) -> None:
    assert formats.money(amount, places) == written


def test_a_ratio_is_written_as_percent() -> None:
    assert formats.percent(0.1234) == "12.3%"
    assert formats.percent(Decimal("-0.064")) == "−6.4%"


def test_days_name_the_weekday_and_the_year_only_when_it_is_another() -> None:
    with translation.override("zh-hans"):
        assert formats.day(date(2026, 11, 21), today=TODAY) == "11月21日 周六"
        assert formats.day(date(2025, 3, 2), today=TODAY) == "2025年3月2日 周日"
    with translation.override("en"):
        assert formats.day(date(2026, 11, 21), today=TODAY) == "Sat 21 Nov"
        assert formats.day(date(2025, 3, 2), today=TODAY) == "Sun 2 Mar 2025"


def test_a_moment_is_written_in_the_time_zone_of_the_site() -> None:
    late = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
    with translation.override("zh-hans"):
        assert formats.moment(late, today=TODAY) == "11月22日 周日 00:30"


@pytest.mark.parametrize(
    ("value", "english"),
    [
        (date(2026, 11, 21), "today"),
        (date(2026, 11, 20), "yesterday"),
        (date(2026, 11, 22), "tomorrow"),
        (date(2026, 11, 18), "3 days ago"),
        (date(2026, 11, 24), "in 3 days"),
        (date(2026, 9, 22), "60 days ago"),
        (date(2026, 9, 21), "2 months ago"),
        (date(2027, 3, 1), "in 3 months"),
        (date(2024, 11, 1), "2 years ago"),
    ],
)
def test_distant_days_are_counted_in_larger_units(value: date, english: str) -> None:
    with translation.override("en"):
        assert formats.relative_day(value, today=TODAY) == english


def test_the_exact_amount_is_on_hover() -> None:
    with translation.override("zh-hans"):
        assert (
            values.short_money(Decimal("1234567.89"))
            == '<data class="ym-num" value="1234567.89" title="¥1,234,567.89">¥123.5万</data>'
        )


@pytest.mark.parametrize("nothing", [None, "", "not a number", float("nan"), float("inf")])
def test_what_is_no_number_is_a_dash_that_speaks(nothing: object, language: str) -> None:
    with translation.override(language):
        assert values.money(nothing).startswith('<span class="ym-none">–<span class="visually-hidden">')


def test_any_value_is_shown_by_its_type() -> None:
    with translation.override("en"):
        assert values.shown(1680) == '<span class="ym-num">1,680</span>'
        assert values.shown(Decimal("82.40")) == '<span class="ym-num">82.4</span>'
        assert values.shown(Decimal("1E+3")) == '<span class="ym-num">1,000</span>'
        assert values.shown(True) == "yes"
        assert values.shown("<b>") == "<b>"  # not marked safe: the template escapes it
        assert "Sun 2 Mar 2025" in values.shown(date(2025, 3, 2))


@pytest.mark.parametrize(
    ("ratio", "text"),
    [("0.123", "+12%"), ("-0.031", f"{formats.MINUS}3%"), ("0", "±0%"), ("-0.004", "±0%"), ("12.5", "+1,250%")],
)
def test_a_change_is_written_with_its_sign(ratio: str, text: str) -> None:
    assert formats.change(Decimal(ratio)) == text
