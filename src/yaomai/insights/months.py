"""Months as their first days; pure."""

from datetime import date


def month_after(month: date, count: int) -> date:
    """Return the first day of the month that lies `count` months after (or before) the one of a day."""
    at = month.year * 12 + month.month - 1 + count
    return date(at // 12, at % 12 + 1, 1)


def months_between(first: date, last: date) -> list[date]:
    """Return the first days of all months from one to another, both included."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [month_after(first, each) for each in range(count)]
