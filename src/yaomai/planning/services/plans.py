"""Plans: asked for, computed, stopped with the best so far, put before whoever decides, in force, discarded."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from yaomai.engine.planning.advice import Advice, advise
from yaomai.engine.planning.agenda import agenda
from yaomai.engine.planning.solving import Progress, solve_plan
from yaomai.engine.planning.wording import advice_lines
from yaomai.kit import approvals
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day, locked, save, touch
from yaomai.kit.errors import Conflict, Invalid
from yaomai.kit.policies.selectors import policy_on
from yaomai.organization.models import Holding, Person, on_day
from yaomai.planning import problems
from yaomai.planning.models import Plan, PlanLine, PlannedVisit, ServiceDuty, VisitOrigin, VisitState
from yaomai.planning.policies import CadencePolicy, DayPolicy
from yaomai.planning.services.owners import owner_of, require_own
from yaomai.segmentation.selectors import schemes

APPROVAL: Final = "planning.plan"
MANAGE: Final = "planning.plan:manage"
LONGEST: Final = 370
"""Days of a plan."""
_LANGUAGES: Final = {"zh": "zh-hans", "en": "en"}


class PlanState(Conflict):
    """The plan stands where this cannot be done."""

    code = "plan_state"
    message = _("%(plan)s: this cannot be done now (%(state)s).")


def territory_of(person: int, on: date) -> int | None:
    """Return the territory in which somebody works on a day."""
    held = Holding.unscoped.filter(on_day(on) & on_day(on, "position__"), person=person)
    return held.order_by("valid_from", "pk").values_list("position__territory_id", flat=True).first()


def _in_state(pk: int, actor: Actor, *states: str, expected_version: int | None = None) -> Plan:
    plan = locked(Plan, pk, expected_version=expected_version)
    require_own(actor, plan.owner, MANAGE)
    if plan.state not in states:
        raise PlanState(plan=str(plan), state=plan.get_state_display())
    return plan


def _asked_for(
    actor: Actor, now: datetime, *, begins_on: date, ends_on: date, owner: Person | None, reason: str
) -> Plan:
    from yaomai.planning.jobs import compute_plan

    person = owner_of(actor, owner)
    require_own(actor, person, MANAGE)
    today = local_day(now)
    begins_on = max(begins_on, today + timedelta(days=1))
    if ends_on <= begins_on:
        raise Invalid(fields={"ends_on": [_("The period is over, or ends before it begins.")]})
    if (ends_on - begins_on).days > LONGEST:
        raise Invalid(fields={"ends_on": [_("Plan a year at most.")]})
    Person.unscoped.select_for_update(no_key=True).get(pk=person.pk)
    mine = Plan.unscoped.filter(owner=person)
    if mine.filter(state=Plan.State.COMPUTING).exists():
        raise Invalid(fields={"": [_("A plan for %(name)s is being computed already.") % {"name": person.name}]})
    plan = Plan(
        owner=person, territory_id=territory_of(person.pk, today), begins_on=begins_on, ends_on=ends_on,
        number=(mine.aggregate(last=Max("number"))["last"] or 0) + 1, reason=reason.strip()[:300],
        created_by_id=actor.person_id, created_at=now, updated_at=now,
    )  # fmt: skip
    save(plan)
    plan.job = compute_plan.defer(actor=actor, plan=plan.pk)
    plan.save(update_fields=["job"])
    return plan


@act("planning.plan:create", sentence=_("%(actor)s had %(target)s computed: %(reason)s"))
def plan_create(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    begins_on: date,
    ends_on: date,
    owner: Person | None = None,
    reason: str = "",
) -> Plan:
    """Ask for a plan; the job computes it from tomorrow at the earliest.

    Raises:
        NotYours.
        Invalid: the period is over, ends before it begins, is longer than a year, or one is being computed already.
    """
    plan = _asked_for(actor, now, begins_on=begins_on, ends_on=ends_on, owner=owner, reason=reason)
    trail.note(plan, changes={"state": ("", plan.state)}, reason=plan.reason or "–")
    return plan


@act(
    "planning.plan:create_team",
    right="planning.plan:manage",
    sentence=_("%(actor)s had plans computed for %(count)s people: %(reason)s"),
)
def plans_create(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    begins_on: date,
    ends_on: date,
    owners: Sequence[Person],
    reason: str = "",
) -> list[Plan]:
    """Ask for a plan of each of a team; whose plan is being computed already is left out.

    Raises:
        Invalid: as `plan_create`, or there is nobody.
    """
    busy = set(Plan.unscoped.filter(state=Plan.State.COMPUTING).values_list("owner_id", flat=True))
    made = [
        _asked_for(actor, now, begins_on=begins_on, ends_on=ends_on, owner=owner, reason=reason)
        for owner in owners
        if owner.pk not in busy
    ]
    if not made:
        raise Invalid(fields={"": [_("The plans of all of them are being computed already.")]})
    trail.note(changes={"plans": (None, [plan.pk for plan in made])}, count=len(made), reason=reason.strip() or "–")
    return made


@act(
    "planning.plan:stop", right="planning.plan:create", sentence=_("%(actor)s stopped %(target)s with the best so far")
)
def plan_stop(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> Plan:
    """End the search; the best plan so far becomes the draft."""
    plan = _in_state(pk, actor, Plan.State.COMPUTING)
    plan.is_stopped = True
    plan.save(update_fields=["is_stopped"])
    trail.note(plan, changes={"is_stopped": (False, True)})
    return plan


def plan_compute(
    pk: int,
    *,
    seconds: float | None = None,
    on_progress: Callable[[Progress, float], None] = lambda *_: None,
    is_stopped: Callable[[], bool] = bool,
) -> Plan:
    """Compute a plan that was asked for and keep it as a draft; for the job, outside of any transaction.

    Args:
        seconds: how long at most; by default as the policy says.
        on_progress: told how far the search is, and how many seconds it may take.
        is_stopped: asked whether to end with the best so far.
    """
    plan = Plan.unscoped.get(pk=pk)
    today = timezone.localdate()
    policy, _version = policy_on(DayPolicy, on=today)
    laid = problems.lay(plan.owner_id, begins_on=plan.begins_on, ends_on=plan.ends_on, today=today)
    limit = float(policy.seconds) if seconds is None else seconds

    def stopped() -> bool:
        return is_stopped() or Plan.unscoped.filter(pk=pk, is_stopped=True).exists()

    solved = solve_plan(
        laid.problem, seconds=limit, near=float(policy.near), seed=pk,
        on_progress=lambda progress: on_progress(progress, limit), is_stopped=stopped,
    )  # fmt: skip
    lines = []
    for visit in agenda(solved.plan):
        row = laid.rows[visit.index]
        lines.append(PlanLine(
            plan=plan, duty=row if isinstance(row, ServiceDuty) else None, institution_id=row.institution_id,
            professional_id=row.professional_id, activity=row.activity, day=visit.on, starts_at=at(visit.begins),
            ends_at=at(visit.ends), order=visit.order, kilometres=Decimal(str(round(visit.kilometres, 1))),
        ))  # fmt: skip
    left = [laid.rows[index].pk for index, slot in enumerate(solved.plan.slots) if slot is None]
    with transaction.atomic():
        plan = Plan.unscoped.select_for_update().get(pk=pk)
        if plan.state != Plan.State.COMPUTING:
            return plan
        PlanLine.unscoped.bulk_create(lines, batch_size=2000)
        plan.figures = {
            "seconds": round(solved.progress.seconds, 1),
            "points": round(solved.progress.points, 1),
            "bound": round(solved.progress.bound, 1),
            "gap": round(solved.progress.gap, 5),
            "placed": solved.progress.placed,
            "duties": solved.progress.duties,
            "hours": round(laid.problem.hours(solved.plan.kilometres())),
            "days": len(laid.problem.days),
            "customers": len({(row.institution_id, row.professional_id) for row in laid.rows}),
            "estimated": laid.estimated,
            "places": len(laid.institutions),
            "provisional": list(laid.provisional),
        }
        plan.unplaced = left
        advice = advise(solved.plan)
        plan.advice = {language: said(advice, laid, language) for language in _LANGUAGES}
        plan.state = Plan.State.DRAFT
        touch(plan, timezone.now())
        plan.save()
    return plan


def at(minutes: int) -> time:
    """Return the time of minutes after midnight."""
    return time(min(23, minutes // 60), minutes % 60 if minutes < 24 * 60 else 59)


def said(advice: Advice, laid: problems.Laid, language: str) -> list[str]:
    """Say in a language what does not fit and what would help, with the tiers' names."""
    with override(_LANGUAGES[language]):
        words = {
            f"{scheme.name}.{tier.name}": scheme.tier_label(tier.name)
            for scheme in schemes(None)
            for tier in scheme.spec.tiers
        }
        by_hand = str(_("Entered by hand"))
    told = Advice(
        tuple(replace(one, tier=words.get(one.tier, by_hand)) for one in advice.unplaced),
        tuple(replace(one, tier=words.get(one.tier, "")) for one in advice.remedies),
    )
    return advice_lines(told, laid.problem, language)


def plan_failed(pk: int, now: datetime) -> None:
    """Mark a plan whose computation ended without one."""
    Plan.unscoped.filter(pk=pk, state=Plan.State.COMPUTING).update(state=Plan.State.FAILED, updated_at=now)


@act("planning.plan:submit", right="planning.plan:edit", sentence=_("%(actor)s submitted %(target)s for approval"))
def plan_submit(
    *, actor: Actor, trail: Trail, pk: int, reason: str, now: datetime, expected_version: int | None = None
) -> Plan:
    """Put a draft before whoever approves plans where the owner works.

    Raises:
        Missing, Stale, NotYours, PlanState.
        Invalid: no reason; NobodyDecides: nobody could.
    """
    plan = _in_state(pk, actor, Plan.State.DRAFT, expected_version=expected_version)
    plan.state = Plan.State.SUBMITTED
    touch(plan, now)
    save(plan, fields=["state"])
    approvals.ask(
        actor=actor, kind=APPROVAL, target=plan, title=_("Plan of %(name)s, %(since)s – %(until)s"),
        params={"name": plan.owner.name, "since": f"{plan.begins_on}", "until": f"{plan.ends_on - timedelta(days=1)}"},
        facts=_facts(plan), reason=reason, now=now, territory_id=plan.territory_id,
        url=reverse("planning:plan_detail", args=[plan.pk]),
    )  # fmt: skip
    trail.note(plan, changes={"state": (Plan.State.DRAFT, plan.state)})
    return plan


def _facts(plan: Plan) -> list[approvals.Fact]:
    before = Plan.unscoped.filter(owner=plan.owner_id, state=Plan.State.IN_FORCE).first()

    def then(name: str) -> str:
        return str(before.figures.get(name, "")) if before is not None else ""

    return [
        approvals.Fact(_("Version"), f"V{plan.number}", f"V{before.number}" if before is not None else ""),
        approvals.Fact(_("Visits planned"), str(plan.figures["placed"]), then("placed")),
        approvals.Fact(_("Duties in the period"), str(plan.figures["duties"]), then("duties")),
        approvals.Fact(_("Hours on the way"), str(plan.figures["hours"]), then("hours")),
        approvals.Fact(_("Gap to the bound"), f"{plan.figures['gap']:.2%}", ""),
    ]


@act("planning.plan:withdraw", right="planning.plan:edit", sentence=_("%(actor)s took %(target)s back from approval"))
def plan_withdraw(*, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None) -> Plan:
    """Make a submitted plan a draft again."""
    plan = _in_state(pk, actor, Plan.State.SUBMITTED, expected_version=expected_version)
    approvals.withdraw(target=plan, kind=APPROVAL, now=now)
    plan.state = Plan.State.DRAFT
    touch(plan, now)
    save(plan, fields=["state"])
    trail.note(plan, changes={"state": (Plan.State.SUBMITTED, plan.state)})
    return plan


@act("planning.plan:discard", right="planning.plan:edit", sentence=_("%(actor)s discarded %(target)s"))
def plan_discard(*, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None) -> Plan:
    """Put a draft away; it stays as a version to compare with."""
    plan = _in_state(
        pk, actor, Plan.State.DRAFT, Plan.State.REJECTED, Plan.State.FAILED, expected_version=expected_version
    )
    before, plan.state = plan.state, Plan.State.DISCARDED
    touch(plan, now)
    save(plan, fields=["state"])
    trail.note(plan, changes={"state": (before, plan.state)})
    return plan


# What follows from a decision; called in its transaction ------------------------------------------------------------


def approved(request: Any, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """Put an approved plan in force: its visits are what the owner's calendar says from now on."""
    plan = Plan.unscoped.select_for_update().get(pk=request.target_id)
    made, moved, dropped = put_in_force(plan, now)
    return {"state": (Plan.State.SUBMITTED, plan.state), "visits": (None, f"+{made} ↔{moved} −{dropped}")}


def rejected(request: Any, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """Keep a rejected plan as a version."""
    plan = Plan.unscoped.select_for_update().get(pk=request.target_id)
    plan.state = Plan.State.REJECTED
    touch(plan, now)
    plan.save(update_fields=["state", "version", "updated_at"])
    return {"state": (Plan.State.SUBMITTED, plan.state)}


def is_current(request: Any) -> bool:
    """Tell whether a plan still waits, and not all of its days are past."""
    plan = Plan.unscoped.filter(pk=request.target_id).first()
    return plan is not None and plan.state == Plan.State.SUBMITTED and plan.ends_on > timezone.localdate()


def put_in_force(plan: Plan, now: datetime) -> tuple[int, int, int]:
    """Bring the owner's calendar into step with a plan, from today; return how many visits are new, moved, dropped.

    Visits entered by hand, and what is done or missed, stay as they are.
    """
    today = local_day(now)
    Plan.unscoped.filter(owner=plan.owner_id, state=Plan.State.IN_FORCE).update(
        state=Plan.State.REPLACED, updated_at=now, version=F("version") + 1
    )
    plan.state, plan.in_force_at = Plan.State.IN_FORCE, now
    touch(plan, now)
    plan.save(update_fields=["state", "in_force_at", "version", "updated_at"])
    lines = plan.lines(manager="unscoped").filter(day__gte=today, duty__isnull=False)
    rows = list(lines.select_related("duty").order_by("day", "order"))
    open_duties = {line.duty_id for line in rows if line.duty is not None and line.duty.state == "open"}
    held = {
        visit.duty_id: visit
        for visit in PlannedVisit.unscoped.select_for_update().filter(
            owner=plan.owner_id, state=VisitState.PLANNED, duty__isnull=False
        )
    }
    policy, _version = policy_on(CadencePolicy, on=today)
    made, moved, kept = [], [], set()
    for line in rows:
        if line.duty_id not in open_duties:
            continue
        visit = held.get(line.duty_id)
        kept.add(line.duty_id)
        if visit is None:
            made.append(visit_of(line, plan, policy, now))
        elif (visit.day, visit.starts_at, visit.ends_at) != (line.day, line.starts_at, line.ends_at):
            visit.day, visit.starts_at, visit.ends_at = line.day, line.starts_at, line.ends_at
            visit.origin = VisitOrigin.PLAN
            touch(visit, now)
            moved.append(visit)
    dropped = [
        visit.pk
        for duty, visit in held.items()
        if duty not in kept and max(plan.begins_on, today) <= visit.day < plan.ends_on
        and visit.origin != VisitOrigin.BY_HAND
    ]  # fmt: skip
    with override("zh-hans"):
        note = str(_("Not in the plan that is in force now"))
    PlannedVisit.unscoped.filter(pk__in=dropped).update(
        state=VisitState.CANCELLED, note=note, updated_at=now, version=F("version") + 1
    )
    PlannedVisit.unscoped.bulk_update(
        moved, ["day", "starts_at", "ends_at", "origin", "version", "updated_at"], batch_size=1000
    )
    PlannedVisit.unscoped.bulk_create(made, batch_size=2000)
    return len(made), len(moved), len(dropped)


def visit_of(line: PlanLine, plan: Plan, policy: CadencePolicy, now: datetime) -> PlannedVisit:
    """Return the visit of a line, with the topic that its cadence names."""
    assert line.duty is not None
    topic, result = policy.topic(line.duty.scheme, line.duty.tier, line.activity)
    return PlannedVisit(
        owner_id=plan.owner_id, institution_id=line.institution_id, professional_id=line.professional_id,
        day=line.day, starts_at=line.starts_at, ends_at=line.ends_at, activity=line.activity, duty_id=line.duty_id,
        objective=line.duty.task[:200] or topic, expected_result=result, origin=VisitOrigin.PLAN, created_at=now,
        updated_at=now,
    )  # fmt: skip
