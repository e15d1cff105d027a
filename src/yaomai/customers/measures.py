"""What rooms can say of many institutions at once, each as a number: how complete a profile is, how many tiers are in force.

A room declares what it knows; a room above lets policies name it by its code, so that neither knows the other:

    register_measure("listing.deciders", label=_("Deciders known"), of=deciders, right="listing.committee:view")

`of(keys, today)` returns the number of each institution in one query; one that is left out has none (0).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise

from yaomai.kit.access import Actor

Numbers = Mapping[int, float]
Of = Callable[[Sequence[int], date], Numbers]


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of an institution. Whoever lacks `right` never learns it."""

    code: str
    label: Promise | str
    of: Of
    unit: str = "count"
    right: str = ""
    help: Promise | str = ""
    """How to raise it, said to whoever lacks it."""

    def is_seen_by(self, actor: Actor) -> bool:
        return not self.right or actor.may(self.right)


_measures: dict[str, Measure] = {}


def register_measure(
    code: str, *, label: Promise | str, of: Of, unit: str = "count", right: str = "", help: Promise | str = ""
) -> None:
    """Declare a measure; the same code again replaces it."""
    _measures[code] = Measure(code, label, of, unit, right, help)


def measures() -> list[Measure]:
    """Return every measure in the order of declaration."""
    return list(_measures.values())


def measure(code: str) -> Measure | None:
    """Return a measure by its code, None when no room declares it."""
    return _measures.get(code)


def measured(codes: Sequence[str], keys: Sequence[int], *, today: date) -> dict[str, Numbers]:
    """Return, for each known code, the number of each institution; one query for each code."""
    found = {code: _measures[code] for code in dict.fromkeys(codes) if code in _measures}
    return {code: (each.of(keys, today) if keys else {}) for code, each in found.items()}
