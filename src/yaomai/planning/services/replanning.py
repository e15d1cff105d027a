"""Plan again after a disturbance: what moves and why is shown first; the calendar changes when it is accepted (E12)."""

import time as clocks
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from yaomai.engine.planning.agenda import agenda
from yaomai.engine.planning.problem import Problem
from yaomai.engine.planning.replanning import replan
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day
from yaomai.kit.errors import Conflict, Invalid, Missing
from yaomai.kit.policies.selectors import policy_on
from yaomai.organization.models import Person
from yaomai.planning import problems
from yaomai.planning.models import PlannedVisit, Replan, ServiceDuty, VisitOrigin, VisitState
from yaomai.planning.policies import CadencePolicy, DayPolicy
from yaomai.planning.services.owners import owner_of, require_own
from yaomai.planning.services.plans import MANAGE, at, territory_of

HORIZONS: Final = ("day", "week", "quarter")
SECONDS: Final = 1.2
"""So that the whole is done within two seconds."""


class ReplanClosed(Conflict):
    """It was accepted or dismissed, or the calendar changed since."""

    code = "replan_closed"
    message = _("This proposal is over, or the calendar changed since. Plan again.")


def until_of(horizon: str, today: date) -> date:
    """Return the first day after the rest of the day, the week (with the next one) or the quarter."""
    if horizon == "day":
        return today + timedelta(days=1)
    if horizon == "week":
        return today + timedelta(days=7 - today.weekday())
    month = 3 * ((today.month - 1) // 3) + 4
    return date(today.year + month // 13, (month - 1) % 12 + 1, 1)


@act(
    "planning.plan:replan",
    right="planning.plannedvisit:edit",
    sentence=_("%(actor)s had %(target)s planned again: %(what)s, %(moves)s visits would move"),
)
def replan_propose(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    kind: str,
    horizon: str = "week",
    owner: Person | None = None,
    visit: int | None = None,
    days: int = 1,
    reason: str = "",
) -> Replan:
    """Propose what moves after a disturbance, keeping everything else where it is.

    Args:
        kind: what happened; `fell_out` and `customer_away` name a visit.
        horizon: how far visits may move: the rest of the day, of the week, of the quarter.
        days: for how long the customer is away, or one cannot work, in days from today or from the visit's day.
        reason: in words, kept with the proposal.

    Raises:
        Missing: no such visit of this person.
        NotYours.
        Invalid: unknown kind or horizon, or a visit is needed.
    """
    person = owner_of(actor, owner)
    require_own(actor, person, MANAGE)
    today = local_day(now)
    fields: dict[str, list[Any]] = {}
    if kind not in Replan.Kind.values:
        fields["kind"] = [_("Choose from the list.")]
    if horizon not in HORIZONS:
        fields["horizon"] = [_("Choose from the list.")]
    if not 1 <= days <= 92:
        fields["days"] = [_("Between 1 and 92 days.")]
    row = PlannedVisit.objects.filter(pk=visit, owner=person, state=VisitState.PLANNED).first() if visit else None
    if kind in (Replan.Kind.FELL_OUT, Replan.Kind.CUSTOMER_AWAY) and row is None:
        fields["visit"] = [_("Say which visit, of today or later.")]
    if fields:
        raise Invalid(fields=fields)
    begun = clocks.monotonic()
    until = until_of(horizon, max(today, row.day) if row is not None else today)
    laid = problems.lay(person.pk, begins_on=today, ends_on=max(until, today + timedelta(days=1)), today=today)
    problem = _disturbed(laid, kind, row, days, today)
    policy, _version = policy_on(DayPolicy, on=today)
    before = [duty.agreed for duty in laid.problem.duties]
    found = replan(
        problem, before, first_day=0, seconds=SECONDS, most_moved=float(policy.most_moved), seed=person.pk,
    )  # fmt: skip
    planned = {visit.index: visit for visit in agenda(found.plan)}
    moves = [
        {
            **_named(laid.rows[move.duty]),
            "before": _was(laid, move.duty),
            "after": _will(planned[move.duty]) if move.duty in planned else None,
            "why": _why(problem, found.forced, move.duty, move.before),
        }
        for move in found.moves
        if move.before is not None or move.after is not None
    ]
    stayed = sum(slot is not None for slot in before)
    made = Replan.unscoped.create(
        owner=person, territory_id=territory_of(person.pk, today), kind=kind, reason=reason.strip()[:300],
        visit=row, since=today, until=until, moves=moves, created_by_id=actor.person_id, created_at=now,
        figures={
            "seconds": round(clocks.monotonic() - begun, 2), "forced": len(found.forced), "others": found.others,
            "planned": stayed, "share": round(found.others / stayed, 3) if stayed else 0.0,
        },
    )  # fmt: skip
    trail.note(made, changes={"state": ("", made.state)}, what=made.get_kind_display(), moves=len(moves))
    return made


def _disturbed(laid: problems.Laid, kind: str, row: PlannedVisit | None, days: int, today: date) -> Problem:
    problem = laid.problem
    if kind != Replan.Kind.NEW_CUSTOMER:
        # What had no place before finds none now: the rest of the calendar is not what was disturbed.
        stays = tuple(duty if duty.agreed is not None else replace(duty, slots=()) for duty in problem.duties)
        problem = replace(problem, duties=stays)
    if kind == Replan.Kind.ILL:
        until = today + timedelta(days=days)
        lost = {slot for slot in problem.open_slots if problem.day(slot) < until}
        return replace(problem, open_slots=problem.open_slots - lost)
    if row is None:
        return problem

    def without(duty: Any, mine: Any) -> Any:
        if kind == Replan.Kind.FELL_OUT:
            is_hit = row.duty_id == mine.pk if isinstance(mine, ServiceDuty) else mine.pk == row.pk
            slots = tuple(slot for slot in duty.slots if slot != duty.agreed)
        else:
            is_hit = (mine.institution_id, mine.professional_id) == (row.institution_id, row.professional_id)
            until = row.day + timedelta(days=days)
            slots = tuple(slot for slot in duty.slots if not row.day <= problem.day(slot) < until)
        return replace(duty, slots=slots) if is_hit else duty

    duties = tuple(without(duty, mine) for duty, mine in zip(problem.duties, laid.rows, strict=True))
    return replace(problem, duties=duties)


def _named(row: ServiceDuty | PlannedVisit) -> dict[str, Any]:
    return {
        "duty" if isinstance(row, ServiceDuty) else "visit": row.pk,
        "name": str(row.customer),
        "place": row.institution.name,
        "activity": row.activity,
    }


def _visit_of(laid: problems.Laid, index: int) -> PlannedVisit | None:
    row = laid.rows[index]
    return laid.visits.get(row.pk) if isinstance(row, ServiceDuty) else row


def _was(laid: problems.Laid, index: int) -> list[str] | None:
    visit = _visit_of(laid, index)
    if visit is None:
        return None
    return [visit.day.isoformat(), f"{visit.starts_at:%H:%M}" if visit.starts_at else ""]


def _will(visit: Any) -> list[str]:
    return [visit.on.isoformat(), f"{at(visit.begins):%H:%M}", f"{at(visit.ends):%H:%M}"]


def _why(problem: Problem, forced: frozenset[int], duty: int, before: int | None) -> str:
    if before is None:
        return "new"
    if before not in problem.open_slots:
        return "own"
    if before not in problem.duties[duty].slots:
        return "customer"
    return "full" if duty in forced else "room"


WHY: Final[Mapping[str, Any]] = {
    "new": _("had no place yet"),
    "own": _("own time is taken"),
    "customer": _("the customer cannot be met then"),
    "full": _("the day does not hold it"),
    "room": _("makes room for another visit"),
}
"""Why a visit moves."""


def _proposed(pk: int, actor: Actor) -> Replan:
    row: Any = Replan.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None:
        raise Missing
    if row.state != Replan.State.PROPOSED:
        raise ReplanClosed
    require_own(actor, row.owner, MANAGE)
    found: Replan = row
    return found


@act(
    "planning.plan:replan_accept",
    right="planning.plannedvisit:edit",
    sentence=_("%(actor)s accepted the new plan of %(target)s: %(moves)s visits moved (%(reason)s)"),
)
def replan_accept(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> Replan:
    """Move the visits as proposed; what finds no place is called off and its duty stays open.

    Raises:
        ReplanClosed: it is over, or a visit of it changed since.
        NotYours.
    """
    row = _proposed(pk, actor)
    today = local_day(now)
    policy, _version = policy_on(CadencePolicy, on=today)
    keys = [move["duty"] for move in row.moves if "duty" in move]
    duties = {duty.pk: duty for duty in ServiceDuty.unscoped.select_for_update().filter(pk__in=keys).order_by("pk")}
    with transaction.atomic():
        for move in row.moves:
            _carry_out(row, move, duties.get(move.get("duty")), policy, now)
    row.state, row.decided_at = Replan.State.ACCEPTED, now
    row.save(update_fields=["state", "decided_at"])
    trail.note(
        row, changes={"state": (Replan.State.PROPOSED, row.state)}, moves=len(row.moves),
        reason=row.reason or row.get_kind_display(),
    )  # fmt: skip
    return row


def _carry_out(
    row: Replan, move: Mapping[str, Any], duty: ServiceDuty | None, policy: CadencePolicy, now: datetime
) -> None:
    held = PlannedVisit.unscoped.select_for_update().filter(owner=row.owner_id, state=VisitState.PLANNED)
    visit = held.filter(duty=duty).first() if duty is not None else held.filter(pk=move.get("visit") or 0).first()
    if move["before"] is not None and (visit is None or visit.day.isoformat() != move["before"][0]):
        raise ReplanClosed
    if move["before"] is None and (visit is not None or duty is None or duty.state != "open"):
        raise ReplanClosed
    if move["after"] is None:
        assert visit is not None
        visit.state, visit.note = VisitState.CANCELLED, (row.reason or str(row.get_kind_display()))[:300]
        fields = ["state", "note"]
    else:
        day, begins, ends = move["after"]
        if visit is None:
            assert duty is not None
            topic, result = policy.topic(duty.scheme, duty.tier, duty.activity)
            PlannedVisit.unscoped.create(
                owner_id=row.owner_id, institution_id=duty.institution_id, professional_id=duty.professional_id,
                duty=duty, activity=duty.activity, objective=duty.task[:200] or topic, expected_result=result,
                day=date.fromisoformat(day), starts_at=time.fromisoformat(begins), ends_at=time.fromisoformat(ends),
                origin=VisitOrigin.REPLANNED, created_at=now, updated_at=now,
            )  # fmt: skip
            return
        visit.day, visit.starts_at, visit.ends_at = (
            date.fromisoformat(day), time.fromisoformat(begins), time.fromisoformat(ends),
        )  # fmt: skip
        visit.origin = VisitOrigin.REPLANNED
        fields = ["day", "starts_at", "ends_at", "origin"]
    visit.version += 1
    visit.updated_at = now
    visit.save(update_fields=[*fields, "version", "updated_at"])


@act(
    "planning.plan:replan_dismiss",
    right="planning.plannedvisit:edit",
    sentence=_("%(actor)s left the calendar of %(target)s as it was"),
)
def replan_dismiss(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> Replan:
    """Leave the calendar as it is."""
    row = _proposed(pk, actor)
    row.state, row.decided_at = Replan.State.DISMISSED, now
    row.save(update_fields=["state", "decided_at"])
    trail.note(row, changes={"state": (Replan.State.PROPOSED, row.state)})
    return row
