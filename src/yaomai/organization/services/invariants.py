"""What must hold after every change of rights, checked inside the transaction that made it."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.kit.errors import Conflict, Refused
from yaomai.organization import rules, separation
from yaomai.organization.models import Emergency, Holding, Role, on_day

INDISPENSABLE = ("organization.person:edit", "organization.role:edit")


class DutiesMeet(Refused):
    """System, security or audit power would meet in one role or one person."""

    code = "duties_meet"
    message = _("%(who)s would hold %(duties)s at once. These duties must lie with different people.")
    law = "GB/T 22239-2019 8.1.5（系统管理、审计管理、安全管理三权分立）"


class NobodyLeft(Conflict):
    """Nobody could administer the system any more."""

    code = "nobody_left"
    message = _("After this nobody could manage people and rights. First give another person that position.")


def lock_rights() -> None:
    """Let one transaction at a time change who holds which rights: two lawful halves must not meet unlawfully."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('organization rights', 7))")


def require_separate_role(role: Role) -> None:
    """Refuse a role whose own rights bring two duties together."""
    duties = separation.duties_of(role.rights)
    if len(duties) > 1:
        raise DutiesMeet(who=str(role), duties=separation.named(duties), citations=[DutiesMeet.law])


def require_separate_people(person_ids: Iterable[int], *, on: date) -> None:
    """Refuse when anybody holds, on this day or a later one, positions or emergency power that join two duties."""
    current = Q(valid_to__isnull=True) | Q(valid_to__gt=on)
    seats: dict[str, list[rules.Seat]] = {}
    for holding in Holding.unscoped.filter(current, person_id__in=set(person_ids)).select_related(
        "person", "position__role"
    ):
        ends = [day for day in (holding.valid_to, holding.position.valid_to) if day is not None]
        seat = rules.Seat(
            f"{holding.position} #{holding.pk}",
            holding.valid_from,
            min(ends, default=None),
            frozenset(holding.position.role.rights),
        )
        seats.setdefault(f"{holding.person.name}（{holding.person.username}）", []).append(seat)
    for emergency in Emergency.unscoped.filter(ended_at__isnull=True, person_id__in=set(person_ids)).select_related(
        "person", "role"
    ):
        first, last = (timezone.localdate(at) for at in (emergency.begins_at, emergency.expires_at))
        seat = rules.Seat(
            f"{emergency} #{emergency.pk}", first, last + timedelta(days=1), frozenset(emergency.role.rights)
        )
        seats.setdefault(f"{emergency.person.name}（{emergency.person.username}）", []).append(seat)
    for who, held in seats.items():
        for _seats, duties in rules.separation_breaches(held, separation.patterns()):
            raise DutiesMeet(who=who, duties=separation.named(duties), citations=[DutiesMeet.law])


def indispensable_held(*, on: date) -> set[str]:
    """Return which of the indispensable rights somebody active holds on a day."""
    active = Holding.unscoped.filter(
        on_day(on) & on_day(on, "position__"),
        person__archived_at__isnull=True,
        position__role__rights__overlap=list(INDISPENSABLE),
    )
    held = {right for rights in active.values_list("position__role__rights", flat=True) for right in rights}
    return held & set(INDISPENSABLE)


def require_still_held(before: set[str], *, on: date) -> None:
    """Refuse a change after which an indispensable right that somebody held is held by nobody."""
    if before - indispensable_held(on=on):
        raise NobodyLeft
