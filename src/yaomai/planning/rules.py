"""What follows from dates and tiers alone. Pure functions; no Django."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

_MONDAY: Final = date(2001, 1, 1)
"""Windows of weeks are counted from here, so that they stay the same whenever they are laid out."""


def windows(every: int, unit: str, *, since: date, until: date) -> Iterator[tuple[date, date]]:
    """Yield the windows of a cadence that end after `since` and begin before `until`, half-open, in order.

    Windows of weeks begin on Mondays; windows of months on the first of a month, counted from January: every second
    month is January–February, March–April and so on.
    """
    if unit == "week":
        days = 7 * every
        start = _MONDAY + timedelta(days=((since - _MONDAY).days // days) * days)
        while start < until:
            yield start, start + timedelta(days=days)
            start += timedelta(days=days)
        return
    number = ((since.year * 12 + since.month - 1) // every) * every
    while (start := _first_of(number)) < until:
        yield start, _first_of(number + every)
        number += every


def _first_of(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def next_month(day: date, count: int = 1) -> date:
    """Return the first day of the month `count` months later."""
    return _first_of(day.year * 12 + day.month - 1 + count)


def upwards(path: str) -> list[str]:
    """Return the path of a territory and of all above it, the nearest first: "/1/4/" gives "/1/4/", "/1/"."""
    parts = [part for part in path.split("/") if part]
    return [f"/{'/'.join(parts[:length])}/" for length in range(len(parts), 0, -1)]


def nearest(holders: Mapping[str, Sequence[int]], path: str, spread_by: int) -> int | None:
    """Return who of a role answers at a territory: of the nearest holders above it, each a share of the customers.

    Args:
        holders: people by path of their territory.
        path: of the customer's territory; "" is nowhere, so that only holders of the whole company remain.
        spread_by: the institution's id; the same institution always falls to the same person.
    """
    for above in upwards(path):
        if found := holders.get(above):
            return found[spread_by % len(found)]
    return None
