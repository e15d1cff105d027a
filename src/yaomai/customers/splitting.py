"""What may follow when a part of an institution becomes one of its own. Rooms above add theirs in `apps.py`:

    splitting.register("commerce.names", label=_("Names in sales flow"), help=…, choices=names_of, follow=follow_names)

`choices(institution)` returns (key, label) pairs; `follow(origin, offspring, day, keys)` lets what is chosen follow from the
day, in the transaction of the split, and returns how much did. Undoing a split is a merge: what a room lets follow comes
back by its references (`merging`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise

from yaomai.customers.models import Institution

Text = Promise | str
Choices = Callable[[Institution], Sequence[tuple[int, str]]]
Follow = Callable[[int, int, date, Sequence[int]], int]


@dataclass(frozen=True, slots=True)
class Part:
    """Something of an institution that can follow a split."""

    name: str
    label: Text
    help: Text
    choices: Choices
    follow: Follow
    right: str


_parts: dict[str, Part] = {}


def register(name: str, *, label: Text, help: Text, choices: Choices, follow: Follow, right: str) -> None:
    """Declare something that can follow a split; the same name again replaces it. `right` is needed to see and choose it."""
    _parts[name] = Part(name, label, help, choices, follow, right)


def parts() -> list[Part]:
    """Return what can follow beside departments and people."""
    return list(_parts.values())
