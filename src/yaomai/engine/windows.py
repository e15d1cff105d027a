"""The windows of metrics and growth: months that end with a day. Nothing heavy is loaded for them."""

from datetime import date, timedelta


def window_starts(as_of: date) -> dict[int, date]:
    """Give the first day of the windows of 3, 6, 12 and 24 months that end with `as_of`."""
    return {months: _months_before(as_of, months) + timedelta(days=1) for months in (3, 6, 12, 24)}


def is_month_end(day: date) -> bool:
    """Say whether `day` is the last of its month."""
    return (day + timedelta(days=1)).month != day.month


def _months_before(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    first_of_next = date((index + 1) // 12, (index + 1) % 12 + 1, 1)
    last = first_of_next - timedelta(days=1)
    return last if is_month_end(day) or day.day > last.day else last.replace(day=day.day)
