"""When a figure is odd, what a re-check says, and which periods a month opens."""

from datetime import date
from typing import Any

import pytest

from yaomai.insights.evaluations import rules
from yaomai.insights.evaluations.rules import Limits, Span


def test_periods_begin_where_they_should() -> None:
    day = date(2026, 11, 20)
    assert rules.span_of("month", day) == Span(date(2026, 11, 1), date(2026, 12, 1))
    assert rules.span_of("quarter", day) == Span(date(2026, 10, 1), date(2027, 1, 1))
    assert rules.span_of("year", day) == Span(date(2026, 1, 1), date(2027, 1, 1))
    now, before, year = rules.compared(rules.span_of("quarter", date(2026, 2, 1)))
    assert (now.begin, before.begin, year.begin) == (date(2026, 1, 1), date(2025, 10, 1), date(2025, 1, 1))


@pytest.mark.parametrize(
    ("today", "levels"),
    [((2026, 11, 5), ["month"]), ((2026, 10, 1), ["month", "quarter"]), ((2027, 1, 31), ["month", "quarter", "year"])],
)
def test_a_month_opens_what_ended_with_the_one_before(today: Any, levels: list[str]) -> None:
    found = rules.over_on(date(*today))
    assert [level for level, _span in found] == levels
    assert {span.end for _level, span in found} == {date(*today).replace(day=1)}


@pytest.mark.parametrize(
    ("measure", "values", "limits", "customers", "odd"),
    [
        ("purchases", (80, 100, 100), Limits(0.1), 9, True),
        ("purchases", (80, 100, 82), Limits(0.1), 9, False),  # a season: last year was the same
        ("purchases", (80, 100, None), Limits(0.1), 9, True),
        ("purchases", (120, 100, 100), Limits(0.1), 9, False),
        ("purchases", (None, 100, 100), Limits(0.1), 9, False),
        ("purchases", (80, 0, None), Limits(0.1), 9, False),
        ("purchases", (80, 100, 100), Limits(0.1, fewest=10), 9, False),
        ("lost", (0.05, 0.02, 0.02), Limits(0.02), 9, True),
        ("lost", (0.05, 0.05, 0.05), Limits(0.02, goal=0.02), 9, True),
        ("lost", (0.01, 0.05, 0.05), Limits(0.02, goal=0.02), 9, False),
        ("satisfaction", (84, 84, 84), Limits(5, goal=85), 9, True),
        ("satisfaction", (86, 95, 92), Limits(5, goal=85), 9, True),
        ("value", (110, 100, 100), Limits(-0.2), 9, True),  # grew by 10 %, the goal is 20 %
        ("value", (130, 100, 100), Limits(-0.2), 9, False),
    ],
)
def test_odd(measure: str, values: Any, limits: Limits, customers: int, odd: bool) -> None:
    assert rules.is_odd(measure, *values, customers=customers, limits=limits) is odd


def told(value: float | None, year: float | None = None) -> dict[str, float | None]:
    return {"value": value, "year": year}


@pytest.mark.parametrize(
    ("measure", "found", "again", "said"),
    [
        ("purchases", told(80), told(100), "better"),
        ("purchases", told(80), told(82), "same"),
        ("purchases", told(80), told(60), "worse"),
        ("purchases", told(80), told(None), "unclear"),
        ("purchases", told(None), told(80), "unclear"),
        ("purchases", told(0), told(80), "unclear"),
        # In a weak season: 20 % below last year then, level with last year now.
        ("purchases", told(80, 100), told(50, 50), "better"),
        ("purchases", told(80, 100), told(100, 150), "worse"),
        ("lost", told(0.08), told(0.03), "better"),
        ("lost", told(0.03), told(0.08), "worse"),
        ("satisfaction", told(80), told(80.5), "same"),
    ],
)
def test_re_check(measure: str, found: Any, again: Any, said: str) -> None:
    points = 1.0 if measure == "satisfaction" else 0.01
    assert rules.verdict(measure, found=found, again=again, least=0.05, least_points=points) == said
