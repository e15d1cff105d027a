"""The wall between academic work and business: what a filed rep (备案医药代表) may not hold.

A person with an active filing carries no sales target, takes no order, handles no price, rebate or receivable
(医药代表备案管理办法（试行）). Rooms name the rights concerned in their `apps.py`:

    wall.withhold("commerce.*:*", "customers.institution.amounts:view")

`actor_for` drops them from every grant while a filing is active, whatever the position says, so that no list,
form, export or endpoint can give them back. What stays visible to a filed rep: customers, affiliations, tiers with
their reasons in words, plans, visits. Purchases (流向), at whatever level, are business: whoever reports on
academic work must not learn what it sold, so amounts and quantities are among the withheld rights.
"""

from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache

from django.utils.functional import Promise

from yaomai.organization import rules

CITATIONS = ("医药代表备案管理办法（试行）：医药代表不得承担药品销售任务，不得实施收款和处理购销票据等销售行为",)

# Floor of the wall: holds even if a room forgot to name its rights.
_patterns: set[str] = {"commerce.*:*"}


Holders = Callable[[date], Iterable[int]]
"""Day -> ids of people who hold something of business on it."""
_holders: list[tuple[Promise | str, Holders]] = []


def register_holder(label: Promise | str, holders: Holders) -> None:
    """Let a room say who holds targets, orders or the like on a day: the proof of the wall looks for the filed among them."""
    _holders.append((label, holders))


def holders() -> list[tuple[Promise | str, Holders]]:
    """Return what rooms can say of holders, with its label."""
    return list(_holders)


def withhold(*patterns: str) -> None:
    """Withhold the rights that fit the patterns from everybody with an active filing."""
    _patterns.update(patterns)
    _withheld.cache_clear()


def commercial(rights: Iterable[str]) -> frozenset[str]:
    """Return those of the rights that a filed rep may not hold."""
    return _withheld(frozenset(rights))


@lru_cache(maxsize=512)
def _withheld(rights: frozenset[str]) -> frozenset[str]:
    return rules.matching(rights, _patterns)
