"""Goals, notes on the surroundings, and reviews."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, require_open, save, touch
from yaomai.kit.errors import Conflict, Invalid
from yaomai.kit.policies.selectors import policy_on
from yaomai.organization.models import Person, Territory
from yaomai.organization.selectors import has_active_filing
from yaomai.planning import rules
from yaomai.planning.models import (
    COMMERCIAL_MEASURES,
    RATES,
    Goal,
    Level,
)
from yaomai.planning.policies import GoalPolicy
from yaomai.planning.services.owners import owner_of, require_own

FIELDS: Final = ("product", "source", "title", "measure", "target", "basis", "relevance", "owner")
MANAGE: Final = "planning.goal:manage"


class NotSmart(Conflict):
    """A goal lacks something of specific, measurable, achievable, relevant, time-bound (E4)."""

    code = "goal_not_smart"
    message = _("The goal is not final yet. %(missing)s")


class GoalFinal(Conflict):
    """A final goal is changed by a new one."""

    code = "goal_final"
    message = _("%(name)s is final. Open it for changes first, with the reason.")


def _require_academic(owner: Person | None, measure: str, on: date) -> None:
    """Refuse goals about sales to whoever holds an active filing (X2)."""
    if owner is not None and measure in COMMERCIAL_MEASURES and has_active_filing(owner.pk, on=on):
        raise Invalid(
            fields={
                "measure": [
                    _("%(name)s has an active filing and may carry no sales target. Measure the quality of activity.")
                    % {"name": owner.name}
                ]
            }
        )


def period_of(level: str, begins_on: date) -> tuple[date, date]:
    """Return the whole period of a level in which a day lies, half-open."""
    if level == Level.WEEK:
        monday = begins_on - timedelta(days=begins_on.weekday())
        return monday, monday + timedelta(days=7)
    months = {Level.YEAR: 12, Level.QUARTER: 3, Level.MONTH: 1}[Level(level)]
    month = months * ((begins_on.month - 1) // months) + 1
    first = date(begins_on.year, month, 1)
    return first, rules.next_month(first, months)


@act("planning.goal:create", sentence=_("%(actor)s entered the goal %(target)s"))
def goal_create(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    level: str,
    begins_on: date,
    territory: Territory,
    parent: Goal | None = None,
    owner: Person | None = None,
    **fields: Any,
) -> Goal:
    """Enter a goal as a draft; its period is the whole year, quarter, month or week of the day.

    Raises:
        Missing: territory or the goal above is out of reach.
        NotYours: it is for somebody for whom one does not plan.
        Invalid: it does not lie within the goal above, or is a sales target of a person with an active filing.
    """
    territory = get_visible(Territory, pk=territory.pk)
    person = owner_of(actor, owner) if owner is not None else None
    if person is None and not actor.may(MANAGE):
        person = owner_of(actor, None)
    require_own(actor, person, MANAGE)
    _require_academic(person, fields.get("measure", ""), local_day(now))
    if level not in Level.values:
        raise Invalid(fields={"level": [_("Choose from the list.")]})
    first, after = period_of(level, begins_on)
    goal = Goal(
        level=level, begins_on=first, ends_on=after, territory=territory, owner=person, created_at=now, updated_at=now
    )
    if parent is not None:
        goal.parent = get_visible(Goal, pk=parent.pk)
        _require_within(goal, goal.parent)
    changes = change(goal, fields, allowed=FIELDS)
    save(goal)
    trail.note(goal, changes={"level": (None, goal.get_level_display()), **changes})
    return goal


def _require_within(goal: Goal, parent: Goal) -> None:
    order = list(Level.values)
    if order.index(goal.level) <= order.index(parent.level):
        raise Invalid(fields={"parent": [_("A part has a shorter period than its whole.")]})
    # A week may begin in one month and end in the next: it belongs where it begins.
    if not parent.begins_on <= goal.begins_on < parent.ends_on and goal.level != Level.WEEK:
        raise Invalid(fields={"begins_on": [_("This lies outside the period of the goal above.")]})
    if goal.measure and goal.measure != parent.measure:
        raise Invalid(fields={"measure": [_("A part is measured as its whole, so that the parts add up.")]})


@act("planning.goal:update", right="planning.goal:edit", sentence=_("%(actor)s changed the goal %(target)s"))
def goal_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> Goal:
    """Change a draft.

    Raises:
        Missing, Stale, Archived, NotYours, GoalFinal, Invalid.
    """
    goal = locked(Goal, pk, expected_version=expected_version)
    require_open(goal)
    require_own(actor, goal.owner, MANAGE)
    if goal.state == Goal.State.FINAL:
        raise GoalFinal(name=str(goal))
    same = ("level", "begins_on", "territory", "parent")
    wanted = {name: value for name, value in changes.items() if name not in same or getattr(goal, name) != value}
    if wanted.get("owner") is not None:
        require_own(actor, wanted["owner"], MANAGE)
    differing = change(goal, wanted, allowed=FIELDS)
    _require_academic(goal.owner, goal.measure, local_day(now))
    touch(goal, now)
    save(goal, fields=differing)
    trail.note(
        goal,
        changes={
            name: (str(a), str(b)) if name in ("owner", "product") else (a, b) for name, (a, b) in differing.items()
        },
    )
    return goal


@act("planning.goal:finalize", right="planning.goal:edit", sentence=_("%(actor)s made the goal %(target)s final"))
def goal_finalize(*, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None) -> Goal:
    """Make a goal final once it is specific, measurable, achievable, relevant and time-bound (E4).

    Raises:
        Missing, Stale, Archived, NotYours, GoalFinal.
        NotSmart: with everything that is missing, in words.
    """
    goal = locked(Goal, pk, expected_version=expected_version)
    require_open(goal)
    require_own(actor, goal.owner, MANAGE)
    if goal.state == Goal.State.FINAL:
        raise GoalFinal(name=str(goal))
    missing = smart_missing(goal, today=local_day(now))
    if missing:
        raise NotSmart(missing=" ".join(str(text) for text in missing))
    goal.state = Goal.State.FINAL
    touch(goal, now)
    save(goal, fields=["state"])
    trail.note(goal, changes={"state": (Goal.State.DRAFT, goal.state)})
    return goal


def smart_missing(goal: Goal, *, today: date) -> list[Any]:
    """Return what a goal lacks of the five tests, in words; empty when it holds."""
    policy, _version = policy_on(GoalPolicy, on=today)
    texts = {"title": goal.title, "basis": goal.basis, "relevance": goal.relevance}
    found = rules.smart(
        texts, target=goal.target, is_rate=goal.measure in RATES, ends_on=goal.ends_on, today=today,
        shortest=policy.shortest_text, has_parent=goal.parent_id is not None,
        before=goal.parent.target if goal.parent is not None and goal.measure not in RATES else None,
    )  # fmt: skip
    return [_SMART[name] for name in found]


_SMART: Final[Mapping[str, Any]] = {
    "specific": _("Specific: say in a sentence what is to be reached, with whom."),
    "measurable": _("Measurable: give a target above zero."),
    "rate": _("Measurable: a percentage lies between 0 and 100."),
    "achievable": _("Achievable: say what it was before and why it can be reached."),
    "beyond": _("Achievable: a part cannot be more than its whole."),
    "relevant": _("Relevant: say which goal or need it serves, or make it part of a larger goal."),
    "timely": _("Time-bound: the period is over already."),
}


@act(
    "planning.goal:reopen",
    right="planning.goal:edit",
    sentence=_("%(actor)s opened the goal %(target)s for changes: %(reason)s"),
)
def goal_reopen(
    *, actor: Actor, trail: Trail, pk: int, reason: str, now: datetime, expected_version: int | None = None
) -> Goal:
    """Make a final goal a draft again, with the reason (E12)."""
    goal = locked(Goal, pk, expected_version=expected_version)
    require_own(actor, goal.owner, MANAGE)
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say why it changes.")]})
    before, goal.state = goal.state, Goal.State.DRAFT
    touch(goal, now)
    save(goal, fields=["state"])
    trail.note(goal, changes={"state": (before, goal.state)}, reason=reason.strip())
    return goal


@act(
    "planning.goal:decompose",
    right="planning.goal:create",
    sentence=_("%(actor)s broke %(target)s down into %(count)s parts"),
)
def goal_decompose(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, weights: list[Decimal] | None = None
) -> list[Goal]:
    """Break a goal down into its next shorter periods; the parts always add up to the whole, to the last unit (E2).

    Args:
        weights: by part; by default as the seasons of the policy say. A percentage is the same in every part.

    Raises:
        Missing, Archived, NotYours.
        Invalid: a week has no parts, it is broken down already, or the weights do not fit.
    """
    goal = locked(Goal, pk)
    require_open(goal)
    require_own(actor, goal.owner, MANAGE)
    order = list(Level.values)
    if goal.level == Level.WEEK:
        raise Invalid(fields={"": [_("A week is the shortest period.")]})
    if goal.parts(manager="unscoped").filter(archived_at=None).exists():
        raise Invalid(fields={"": [_("It is broken down already: change the parts, or archive them first.")]})
    level = order[order.index(goal.level) + 1]
    starts, day = [], goal.begins_on
    while day < goal.ends_on:
        first, after = period_of(level, day)
        if first >= goal.begins_on:
            starts.append((first, after))
        day = after
    policy, _version = policy_on(GoalPolicy, on=local_day(now))
    given = weights or [policy.season(first, after) for first, after in starts]
    if len(given) != len(starts) or any(weight < 0 for weight in given) or not sum(given):
        raise Invalid(fields={"weights": [_("Give one weight above zero for each part.")]})
    targets = [goal.target] * len(starts) if goal.measure in RATES else rules.shared_out(goal.target, given)
    made = [
        Goal(
            parent=goal, level=level, begins_on=first, ends_on=after, territory_id=goal.territory_id,
            owner_id=goal.owner_id, product_id=goal.product_id, source=goal.source, title=goal.title,
            measure=goal.measure, target=target, basis=goal.basis, relevance=goal.relevance, created_at=now,
            updated_at=now,
        )
        for (first, after), target in zip(starts, targets, strict=True)
    ]  # fmt: skip
    Goal.unscoped.bulk_create(made)
    trail.note(goal, changes={"parts": (0, len(made))}, count=len(made))
    return made


@act("planning.goal:archive", sentence=_("%(actor)s archived the goal %(target)s"))
def goal_archive(*, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None) -> Goal:
    """Take a goal out of sight; its parts must go first."""
    goal = locked(Goal, pk, verb="archive", expected_version=expected_version)
    require_open(goal)
    require_own(actor, goal.owner, MANAGE)
    if goal.parts(manager="unscoped").filter(archived_at=None).exists():
        raise Invalid(fields={"": [_("It has parts: archive them first.")]})
    goal.archived_at = now
    touch(goal, now)
    save(goal, fields=["archived_at"])
    trail.note(goal, changes={"archived_at": (None, now)})
    return goal
