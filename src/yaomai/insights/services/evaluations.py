"""Evaluations: opened when a period is over, computed while they are open, written together, closed."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.insights.evaluations import measuring, rules
from yaomai.insights.evaluations.policies import EvaluationPolicy
from yaomai.insights.models import Evaluation, Improvement
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, save, touch
from yaomai.kit.errors import Conflict, Invalid
from yaomai.kit.policies.selectors import policy_on
from yaomai.organization.directory import Answering
from yaomai.organization.models import Person, Territory

State, Trigger = Evaluation.State, Improvement.Trigger
WRITTEN = ("owner", "learned", "next_steps")
MANAGERS = ("sales_director", "regional_director", "area_manager")
OPENED = (Territory.Level.COMPANY, Territory.Level.REGION)
"""Whose evaluations are opened by themselves; those of areas by hand."""


class EvaluationClosed(Conflict):
    """It is frozen."""

    code = "evaluation_closed"
    message = _("The evaluation %(name)s is closed and takes no changes.")


class Unanswered(Conflict):
    """Some anomalies have no answer yet."""

    code = "unanswered"
    message = _(
        "Answer every anomaly first, by a cause with a measure or by a reason for no action. Still open: %(count)s."
    )


class NotComputed(Conflict):
    """The figures are not there yet."""

    code = "not_computed"
    message = _("The figures are being computed. Try again in a minute.")


def answering(on: date) -> Answering:
    """Return who manages which territory."""
    return Answering(MANAGERS, Evaluation.right("approve"), on)


def _require_open(evaluation: Evaluation) -> None:
    if evaluation.state != State.OPEN:
        raise EvaluationClosed(name=str(evaluation))


def _begun(
    level: str, day: date, territory: Territory, owner_id: int | None, made_by: int | None, now: datetime
) -> Evaluation:
    span = rules.span_of(level, day)
    return Evaluation(
        level=level, begins_on=span.begin, ends_on=span.end, territory=territory, owner_id=owner_id, made_by_id=made_by,
        created_at=now, updated_at=now,
    )  # fmt: skip


@act("insights.evaluation:create", sentence=_("%(actor)s opened the evaluation %(target)s"))
def evaluation_create(
    *, actor: Actor, trail: Trail, now: datetime, level: str, begins_on: date, territory: Territory,
    owner: Person | None = None,
) -> Evaluation:  # fmt: skip
    """Open the evaluation of a period by hand; its figures are computed in the background.

    Raises:
        Missing: the territory is out of reach; Invalid: the period is not over, or has its evaluation already.
    """
    from yaomai.insights.jobs import compute_evaluation

    place = get_visible(Territory, pk=territory.pk)
    today = local_day(now)
    if level not in Evaluation.Level.values:
        raise Invalid(fields={"level": [_("Choose from the list.")]})
    if rules.span_of(level, begins_on).end > today:
        raise Invalid(fields={"begins_on": [_("This period is not over yet.")]})
    owner_id = owner.pk if owner is not None else answering(today).at(place.path) or actor.person_id
    evaluation = _begun(level, begins_on, place, owner_id, actor.person_id, now)
    save(evaluation)
    compute_evaluation.defer(actor=actor, evaluation=evaluation.pk)
    trail.note(evaluation, changes={"owner": (None, str(evaluation.owner or ""))})
    return evaluation


@act(
    "insights.evaluation:open",
    right="insights.evaluation:create",
    sentence=_("Evaluations of what ended were opened: %(count)s"),
)
def evaluations_open(*, actor: Actor, trail: Trail, now: datetime) -> list[int]:
    """Open what the month that began asks for: of the company and each region; return the new ones.

    What was opened before stays as it is.
    """
    today = local_day(now)
    places = list(
        Territory.unscoped.filter(level__in=OPENED, valid_from__lte=today).exclude(valid_to__lte=today).order_by("path")
    )
    managers, fresh = answering(today), []
    for level, span in rules.over_on(today):
        known = set(
            Evaluation.unscoped.filter(level=level, begins_on=span.begin).values_list("territory_id", flat=True)
        )
        fresh += [
            _begun(level, span.begin, place, managers.at(place.path), None, now)
            for place in places
            if place.pk not in known
        ]
    made = Evaluation.unscoped.bulk_create(fresh)
    trail.note(count=len(made))
    return [each.pk for each in made]


@act(
    "insights.evaluation:compute",
    right="insights.evaluation:view",
    sentence=_("The figures of the evaluation %(target)s were computed: %(count)s anomalies"),
)
def evaluation_compute(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> Evaluation:
    """Compute the figures of an evaluation anew, and put what is odd on its list; what people answered stays.

    Raises:
        Missing; EvaluationClosed.
    """
    evaluation = locked(Evaluation, pk, verb="view")
    _require_open(evaluation)
    evaluation.figures = measuring.measured(evaluation, on=local_day(now))
    # Not a change by people, so the version stays: whoever writes meanwhile is not told that it went stale.
    evaluation.save(update_fields=["figures"])
    odd = {(row["measure"], row["tier"]): row for row in evaluation.figures["rows"] if row["odd"]}
    known = {
        (row.measure, row.tier): row
        for row in Improvement.unscoped.filter(evaluation=evaluation, trigger=Trigger.ANOMALY)
    }
    begin, end = str(evaluation.begins_on), str(evaluation.ends_on)
    for key, row in odd.items():
        found = {name: row[name] for name in (*measuring.NAMES, "goal")} | {"from": begin, "to": end}
        standing = known.get(key)
        if standing is None:
            Improvement.unscoped.create(
                evaluation=evaluation, territory_id=evaluation.territory_id, trigger=Trigger.ANOMALY, measure=key[0],
                tier=key[1], found=found, owner_id=evaluation.owner_id, customers=row["customers"], created_at=now,
                updated_at=now,
            )  # fmt: skip
        elif standing.found != found:
            standing.found = found
            standing.save(update_fields=["found"])
    gone = [
        row.pk
        for key, row in known.items()
        if key not in odd and row.state == Improvement.State.OPEN and row.version == 1
    ]
    Improvement.unscoped.filter(pk__in=gone).delete()
    trail.note(evaluation, count=len(odd))
    return evaluation


@act(
    "insights.evaluation:refresh",
    right="insights.evaluation:edit",
    sentence=_("%(actor)s asked for the figures of the evaluation %(target)s anew"),
)
def evaluation_refresh(*, actor: Actor, trail: Trail, pk: int) -> Evaluation:
    """Have the figures computed anew in the background.

    Raises:
        Missing; EvaluationClosed.
    """
    from yaomai.insights.jobs import compute_evaluation

    evaluation = locked(Evaluation, pk)
    _require_open(evaluation)
    compute_evaluation.defer(actor=actor, evaluation=pk)
    trail.note(evaluation)
    return evaluation


@act(
    "insights.evaluation:update",
    right="insights.evaluation:edit",
    sentence=_("%(actor)s wrote in the evaluation %(target)s"),
)
def evaluation_update(
    *, actor: Actor, trail: Trail, pk: int, changes: Mapping[str, Any], now: datetime,
    expected_version: int | None = None,
) -> Evaluation:  # fmt: skip
    """Write what was learned and what changes, or hand the evaluation over.

    Raises:
        Missing, Stale, EvaluationClosed, Invalid.
    """
    evaluation = locked(Evaluation, pk, expected_version=expected_version)
    _require_open(evaluation)
    differing = change(evaluation, changes, allowed=WRITTEN)
    touch(evaluation, now)
    save(evaluation, fields=differing)
    if "owner" in differing:
        Improvement.unscoped.filter(evaluation=evaluation, state__in=Improvement.PENDING).update(
            owner_id=evaluation.owner_id
        )
    trail.note(evaluation, changes=differing)
    return evaluation


@act(
    "insights.evaluation:close",
    right="insights.evaluation:approve",
    sentence=_("%(actor)s closed the evaluation %(target)s"),
)
def evaluation_close(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> Evaluation:
    """Close an evaluation: figures and text are frozen; its measures live on until they are settled.

    Raises:
        Missing, Stale, EvaluationClosed, NotComputed; Unanswered: anomalies without cause or reason.
    """
    evaluation = locked(Evaluation, pk, verb="approve", expected_version=expected_version)
    _require_open(evaluation)
    if evaluation.figures is None:
        raise NotComputed
    if count := Improvement.unscoped.filter(evaluation=evaluation, state=Improvement.State.OPEN).count():
        raise Unanswered(count=count)
    evaluation.state, evaluation.closed_at, evaluation.closed_by_id = State.CLOSED, now, actor.person_id
    touch(evaluation, now)
    save(evaluation, fields=["state", "closed_at", "closed_by"])
    trail.note(evaluation, changes={"state": (State.OPEN, State.CLOSED)})
    return evaluation


def due_day(today: date) -> tuple[date, date]:
    """Return by when a measure is due and when it is re-checked, as the policy proposes."""
    policy, _version = policy_on(EvaluationPolicy, on=today)
    due = today + timedelta(days=policy.due_days)
    return due, due + timedelta(days=policy.recheck_days)
