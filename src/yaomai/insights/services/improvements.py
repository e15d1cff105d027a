"""Improvements: answered by cause and measure, carried out, measured again, concluded; reviews of strategy."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.insights.evaluations import measuring, rules
from yaomai.insights.evaluations.policies import EvaluationPolicy, StrategyPolicy
from yaomai.insights.evaluations.rules import Span
from yaomai.insights.models import Evaluation, Improvement, ImprovementCheck, PolicyEvent, PolicyImpact
from yaomai.insights.months import month_after
from yaomai.insights.services.evaluations import EvaluationClosed, answering, due_day
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day, locked, save, touch
from yaomai.kit.errors import Conflict, Invalid
from yaomai.kit.policies.selectors import policy_on
from yaomai.organization.directory import holders_of_right
from yaomai.organization.models import Person, Territory
from yaomai.segmentation.models import TierSignal

State, Kind, Trigger = Improvement.State, Improvement.Kind, Improvement.Trigger
Conclusion = ImprovementCheck.Conclusion
EDIT = Improvement.right("edit")
ANSWER = ("cause", "cause_text", "kind", "action", "responsible", "due_on", "recheck_on", "state")


class ImprovementSettled(Conflict):
    """It is settled, or at another step."""

    code = "improvement_settled"
    message = _("%(name)s stands at another step now: %(state)s.")


class NotMeasured(Conflict):
    """There is no re-check to conclude from."""

    code = "not_measured"
    message = _("It has not been measured again yet.")


def _require(row: Improvement, *states: str) -> None:
    if row.state not in states:
        raise ImprovementSettled(name=str(row), state=row.get_state_display())


@act("insights.improvement:create", right=EDIT, sentence=_("%(actor)s put a problem on the list of %(target)s"))
def improvement_create(
    *, actor: Actor, trail: Trail, evaluation: Evaluation, problem: str, now: datetime,
    measure: str = Improvement.Measure.PURCHASES, tier: str = "",
) -> Improvement:  # fmt: skip
    """Put a problem that people saw on the list of an open evaluation, with the figure it will be measured by.

    Raises:
        Missing, EvaluationClosed, Invalid.
    """
    standing = locked(Evaluation, evaluation.pk)
    if standing.state != Evaluation.State.OPEN:
        raise EvaluationClosed(name=str(standing))
    if not problem.strip():
        raise Invalid(fields={"problem": [_("Say in a sentence what is wrong.")]})
    row = Improvement(
        evaluation=standing, territory_id=standing.territory_id, trigger=Trigger.BY_HAND, problem=problem.strip()[:300],
        measure=measure, tier=tier, owner_id=standing.owner_id, created_at=now, updated_at=now,
    )  # fmt: skip
    row.found = measuring.once(row, Span(standing.begins_on, standing.ends_on))
    save(row)
    trail.note(row, changes={"problem": (None, row.problem)})
    return row


@act(
    "insights.improvement:answer",
    right=EDIT,
    sentence=_("%(actor)s answered %(target)s: %(kind)s"),
)
def improvement_answer(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, kind: str, action: str, cause: str = "",
    cause_text: str = "", responsible: Person | None = None, due_on: date | None = None,
    recheck_on: date | None = None, expected_version: int | None = None,
) -> Improvement:  # fmt: skip
    """Say the cause and the measure with who carries it out by when; or why nothing is to be done.

    Without days the policy proposes them. The review of a strategy is decided the same way, without a cause.

    Raises:
        Missing, Stale, ImprovementSettled.
        Invalid: no cause, no words, nobody responsible, a day that is past, or somebody who may not see it.
    """
    row = locked(Improvement, pk, expected_version=expected_version)
    _require(row, State.OPEN, State.PLANNED)
    today, is_none = local_day(now), kind == Kind.NONE
    wrong: dict[str, list[Any]] = {}
    if kind not in Kind.values:
        wrong["kind"] = [_("Choose from the list.")]
    if cause not in Improvement.Cause.values and (cause or row.trigger not in Improvement.STRATEGIC):
        wrong["cause"] = [_("Choose a cause.")]
    if not action.strip():
        wrong["action"] = [_("Say why nothing is to be done.") if is_none else _("Say what exactly changes.")]
    proposed_due, proposed_check = due_day(today)
    due_on = None if is_none else due_on or proposed_due
    recheck_on = None if is_none else recheck_on or max(proposed_check, (due_on or today) + timedelta(days=1))
    if not is_none:
        if responsible is None:
            wrong["responsible"] = [_("Say who carries it out.")]
        elif responsible.pk not in holders_of_right(EDIT, row.territory_id, today) and not _reaches(responsible, today):
            wrong["responsible"] = [_("%(name)s may not see this: choose somebody else.") % {"name": responsible.name}]
        if due_on is not None and due_on < today:
            wrong["due_on"] = [_("Choose today or a later day.")]
        if recheck_on is not None and due_on is not None and recheck_on <= due_on:
            wrong["recheck_on"] = [_("Re-check after the measure is due.")]
    if wrong:
        raise Invalid(fields=wrong)
    before = row.state
    row.cause, row.cause_text, row.kind, row.action = cause, cause_text.strip(), kind, action.strip()
    row.responsible_id = responsible.pk if responsible is not None and not is_none else None
    row.due_on, row.recheck_on = due_on, recheck_on
    row.state = State.NO_ACTION if is_none else State.PLANNED
    touch(row, now)
    save(row, fields=ANSWER)
    trail.note(row, changes={"state": (before, row.state), "action": (None, row.action)}, kind=row.get_kind_display())
    return row


def _reaches(person: Person, today: date) -> bool:
    """Tell whether somebody below the territory may carry out a measure: whoever holds the right anywhere."""
    from yaomai.organization.selectors import actor_for

    return actor_for(person, on=today).may(EDIT)


@act("insights.improvement:done", right=EDIT, sentence=_("%(actor)s carried out %(target)s: %(note)s"))
def improvement_done(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, note: str, done_on: date | None = None,
    expected_version: int | None = None,
) -> Improvement:  # fmt: skip
    """Say that a measure was carried out; from now on it waits for its re-check.

    Raises:
        Missing, Stale, ImprovementSettled; Invalid: no words, or a day to come.
    """
    row = locked(Improvement, pk, expected_version=expected_version)
    _require(row, State.PLANNED)
    today = local_day(now)
    if not note.strip():
        raise Invalid(fields={"note": [_("Say in a few words what was done.")]})
    if done_on is not None and done_on > today:
        raise Invalid(fields={"done_on": [_("Choose today or an earlier day.")]})
    row.done_on, row.done_note, row.state = done_on or today, note.strip(), State.DONE
    touch(row, now)
    save(row, fields=["done_on", "done_note", "state"])
    trail.note(row, changes={"state": (State.PLANNED, State.DONE)}, note=row.done_note)
    return row


@act(
    "insights.improvement:measure",
    right=EDIT,
    sentence=_("%(target)s was measured again: %(verdict)s"),
)
def improvement_measure(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> ImprovementCheck:
    """Measure the figure of an improvement again; a result that nobody has concluded from is replaced.

    Raises:
        Missing, ImprovementSettled.
    """
    row = locked(Improvement, pk)
    _require(row, State.DONE)
    today = local_day(now)
    policy, _version = policy_on(EvaluationPolicy, on=today)
    span = measuring.span_again(row, today=today)
    again = measuring.once(row, span)
    verdict: str = rules.verdict(
        row.measure, found=row.found, again=again, least=float(policy.recheck_least),
        least_points=float(policy.recheck_points) * (100 if row.measure == Improvement.Measure.SATISFACTION else 1),
    )  # fmt: skip
    if row.done_on is not None and span.end <= month_after(row.done_on, 1):
        again["reason"], verdict = "early", ImprovementCheck.Verdict.UNCLEAR
    elif verdict == ImprovementCheck.Verdict.UNCLEAR:
        again["reason"] = "unknown"
    check = ImprovementCheck.unscoped.filter(improvement=row, conclusion="").first() or ImprovementCheck(
        improvement=row
    )
    check.checked_on, check.verdict, check.result, check.action = today, verdict, again, row.action
    check.save()
    trail.note(row, verdict=check.get_verdict_display())
    return check


@act(
    "insights.improvement:conclude",
    right=EDIT,
    sentence=_("%(actor)s concluded of %(target)s: %(conclusion)s"),
)
def improvement_conclude(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, conclusion: str, note: str,
    recheck_on: date | None = None, expected_version: int | None = None,
) -> Improvement:  # fmt: skip
    """Say whether it worked; what did not work is open again, and what cannot be told yet is re-checked later.

    Raises:
        Missing, Stale, ImprovementSettled, NotMeasured; Invalid: no words, no conclusion, or no day to come.
    """
    row = locked(Improvement, pk, expected_version=expected_version)
    _require(row, State.DONE)
    check = ImprovementCheck.unscoped.select_for_update().filter(improvement=row, conclusion="").first()
    if check is None:
        raise NotMeasured
    today = local_day(now)
    wrong: dict[str, list[Any]] = {}
    if conclusion not in Conclusion.values:
        wrong["conclusion"] = [_("Choose from the list.")]
    if not note.strip():
        wrong["note"] = [_("Say in a few words why.")]
    if conclusion == Conclusion.LATER and (recheck_on is None or recheck_on <= today):
        wrong["recheck_on"] = [_("Choose a day to come.")]
    if wrong:
        raise Invalid(fields=wrong)
    check.conclusion, check.note, check.decided_by_id, check.decided_at = conclusion, note.strip(), actor.person_id, now
    check.save(update_fields=["conclusion", "note", "decided_by", "decided_at"])
    before = row.state
    if conclusion == Conclusion.LATER:
        row.recheck_on = recheck_on
    elif conclusion == Conclusion.WORKED:
        row.state = State.WORKED
    else:
        row.state, row.round = State.OPEN, row.round + 1
        row.kind = row.action = row.done_note = ""
        row.done_on = row.due_on = row.recheck_on = row.responsible_id = None
    touch(row, now)
    save(row, fields=[*ANSWER, "round", "done_on", "done_note"])
    trail.note(row, changes={"state": (before, row.state)}, conclusion=check.get_conclusion_display())
    return row


def improvements_to_measure(today: date) -> list[int]:
    """Return which improvements are due for a re-check and have no result from which nobody has concluded yet."""
    waiting = ImprovementCheck.unscoped.filter(conclusion="").values("improvement")
    rows = Improvement.unscoped.filter(state=State.DONE, recheck_on__lte=today).exclude(pk__in=waiting)
    return list(rows.order_by("recheck_on", "pk").values_list("pk", flat=True))


def _review(
    place: Territory, owner: int | None, above: int | None, today: date, now: datetime, **told: Any
) -> Improvement:
    policy, _version = policy_on(StrategyPolicy, on=today)
    return Improvement(
        territory=place, responsible_id=owner, owner_id=above or owner, due_on=today + timedelta(days=policy.decide_days),
        measure=Improvement.Measure.PURCHASES, created_at=now, updated_at=now, **told,
    )  # fmt: skip


@act(
    "insights.improvement:review",
    right=EDIT,
    sentence=_("Reviews of strategy were opened: %(count)s"),
)
def strategy_reviews_open(*, actor: Actor, trail: Trail, now: datetime) -> int:
    """Open what events ask for, once per region: a policy event with affected customers, and competitors that gained.

    Returns how many are new. A review that is open learns how many customers are affected by now.
    """
    today = local_day(now)
    policy, _version = policy_on(StrategyPolicy, on=today)
    managers = answering(today)
    places = list(Territory.unscoped.filter(level=Territory.Level.REGION).exclude(valid_to__lte=today).order_by("path"))
    month, made = month_after(today, -1), 0
    events = list(PolicyEvent.unscoped.filter(archived_at=None).exclude(assessed_on=None).order_by("pk"))
    for place in places:
        inside = {"institution__territory__path__startswith": place.path}
        asked: list[tuple[dict[str, Any], int]] = [
            ({"trigger": Trigger.POLICY, "event": event}, PolicyImpact.unscoped.filter(event=event, **inside).count())
            for event in events
        ]
        gained = TierSignal.unscoped.filter(kind=TierSignal.Kind.COMPETITOR_ROSE, month=month, **inside).count()
        if gained >= policy.fewest_signals:
            asked.append(({"trigger": Trigger.COMPETITOR, "month": month}, gained))
        for key, count in asked:
            if not count:
                continue
            standing = Improvement.unscoped.filter(territory=place, **key).first()
            if standing is not None:
                if standing.state == State.OPEN and standing.customers != count:
                    standing.customers = count
                    standing.save(update_fields=["customers"])
                continue
            owner, above = managers.at(place.path), managers.at(place.path, above=True)
            row = _review(place, owner, above, today, now, customers=count, **key)
            row.found = measuring.once(row, Span(month_after(today, -3), today.replace(day=1)))
            row.save()
            made += 1
    trail.note(count=made)
    return made
