"""Duties entered by hand, proposed by a visit, missed or waived with a reason."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, save, touch
from yaomai.kit.errors import Conflict, Invalid
from yaomai.organization.models import Person
from yaomai.organization.selectors import has_active_filing
from yaomai.planning.models import COMMERCIAL, Activity, DutyOrigin, DutyState, MissedReason, ServiceDuty
from yaomai.planning.services.owners import customers_of, owner_of, require_own

FIELDS = ("window_from", "window_to", "task", "owner")
ASSIGN = "planning.serviceduty:manage"


class DutyClosed(Conflict):
    """The duty is done, missed or no longer owed."""

    code = "service_duty_closed"
    message = _("%(name)s is closed: %(state)s.")


def require_duty_open(duty: ServiceDuty) -> None:
    """Raise `DutyClosed` unless it is open."""
    if duty.state != DutyState.OPEN:
        raise DutyClosed(name=str(duty), state=duty.get_state_display())


def require_academic(owner: Person, activity: str, on: date) -> None:
    """Refuse what is about orders, prices and sales to somebody with an active filing (X2).

    Raises:
        Invalid.
    """
    if activity in COMMERCIAL and has_active_filing(owner.pk, on=on):
        raise Invalid(
            fields={
                "activity": [
                    _("%(name)s has an active filing and does academic work only. Let somebody else do this.")
                    % {"name": owner.name}
                ]
            }
        )


def _made(
    actor: Actor,
    now: datetime,
    *,
    institution: Institution,
    activity: str,
    window_from: date,
    window_to: date,
    professional: Professional | None,
    owner: Person | None,
    origin: DutyOrigin,
    task: str,
    reference: str = "",
) -> tuple[ServiceDuty, dict[str, Any]]:
    institution, professional = customers_of(institution, professional)
    person = owner_of(actor, owner)
    require_own(actor, person, ASSIGN)
    require_academic(person, activity, local_day(now))
    if window_to <= local_day(now):
        raise Invalid(fields={"window_to": [_("The window is over already.")]})
    duty = ServiceDuty(
        institution=institution, professional=professional, owner=person, activity=activity, origin=origin,
        reference=reference, created_at=now, updated_at=now,
    )  # fmt: skip
    wanted = {"window_from": window_from, "window_to": window_to, "task": task}
    changes = change(duty, wanted, allowed=FIELDS)
    save(duty)
    return duty, {"owner": (None, str(person)), **changes}


@act("planning.serviceduty:create", sentence=_("%(actor)s entered the duty %(target)s"))
def duty_create(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    institution: Institution,
    activity: str,
    window_from: date,
    window_to: date,
    professional: Professional | None = None,
    owner: Person | None = None,
    task: str = "",
) -> ServiceDuty:
    """Enter a duty besides those of the tiers.

    Raises:
        Missing, Archived, NotYours.
        Invalid: the window is over or ends before it begins, the person works elsewhere, or the owner is filed and
            this is not academic.
    """
    duty, changes = _made(
        actor, now, institution=institution, professional=professional, owner=owner, activity=activity,
        window_from=window_from, window_to=window_to, task=task, origin=DutyOrigin.BY_HAND,
    )  # fmt: skip
    trail.note(duty, changes=changes)
    return duty


@act(
    "planning.serviceduty:propose",
    right="planning.serviceduty:create",
    sentence=_("%(actor)s noted a next step for %(target)s: %(task)s"),
)
def propose_duty(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    institution: Institution,
    task: str,
    reference: str,
    professional: Professional | None = None,
    owner: Person | None = None,
    activity: str = Activity.FOLLOW_UP,
    due_on: date | None = None,
) -> ServiceDuty:
    """Make a next step of a visit a duty (D14), from today until `due_on`, by default within four weeks.

    Args:
        reference: the visit it comes from, such as `engagement.visit:12`.

    Raises:
        Missing, Archived, NotYours.
        Invalid: nothing is said, the day is past, or the owner is filed and this is not academic.
    """
    if not task.strip():
        raise Invalid(fields={"task": [_("Say what is to be done.")]})
    today = local_day(now)
    until = (due_on or today + timedelta(days=27)) + timedelta(days=1)
    duty, changes = _made(
        actor, now, institution=institution, professional=professional, owner=owner, activity=activity,
        window_from=today, window_to=until, task=task, origin=DutyOrigin.NEXT_STEP, reference=reference,
    )  # fmt: skip
    trail.note(duty, changes=changes, task=duty.task)
    return duty


@act(
    "planning.serviceduty:update",
    right="planning.serviceduty:edit",
    sentence=_("%(actor)s changed the duty %(target)s"),
)
def duty_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> ServiceDuty:
    """Change window or task of an open duty, or give it to somebody else. The window of a tier's duty stays.

    Raises:
        Missing, Stale, DutyClosed, NotYours, Invalid.
    """
    duty = locked(ServiceDuty, pk, expected_version=expected_version)
    require_duty_open(duty)
    require_own(actor, duty.owner, ASSIGN)
    same = ("institution", "professional", "activity")
    wanted = {name: value for name, value in changes.items() if name not in same or getattr(duty, name) != value}
    if "owner" in wanted:
        wanted["owner"] = owner_of(actor, wanted["owner"])
        require_own(actor, wanted["owner"], ASSIGN)
        require_academic(wanted["owner"], duty.activity, local_day(now))
    moved = {name for name in ("window_from", "window_to") if name in wanted and wanted[name] != getattr(duty, name)}
    if moved and duty.origin == DutyOrigin.CADENCE:
        stays = [_("The window follows from the tier; change the policy instead.")]
        raise Invalid(fields=dict.fromkeys(sorted(moved), stays))
    differing = change(duty, wanted, allowed=FIELDS)
    touch(duty, now)
    save(duty, fields=differing)
    trail.note(
        duty, changes={name: (str(a), str(b)) if name == "owner" else (a, b) for name, (a, b) in differing.items()}
    )
    return duty


@act(
    "planning.serviceduty:miss",
    right="planning.serviceduty:edit",
    sentence=_("%(actor)s said why %(target)s was missed: %(reason)s"),
)
def duty_miss(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    reason: str,
    now: datetime,
    note: str = "",
    expected_version: int | None = None,
) -> ServiceDuty:
    """Say why a duty was not done (E10); also of one that counts as missed already.

    Raises:
        Missing, Stale, DutyClosed, NotYours.
        Invalid: no reason from the list, the window has not begun, or another reason without words.
    """
    duty = locked(ServiceDuty, pk, expected_version=expected_version)
    if duty.state not in (DutyState.OPEN, DutyState.MISSED):
        raise DutyClosed(name=str(duty), state=duty.get_state_display())
    require_own(actor, duty.owner, ASSIGN)
    require_reason(reason, note)
    if duty.window_from > local_day(now):
        raise Invalid(fields={"": [_("Its window has not begun.")]})
    before = duty.state
    duty.state, duty.missed_reason, duty.note = DutyState.MISSED, reason, note.strip()[:300]
    touch(duty, now)
    save(duty, fields=["state", "missed_reason", "note"])
    trail.note(duty, changes={"state": (before, duty.state)}, reason=duty.get_missed_reason_display())
    return duty


def require_reason(reason: str, note: str) -> None:
    """Check a reason of E10.

    Raises:
        Invalid.
    """
    if reason not in MissedReason.values:
        raise Invalid(fields={"reason": [_("Choose from the list.")]})
    if reason == MissedReason.OTHER and not note.strip():
        raise Invalid(fields={"note": [_("Say in a few words what happened.")]})


@act(
    "planning.serviceduty:waive",
    right="planning.serviceduty:manage",
    sentence=_("%(actor)s decided that %(target)s is no longer owed: %(note)s"),
)
def duty_waive(
    *, actor: Actor, trail: Trail, pk: int, note: str, now: datetime, expected_version: int | None = None
) -> ServiceDuty:
    """Take a duty back, with the reason.

    Raises:
        Missing, Stale, DutyClosed.
        Invalid: no reason.
    """
    duty = locked(ServiceDuty, pk, verb="manage", expected_version=expected_version)
    require_duty_open(duty)
    if not note.strip():
        raise Invalid(fields={"note": [_("Say why it is no longer owed.")]})
    duty.state, duty.note = DutyState.WAIVED, note.strip()[:300]
    touch(duty, now)
    save(duty, fields=["state", "note"])
    trail.note(duty, changes={"state": (DutyState.OPEN, duty.state)}, note=duty.note)
    return duty
