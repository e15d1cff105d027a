"""What places there are and who is in a role, told by the room that knows them."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from yaomai.kit.access import Actor
from yaomai.kit.memo import once_a_page

WHOLE = 0
"""The place that holds every other, and what lies nowhere."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the tree; `above` is None at the top."""

    pk: int
    name: str
    above: int | None


@dataclass(frozen=True, slots=True)
class Tree:
    """All places, each after the one above it."""

    places: Mapping[int, Place]
    below: Mapping[int | None, tuple[int, ...]]
    mark: str = field(compare=False)
    """Changes when places move: totals that were made for another tree are not shown."""

    def above(self, pk: int) -> Iterable[int]:
        """Yield a place and everything above it, the whole company last."""
        seen: set[int] = set()
        at: int | None = pk
        while at is not None and at not in seen and at in self.places:
            yield at
            seen.add(at)
            at = self.places[at].above
        yield WHOLE

    def tops(self, reach: frozenset[int]) -> tuple[int, ...]:
        """Return the places of a reach that lie below no other of it."""
        return tuple(pk for pk, place in self.places.items() if pk in reach and place.above not in reach)

    def children(self, pk: int) -> tuple[int, ...]:
        """Return the places next below; a single one that holds all the others is passed over."""
        found = self.below.get(None if pk == WHOLE else pk, ())
        return self.below.get(found[0], ()) if pk == WHOLE and len(found) == 1 else found

    def name(self, pk: int) -> str:
        return self.places[pk].name if pk in self.places else ""


Places = Callable[[], Iterable[Place]]
Members = Callable[[str, date], Iterable[int]]
_places: list[Places] = []
_members: list[Members] = []


def register(*, places: Places, members: Members) -> None:
    """Tell what places there are, parents first, and who is in a role on a day, as person ids."""
    _places[:] = [places]
    _members[:] = [members]


@once_a_page
def tree() -> Tree:
    """Return the places of today; one query."""
    found = {place.pk: place for load in _places for place in load()}
    below: dict[int | None, tuple[int, ...]] = {}
    for place in found.values():
        below[place.above] = (*below.get(place.above, ()), place.pk)
    said = ",".join(f"{pk}:{found[pk].above}" for pk in sorted(found))
    return Tree(found, below, hashlib.sha256(said.encode()).hexdigest())


def members(role: str, on: date) -> frozenset[int]:
    """Return who is in a role on a day."""
    return frozenset(pk for load in _members for pk in load(role, on))


def may(actor: Actor, right: str) -> bool:
    """Tell whether the actor may see what takes a right somewhere; "" takes none beyond being signed in."""
    return not right or actor.may(right)


def in_reach(actor: Actor, right: str, place: int | None) -> tuple[int, ...]:
    """Return the places whose totals add up to what the right reaches below a place (None: everywhere); none outside it."""
    if not right:
        return (WHOLE,) if place is None else ()
    if not actor.may(right):
        return ()
    reach = actor.reach(right)
    if place is None:
        return (WHOLE,) if reach is None else tree().tops(reach)
    return (place,) if place in tree().places and (reach is None or place in reach) else ()


def all_in_reach(actor: Actor) -> frozenset[int]:
    """Return every place that some position of the actor reaches."""
    known = frozenset(tree().places)
    if actor.is_system or any(grant.territory_ids is None for grant in actor.grants):
        return known
    return known & frozenset(pk for grant in actor.grants for pk in grant.territory_ids or ())
