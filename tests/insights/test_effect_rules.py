"""When a change can be looked at, how much more it would take, and which prices are outlying."""

from datetime import date
from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yaomai.insights.effects import rules as effect_rules
from yaomai.insights.months import month_after, months_between
from yaomai.insights.signals import rules as signal_rules

LONG = {"first": date(2020, 1, 1), "through": date(2026, 10, 1), "before": 12, "after": 12}


def test_a_change_on_the_first_has_whole_months_on_both_sides() -> None:
    found = effect_rules.window(date(2026, 5, 1), **LONG)
    assert found.left_out is None and found.since == 12 and found.after == 6
    assert (found.months[0], found.months[11], found.months[12]) == (
        date(2025, 5, 1),
        date(2026, 4, 1),
        date(2026, 5, 1),
    )
    assert found.months[-1] == date(2026, 10, 1)


def test_the_month_of_a_change_on_another_day_is_of_neither_side() -> None:
    found = effect_rules.window(date(2026, 5, 2), **LONG)
    assert found.left_out == date(2026, 5, 1) and date(2026, 5, 1) not in found.months
    assert (found.since, found.after, found.months[12]) == (12, 5, date(2026, 6, 1))


def test_months_without_sales_flow_do_not_count() -> None:
    short = effect_rules.window(date(2026, 5, 1), **{**LONG, "first": date(2026, 2, 1)})
    assert (short.since, short.months[0]) == (3, date(2026, 2, 1))
    none = effect_rules.window(date(2026, 11, 1), **LONG)
    assert (none.since, none.after) == (12, 0)
    assert effect_rules.window(date(2026, 5, 1), first=date.max, through=date.min, before=12, after=12).months == ()


def test_the_first_answer_is_possible_when_a_whole_month_is_over() -> None:
    assert effect_rules.first_answer(date(2026, 11, 1)) == date(2026, 12, 1)
    assert effect_rules.first_answer(date(2026, 11, 2)) == date(2027, 1, 1)
    assert effect_rules.first_answer(date(2026, 12, 31)) == date(2027, 2, 1)


def test_months_needed_shrink_what_the_months_after_leave_open() -> None:
    # 20 customers, 10 more needed: the variance must fall to two thirds; 1/12 + 1/3 to 0.2778: 1/0.1944 = 5.14 months.
    assert effect_rules.months_needed(count=20, needed=10, before=12, after=3) == 3
    # What twelve months before leave open is more than what may be left: no number of months is enough.
    assert effect_rules.months_needed(count=20, needed=100, before=12, after=3) is None
    assert effect_rules.months_needed(count=20, needed=0, before=12, after=3) is None


@given(count=st.integers(5, 500), needed=st.integers(1, 5000), before=st.integers(4, 60), after=st.integers(1, 60))
def test_months_needed_are_none_or_a_number_that_suffices(count: int, needed: int, before: int, after: int) -> None:
    more = effect_rules.months_needed(count=count, needed=needed, before=before, after=after)
    if more is not None:
        assert 0 < more <= effect_rules.MOST_MONTHS
        now, then = 1 / after + 1 / before, 1 / (after + more) + 1 / before
        assert then <= now * count / (count + needed) + 1e-9


def test_months() -> None:
    assert month_after(date(2026, 11, 30), 2) == date(2027, 1, 1)
    assert month_after(date(2026, 1, 1), -1) == date(2025, 12, 1)
    assert months_between(date(2025, 12, 1), date(2026, 2, 1)) == [
        date(2025, 12, 1),
        date(2026, 1, 1),
        date(2026, 2, 1),
    ]


def test_prices_set_by_contract_are_outlying_from_the_least_distance() -> None:
    bounds = signal_rules.price_bounds(100.0, 0.0, false_alarms=0.002, least=0.15)
    assert (round(bounds.low, 2), round(bounds.high, 2)) == (86.96, 115.0)
    assert [signal_rules.is_outlying(price, bounds) for price in (87, 114.9, 116, 80)] == [False, False, True, True]


def test_prices_that_scatter_must_lie_further_away() -> None:
    calm = signal_rules.price_bounds(100.0, 0.02, false_alarms=0.002, least=0.05)
    wild = signal_rules.price_bounds(100.0, 0.10, false_alarms=0.002, least=0.05)
    assert wild.high > calm.high > 105 and wild.low < calm.low < 95
    assert signal_rules.price_bounds(100.0, 0.02, false_alarms=0.02, least=0.05).high < calm.high
    assert calm.score(100 * exp(0.3)) == pytest.approx(0.3 / (1.4826 * 0.02))
    assert log(calm.high / 100) == pytest.approx(log(100 / calm.low))
