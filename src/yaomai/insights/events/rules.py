"""What a policy event does to revenue, in ranges; pure, exact."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Literal

CENT = Decimal("0.01")
Span = tuple[Decimal, Decimal]
Direction = Literal["loss", "gain", "any"]


@dataclass(frozen=True, slots=True)
class Advised:
    """When an advice fits. Empty kinds fit all."""

    code: str
    event_kind: str
    customer_kinds: frozenset[str]
    least_share: Decimal
    direction: Direction


def revenue(base: Decimal, *, price: Span, volume: Span) -> Span:
    """Return the lowest and the highest revenue after prices and volumes change within ranges, as ratios.

    A base below zero (more returned than bought) stays what it is: no policy makes returns.
    """
    if base <= 0:
        return base, base
    ends = [base * (1 + one) * (1 + two) for one, two in product(price, volume)]
    return min(ends).quantize(CENT), max(ends).quantize(CENT)


def at_risk(base: Decimal, low: Decimal) -> Decimal:
    """Return how much less it may become."""
    return max(base - low, Decimal(0))


def standing(actual: Decimal, *, low: Decimal, high: Decimal) -> Literal["below", "within", "above"]:
    """Return where what came lies."""
    return "below" if actual < low else "above" if actual > high else "within"


def direction(base: Decimal, *, low: Decimal, high: Decimal) -> Direction:
    """Return whether an event surely costs, surely brings, or may do either."""
    if high < base:
        return "loss"
    return "gain" if low > base else "any"


def fitting(
    advices: Iterable[Advised], *, event_kind: str, customer_kind: str, share: Decimal, moves: Direction
) -> list[str]:
    """Return the codes of the advices that fit a customer, in the order given."""
    return [
        each.code
        for each in advices
        if each.event_kind in ("", event_kind)
        and (not each.customer_kinds or customer_kind in each.customer_kinds)
        and share >= each.least_share
        and (each.direction == "any" or moves == "any" or each.direction == moves)
    ]


def names_in(text: str) -> Sequence[str]:
    """Return the names in a text that separates them by 、 or other commas."""
    for sign in "，,;；\n":
        text = text.replace(sign, "、")
    return list(dict.fromkeys(name.strip() for name in text.split("、") if name.strip()))
