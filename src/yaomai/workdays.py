"""Chinese working days, make-up days (调休) included.

    add_workdays(date(2026, 9, 30), 2)      # 2026-10-09: the National Day week lies between
    is_workday(date(2026, 10, 10))          # True: a Saturday that is worked

The State Council announces the holidays of a year in the autumn before. For a year that is not announced yet only the
weekends and the holidays with a fixed date are known: `is_provisional` says so, and screens should too.
"""

from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar

FIXED = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""Statutory holidays with a fixed date (全国年节及纪念日放假办法, 2024): month and day."""


@lru_cache(maxsize=4096)
def _announced(day: date) -> bool | None:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None


def is_provisional(day: date) -> bool:
    """Tell whether the holidays of the day's year are not announced yet, or not known to this version."""
    return _announced(day) is None


def is_workday(day: date) -> bool:
    """Tell whether offices work on the day."""
    announced = _announced(day)
    if announced is not None:
        return announced
    return day.weekday() < 5 and (day.month, day.day) not in FIXED


def add_workdays(day: date, count: int) -> date:
    """Return the `count`-th working day after `day`; with 0 the day itself.

    Raises:
        ValueError: `count` is negative.
    """
    if count < 0:
        raise ValueError("count working days forwards")
    while count:
        day += timedelta(days=1)
        count -= is_workday(day)
    return day


def workdays_between(start: date, end: date) -> int:
    """Return how many working days lie after `start`, up to and including `end`."""
    return sum(is_workday(start + timedelta(days=number)) for number in range(1, (end - start).days + 1))
