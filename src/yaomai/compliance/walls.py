"""The second wall, proved: nobody with an active filing holds sales targets, orders or prices, nor sees any (X2, MR3).

For every person who was filed on a day: the rights that were withheld, any that were not, what was done in the rooms of
business on that day by the trail, and what other rooms say they hold (`organization.wall.register_holder`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from yaomai.kit.audit.models import Entry
from yaomai.organization import wall
from yaomai.organization.models import Filing, Holding, Person, Role, on_day
from yaomai.organization.selectors import actor_for


@dataclass(frozen=True, slots=True)
class Line:
    """What is shown of one filed person."""

    person: Person
    filings: tuple[Filing, ...]
    seats: tuple[str, ...]
    withheld: tuple[str, ...]
    """Rights of business that the positions would have given and the wall took."""
    left: tuple[str, ...]
    """Rights of business that remain: a breach."""
    done: tuple[str, ...]
    """Acts of business on that day: a breach."""
    held: tuple[str, ...]
    """What rooms say the person holds: a breach."""

    @property
    def is_breach(self) -> bool:
        return bool(self.left or self.done or self.held)


@dataclass(frozen=True, slots=True)
class Proof:
    """The wall on a day."""

    on: date
    lines: tuple[Line, ...]

    @property
    def breaches(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.is_breach)


def proof(on: date) -> Proof:
    """Return what can be shown of everybody who was filed on a day, by name."""
    filings: dict[int, list[Filing]] = {}
    for filing in Filing.unscoped.filter(on_day(on)).select_related("person").order_by("person__name", "pk"):
        filings.setdefault(filing.person_id, []).append(filing)
    seats = _seats(on, filings)
    rights = _rights_on(on, {seat.position.role for some in seats.values() for seat in some})
    done = _done(on, filings)
    held = {str(label): frozenset(holders(on)) for label, holders in wall.holders()}
    return Proof(
        on, tuple(_line(some, seats.get(pk, []), rights, done.get(pk, ()), held, on) for pk, some in filings.items())
    )


def _line(
    filings: list[Filing], seats: list[Holding], rights: Mapping[int, frozenset[str]], done: tuple[str, ...],
    held: Mapping[str, frozenset[int]], on: date,
) -> Line:  # fmt: skip
    person = filings[0].person
    given = frozenset().union(*(rights[seat.position.role_id] for seat in seats))
    seen = frozenset().union(*(grant.rights for grant in actor_for(person, on=on, at=_end(on)).grants))
    return Line(
        person=person,
        filings=tuple(filings),
        seats=tuple(seat.position.title for seat in seats),
        withheld=tuple(sorted(wall.commercial(given))),
        left=tuple(sorted(wall.commercial(seen))),
        done=done,
        held=tuple(label for label, people in held.items() if person.pk in people),
    )


def _seats(on: date, people: Mapping[int, object]) -> dict[int, list[Holding]]:
    found: dict[int, list[Holding]] = {}
    held = Holding.unscoped.filter(on_day(on) & on_day(on, "position__"), person__in=people)
    for holding in held.select_related("position__role").order_by("pk"):
        found.setdefault(holding.person_id, []).append(holding)
    return found


def _end(on: date) -> datetime:
    return timezone.make_aware(datetime.combine(on + timedelta(days=1), time.min))


def _rights_on(on: date, roles: set[Role]) -> dict[int, frozenset[str]]:
    """Return the rights of roles as they were at the end of a day: those of now, taken back through the trail."""
    found = {role.pk: set(role.rights) for role in roles}
    codes = {role.code: role.pk for role in roles}
    later = Entry.unscoped.filter(
        code__in=["organization.role:edit", "organization.role:sync"], outcome=Entry.Outcome.DONE, at__gte=_end(on)
    ).order_by("-pk")
    for entry in later:
        changes = json.loads(entry.content)["changes"]
        if entry.code == "organization.role:sync":
            for code, (before, _after) in changes.items():
                if code in codes:
                    found[codes[code]] = set(before or ())
        elif entry.target_id.isdigit() and int(entry.target_id) in found:
            role = found[int(entry.target_id)]
            for right, (before, _after) in changes.items():
                if right != "reach":
                    (role.add if before else role.discard)(right)
    return {pk: frozenset(rights) for pk, rights in found.items()}


def _done(on: date, people: Mapping[int, object]) -> dict[int, tuple[str, ...]]:
    """Return the acts of business that people did on a day, by the trail."""
    acts = Entry.unscoped.filter(
        actor_id__in=list(people), outcome=Entry.Outcome.DONE, at__gte=_end(on - timedelta(days=1)), at__lt=_end(on)
    )
    found: dict[int, set[str]] = {}
    for person, code in acts.values_list("actor_id", "code").distinct():
        assert person is not None
        found.setdefault(person, set()).add(code)
    return {person: tuple(sorted(wall.commercial(codes))) for person, codes in found.items()}
