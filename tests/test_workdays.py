"""Working days as the State Council announced them."""

from datetime import date

import pytest

from yaomai.workdays import add_workdays, is_provisional, is_workday, workdays_between


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 1, 1), False),
        (date(2026, 1, 4), True),  # a Sunday that is worked for the New Year
        (date(2026, 10, 1), False),
        (date(2026, 10, 10), True),  # a Saturday that is worked for the National Day
        (date(2025, 10, 8), False),
        (date(2024, 2, 10), False),
        (date(2024, 2, 4), True),
        (date(2026, 11, 20), True),
        (date(2026, 11, 21), False),
    ],
)
def test_announced_days(day: date, works: bool) -> None:
    assert is_workday(day) is works
    assert not is_provisional(day)


def test_counting_passes_over_the_national_day_week() -> None:
    assert add_workdays(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert add_workdays(date(2026, 9, 30), 3) == date(2026, 10, 10)
    assert add_workdays(date(2026, 9, 30), 0) == date(2026, 9, 30)
    assert workdays_between(date(2026, 9, 30), date(2026, 10, 10)) == 3
    with pytest.raises(ValueError, match="forwards"):
        add_workdays(date(2026, 9, 30), -1)


def test_a_year_that_is_not_announced_is_provisional() -> None:
    assert is_provisional(date(2031, 6, 2))
    assert not is_workday(date(2031, 5, 1)) and not is_workday(date(2031, 10, 2)) and not is_workday(date(2031, 6, 1))
    assert is_workday(date(2031, 6, 2))
