"""Read who we are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, OuterRef, QuerySet, When
from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.kit.access import Actor, Grant
from yaomai.organization import separation, wall
from yaomai.organization.models import AccessToken, Emergency, Filing, Holding, Person, Role, Territory, on_day


def actor_for(person: Person, *, on: date, at: datetime | None = None) -> Actor:
    """Return the person as an actor with the positions held on a day; one without any may do nothing.

    One query: this runs at the start of every request. While a filing is active the rights behind the
    wall are left out of every grant. At the moment `at` the person may have emergency power besides.
    """
    holdings = list(
        Holding.unscoped.filter(on_day(on) & on_day(on, "position__"), person=person)
        .select_related("position__role", "position__territory")
        .defer("position__search")
        .annotate(is_filed=Exists(Filing.unscoped.filter(on_day(on), person=OuterRef("person"))), reached=_reached())
        .order_by("valid_from", "pk")
    )
    grants = tuple(map(_grant, holdings))
    emergency = emergency_of(person, at=at)
    if emergency is not None:
        grants += (Grant(rights=_lent(emergency, on)),)
    return Actor(
        person_id=person.pk,
        label=person.name,
        grants=grants,
        position_label="、".join(holding.position.title for holding in holdings),
        reason=emergency.reason if emergency is not None else "",
        emergency_id=emergency.pk if emergency is not None else None,
    )


def _lent(emergency: Emergency, on: date) -> frozenset[str]:
    """Return the rights of emergency power: the wall holds for it too."""
    rights = frozenset(emergency.role.rights)
    is_filed = Filing.unscoped.filter(on_day(on), person=emergency.person_id).exists()
    return rights - wall.commercial(rights) if is_filed else rights


def emergency_of(person: Person, *, at: datetime | None) -> Emergency | None:
    """Return the emergency power a person has at a moment; without one there is no query."""
    if at is None or person.emergency_id is None:
        return None
    emergency = Emergency.unscoped.select_related("role").get(pk=person.emergency_id)
    return emergency if emergency.is_in_force(at) else None


def actor_of_person(person_id: int, on: date) -> Actor | None:
    """Return a person as an actor for a job, or None when they may no longer sign in."""
    person = Person.unscoped.filter(pk=person_id, archived_at__isnull=True).first()
    return None if person is None else actor_for(person, on=on, at=timezone.now())


def administrators(*, on: date) -> list[tuple[Person, frozenset[str]]]:
    """Return everybody active who holds a system, security or audit duty by position on a day, with the duties."""
    duties = {pk: separation.duties_of(rights) for pk, rights in Role.unscoped.values_list("pk", "rights")}
    held = _holdings_on(on).filter(
        person__archived_at__isnull=True, position__role__in=[pk for pk, found in duties.items() if found]
    )
    people: dict[int, tuple[Person, frozenset[str]]] = {}
    for holding in held.select_related("person", "position"):
        _person, before = people.get(holding.person_id, (holding.person, frozenset()))
        people[holding.person_id] = (holding.person, before | duties[holding.position.role_id])
    return list(people.values())


def _reached() -> Case:
    """Return the territory of a holding's position and all below it; null where its role reaches the whole company."""
    below = Territory.unscoped.filter(path__startswith=OuterRef("position__territory__path"))
    return Case(When(position__role__reach=Role.Reach.TERRITORY, then=ArraySubquery(below.values("pk"))))


def _grant(holding: Holding) -> Grant:
    role = holding.position.role
    rights = frozenset(role.rights)
    is_filed: bool = holding.is_filed  # type: ignore[attr-defined]
    reached: list[int] | None = holding.reached  # type: ignore[attr-defined]
    return Grant(
        rights=rights - wall.commercial(rights) if is_filed else rights,
        territory_ids=None if role.reach == Role.Reach.COMPANY else frozenset(reached or ()),
        position_id=holding.position_id,
        role=role.code,
    )


def has_active_filing(person_id: int, *, on: date) -> bool:
    """Tell whether the person is a filed rep on a day."""
    return Filing.unscoped.filter(on_day(on), person_id=person_id).exists()


@dataclass(frozen=True, slots=True)
class RightSource:
    """A right a person has or would have, and the positions it comes from."""

    right: str
    positions: tuple[str, ...]
    is_withheld: bool


def right_sources(person: Person, *, on: date, at: datetime | None = None) -> list[RightSource]:
    """Return every right of a person on a day, with the positions it comes from; withheld ones are marked."""
    filed = has_active_filing(person.pk, on=on)
    found: dict[str, list[str]] = {}
    for holding in _holdings_on(on).filter(person=person):
        for right in holding.position.role.rights:
            found.setdefault(right, []).append(holding.position.title)
    emergency = emergency_of(person, at=at)
    for right in emergency.role.rights if emergency is not None else ():
        found.setdefault(right, []).append(_("Emergency power"))
    withheld = wall.commercial(found) if filed else frozenset()
    return [RightSource(right, tuple(found[right]), right in withheld) for right in sorted(found)]


@dataclass(frozen=True, slots=True)
class Withholding:
    """A person with an active filing, and what the positions would allow but the wall withholds."""

    filing: Filing
    positions: tuple[str, ...]
    withheld: tuple[str, ...]


def withholdings(*, on: date) -> list[Withholding]:
    """Return everybody with an active filing in the current actor's view, and what is withheld; three queries."""
    filings = list(Filing.objects.filter(on_day(on)).select_related("person").order_by("person__name", "number"))
    holdings: dict[int, list[Holding]] = {}
    for holding in _holdings_on(on).filter(person_id__in={filing.person_id for filing in filings}):
        holdings.setdefault(holding.person_id, []).append(holding)
    return [
        Withholding(
            filing,
            tuple(holding.position.title for holding in holdings.get(filing.person_id, [])),
            tuple(sorted(wall.commercial(_rights(holdings.get(filing.person_id, []))))),
        )
        for filing in filings
    ]


def _rights(holdings: Iterable[Holding]) -> set[str]:
    return {right for holding in holdings for right in holding.position.role.rights}


def _holdings_on(day: date) -> QuerySet[Holding]:
    return (
        Holding.unscoped.filter(on_day(day) & on_day(day, "position__"))
        .select_related("position__role", "position__territory")
        .order_by("valid_from", "pk")
    )


def holdings_of(person: Person) -> list[Holding]:
    """Return all holdings of a person that the current actor may see, newest first."""
    return list(
        Holding.objects.filter(person=person)
        .select_related("position__role", "position__territory")
        .order_by("-valid_from", "-pk")
    )


def open_tokens(person: Person, *, on: date) -> list[AccessToken]:
    """Return the access tokens of a person that open the API on a day, the newest first."""
    found = AccessToken.unscoped.filter(person=person, revoked_at__isnull=True, expires_on__gt=on)
    return list(found.order_by("-pk"))
