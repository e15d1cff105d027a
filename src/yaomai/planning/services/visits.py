"""Planned visits: entered, moved, called off, missed with a reason."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, save, touch
from yaomai.kit.errors import Conflict, Invalid
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.ui import formats
from yaomai.organization.models import Person
from yaomai.planning import checks, problems
from yaomai.planning.models import DutyState, Half, PlannedVisit, ServiceDuty, VisitOrigin, VisitState
from yaomai.planning.policies import DayPolicy
from yaomai.planning.services.duties import require_academic, require_reason
from yaomai.planning.services.owners import customers_of, owner_of, require_own

FIELDS = ("day", "starts_at", "ends_at", "objective", "expected_result", "activity")
ASSIGN = "planning.plannedvisit:manage"


class VisitClosed(Conflict):
    """The visit is done, missed or called off."""

    code = "planned_visit_closed"
    message = _("%(name)s is closed: %(state)s.")


def _open(pk: int, actor: Actor, expected_version: int | None) -> PlannedVisit:
    visit = locked(PlannedVisit, pk, expected_version=expected_version)
    if visit.state != VisitState.PLANNED:
        raise VisitClosed(name=str(visit), state=visit.get_state_display())
    require_own(actor, visit.owner, ASSIGN)
    return visit


@act("planning.plannedvisit:create", sentence=_("%(actor)s planned the visit %(target)s"))
def visit_create(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    institution: Institution,
    day: date,
    activity: str,
    professional: Professional | None = None,
    owner: Person | None = None,
    duty: int | None = None,
    half: str = "",
    origin: str = VisitOrigin.BY_HAND,
    **fields: Any,
) -> PlannedVisit:
    """Plan a visit: one's own, or for somebody whom one plans for.

    Args:
        duty: id of the open duty of this customer that the visit is for.
        half: of the day; the visit then begins at the first free time in it.

    Raises:
        Missing, Archived, NotYours.
        Invalid: the day is past, the times do not fit, the person works elsewhere, the owner is filed and this is not
            academic, or the duty is another customer's or planned already.
    """
    institution, professional = customers_of(institution, professional)
    person = owner_of(actor, owner)
    require_own(actor, person, ASSIGN)
    require_academic(person, activity, day)
    _require_ahead(day, now)
    visit = PlannedVisit(
        institution=institution, professional=professional, owner=person, origin=origin, created_at=now,
        updated_at=now,
    )  # fmt: skip
    if duty is not None:
        visit.duty = _duty_of(duty, visit)
    changes = change(visit, {"day": day, "activity": activity, **fields}, allowed=FIELDS)
    if half in Half.values:
        today, at = local_day(now), list(Half.values).index(half)
        policy, _version = policy_on(DayPolicy, on=today)
        visit.starts_at, visit.ends_at = checks.free_time(visit, day, at, today=today) or _whole_half(policy, at)
    save(visit)
    trail.note(visit, changes={"owner": (None, str(person)), **changes})
    return visit


def _duty_of(pk: int, visit: PlannedVisit) -> ServiceDuty:
    duty = locked(ServiceDuty, pk, verb="view")
    same = (duty.institution_id, duty.professional_id) == (visit.institution_id, visit.professional_id)
    if duty.state != DutyState.OPEN or not same:
        raise Invalid(fields={"": [_("This duty is closed, or another customer's.")]})
    return duty


def _require_ahead(day: date, now: datetime) -> None:
    if day < local_day(now):
        raise Invalid(fields={"day": [_("The day is past.")]})


@act(
    "planning.plannedvisit:update",
    right="planning.plannedvisit:edit",
    sentence=_("%(actor)s changed the planned visit %(target)s"),
)
def visit_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> PlannedVisit:
    """Move a planned visit, or change what it is for.

    Raises:
        Missing, Stale, VisitClosed, NotYours, Invalid.
    """
    visit = _open(pk, actor, expected_version)
    same = ("institution", "professional", "owner")
    wanted = {name: value for name, value in changes.items() if name not in same or getattr(visit, name) != value}
    differing = change(visit, wanted, allowed=FIELDS)
    if "day" in differing:
        _require_ahead(visit.day, now)
    if "activity" in differing:
        require_academic(visit.owner, visit.activity, visit.day)
    touch(visit, now)
    save(visit, fields=differing)
    trail.note(visit, changes=differing)
    return visit


@act(
    "planning.plannedvisit:move",
    right="planning.plannedvisit:edit",
    sentence=_("%(actor)s moved %(target)s from %(before)s to %(after)s: %(reason)s"),
)
def visit_move(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    day: date,
    half: str,
    now: datetime,
    reason: str = "",
    expected_version: int | None = None,
) -> PlannedVisit:
    """Move a visit to a half-day, at its first free time. What breaks there needs a reason, which is kept (E12).

    Raises:
        Missing, Stale, VisitClosed, NotYours.
        Invalid: the day is past, no such half, or something breaks and no reason is given.
    """
    visit = _open(pk, actor, expected_version)
    _require_ahead(day, now)
    if half not in Half.values:
        raise Invalid(fields={"half": [_("Choose from the list.")]})
    at, today = list(Half.values).index(half), local_day(now)
    broken = checks.breaks(visit, [day], today=today)[day, at]
    if broken and not reason.strip():
        raise Invalid(
            fields={"reason": [_("Say why it is right all the same: %(broken)s.") % {"broken": formats.listed(broken)}]}
        )
    before = visit.day
    policy, _version = policy_on(DayPolicy, on=today)
    if (visit.day, problems.half_of(visit.starts_at, policy)) != (day, at):
        times = checks.free_time(visit, day, at, today=today) or _whole_half(policy, at)
        visit.starts_at, visit.ends_at = times
    visit.day = day
    if broken:
        visit.origin = VisitOrigin.BY_HAND
    touch(visit, now)
    save(visit, fields=["day", "starts_at", "ends_at", "origin"])
    trail.note(
        visit, changes={"day": (before, day)}, before=before, after=f"{day} {Half(half).label}",
        reason=reason.strip() or "–",
    )  # fmt: skip
    return visit


def _whole_half(policy: DayPolicy, half: int) -> tuple[time, None]:
    """Return the beginning of a half-day without an end: no free time is left in it."""
    return problems.clock(policy.morning_from if half == 0 else policy.afternoon_from), None


@act(
    "planning.plannedvisit:cancel",
    right="planning.plannedvisit:edit",
    sentence=_("%(actor)s called off %(target)s: %(note)s"),
)
def visit_cancel(
    *, actor: Actor, trail: Trail, pk: int, note: str, now: datetime, expected_version: int | None = None
) -> PlannedVisit:
    """Call a visit off, with the reason; its duty stays open.

    Raises:
        Missing, Stale, VisitClosed, NotYours.
        Invalid: no reason.
    """
    visit = _open(pk, actor, expected_version)
    if not note.strip():
        raise Invalid(fields={"note": [_("Say why it is called off.")]})
    visit.state, visit.note = VisitState.CANCELLED, note.strip()[:300]
    touch(visit, now)
    save(visit, fields=["state", "note"])
    trail.note(visit, changes={"state": (VisitState.PLANNED, visit.state)}, note=visit.note)
    return visit


@act(
    "planning.plannedvisit:miss",
    right="planning.plannedvisit:edit",
    sentence=_("%(actor)s said why %(target)s did not happen: %(reason)s"),
)
def visit_miss(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    reason: str,
    now: datetime,
    note: str = "",
    expected_version: int | None = None,
) -> PlannedVisit:
    """Say why a visit of today or earlier did not happen (E10); its duty stays open and is planned again.

    Raises:
        Missing, Stale, VisitClosed, NotYours.
        Invalid: no reason from the list, another reason without words, or the day lies ahead.
    """
    visit = _open(pk, actor, expected_version)
    require_reason(reason, note)
    if visit.day > local_day(now):
        raise Invalid(fields={"": [_("The day lies ahead: call the visit off instead.")]})
    visit.state, visit.missed_reason, visit.note = VisitState.MISSED, reason, note.strip()[:300]
    touch(visit, now)
    save(visit, fields=["state", "missed_reason", "note"])
    trail.note(visit, changes={"state": (VisitState.PLANNED, visit.state)}, reason=visit.get_missed_reason_display())
    return visit
