"""What follows from dates and tiers alone. Pure functions; no Django."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
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


def shared_out(whole: Decimal, weights: Sequence[Decimal], *, unit: Decimal = Decimal("0.01")) -> list[Decimal]:
    """Share a figure out by weights so that the parts add up to it exactly: largest remainders get the last units.

    Whole figures are shared out in whole figures.
    """
    if whole == whole.to_integral_value():
        unit = Decimal(1)
    total = sum(weights, Decimal(0))
    exact = [whole * weight / total for weight in weights]
    parts = [(share // unit) * unit for share in exact]
    left = int((whole - sum(parts, Decimal(0))) / unit)
    order = sorted(range(len(parts)), key=lambda number: (parts[number] - exact[number], number))
    for number in order[:left]:
        parts[number] += unit
    return parts


def smart(
    texts: Mapping[str, str],
    *,
    target: Decimal,
    is_rate: bool,
    ends_on: date,
    today: date,
    shortest: int,
    has_parent: bool,
    before: Decimal | None,
) -> list[str]:
    """Return which of the five tests of a goal fail (E4).

    Args:
        texts: title, basis and relevance.
        shortest: how many characters a text has at least to say anything.
        has_parent: a part of a larger goal serves that one.
        before: the target of the whole; None where parts do not add up to it.
    """
    found = []
    if len(texts["title"].strip()) < shortest:
        found.append("specific")
    if target <= 0:
        found.append("measurable")
    elif is_rate and target > 100:
        found.append("rate")
    if len(texts["basis"].strip()) < shortest:
        found.append("achievable")
    elif before is not None and target > before:
        found.append("beyond")
    if not has_parent and len(texts["relevance"].strip()) < shortest:
        found.append("relevant")
    if ends_on <= today:
        found.append("timely")
    return found


SHORTEST_SILENCE = 14
"""Days below which nobody calls it silence."""


def silence_weight(least: int, days: int) -> int:
    """Return how much a silence weighs: one more for every ten days, twice `least` at most."""
    return least + min(days // 10, least)
