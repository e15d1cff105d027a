"""What planning brings to boards: whether what is owed is done, planned visits, and the goals of people."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yaomai.kit.dashboards import company, periods
from yaomai.kit.dashboards.links import leads_to
from yaomai.kit.dashboards.registry import (
    Asked,
    Card,
    Goal,
    Piece,
    Reading,
    Source,
    Sum,
    register_card,
    register_goals,
    register_source,
)
from yaomai.planning import calling, selectors, tracking
from yaomai.planning.models import Callback, DutyState, Level, Measure, ServiceDuty, VisitState
from yaomai.planning.models import Goal as PlannedGoal
from yaomai.planning.policies import CadencePolicy

DUTIES, VISITS = "planning.duties", "planning.visits"
DUE = ("on_time", "late", "missed", "overdue")
# As `tracking` counts them: by the last day of the window, without those that are no longer owed.
_DUTIES = """
SELECT date_trunc('month', duty.window_to - 1)::date, customer.territory_id,
  CASE WHEN duty.state = 'done' AND duty.done_on < duty.window_to THEN 'on_time' WHEN duty.state = 'done' THEN 'late'
       WHEN duty.state = 'missed' THEN 'missed' WHEN duty.window_to <= %(today)s THEN 'overdue' ELSE 'open' END,
  0, count(*)
FROM planning_serviceduty duty JOIN customers_institution customer ON customer.id = duty.institution_id
WHERE duty.state <> 'waived' AND duty.window_to > %(start)s AND duty.window_to <= %(end)s
  AND duty.window_to <= %(today)s GROUP BY 1, 2, 3
"""
_VISITS = """
SELECT date_trunc('month', coalesce(visit.done_on, visit.day))::date, customer.territory_id, visit.state, 0, count(*)
FROM planning_plannedvisit visit JOIN customers_institution customer ON customer.id = visit.institution_id
WHERE visit.state <> 'cancelled' AND coalesce(visit.done_on, visit.day) >= %(start)s
  AND coalesce(visit.done_on, visit.day) <= %(today)s GROUP BY 1, 2, 3
"""
_WORDS = {
    "on_time": gettext_lazy("Done on time"), "late": gettext_lazy("Done late"),
    "missed": pgettext_lazy("duty", "Missed"), "overdue": gettext_lazy("Overdue"),
}  # fmt: skip
MEASURED: Final = {
    "commerce.sales": Measure.PURCHASES, "planning.visits": Measure.VISITS, "planning.compliance": Measure.DUTIES,
}  # fmt: skip
"""Cards whose goal is one that people set for each other."""
MONTHS: Final = {Level.YEAR.value: 12, Level.QUARTER.value: 3, Level.MONTH.value: 1}


def register() -> None:
    """Register sources, cards and goals."""
    register_source(Source(DUTIES, gettext_lazy("Service duties"), _DUTIES))
    register_source(Source(VISITS, gettext_lazy("Planned visits"), _VISITS))
    view, seen = "planning.serviceduty:view", "planning.plannedvisit:view"
    register_card(
        Card(
            key="planning.compliance", label=gettext_lazy("Service duties done"), right=view, unit="percent",
            question=gettext_lazy("Duties whose window ended in the period and that a valid report carried out, late ones included."),
            of=Sum(DUTIES, parts=("on_time", "late")), over=Sum(DUTIES, parts=DUE),
            parts=lambda keys: {key: str(label) for key, label in _WORDS.items() if key in keys},
            parts_label=gettext_lazy("How duties ended"), order=200,
            next_step=leads_to(gettext_lazy("Who is behind"), "planning:compliance"),
        )
    )  # fmt: skip
    register_card(
        Card(
            key="planning.visits", label=gettext_lazy("Planned visits done"), right=seen,
            question=gettext_lazy("Visits that were planned and that a valid report carried out."),
            of=Sum(VISITS, parts=(VisitState.DONE.value,)), order=210,
            next_step=leads_to(gettext_lazy("Plan against execution"), "planning:tracking"),
        )
    )  # fmt: skip
    register_card(
        Card(
            key="planning.mine", label=gettext_lazy("My duties that are due"), right=view, good_when="down",
            question=gettext_lazy("What you owe customers: overdue, and due soon."), compute=_mine, order=220,
            next_step=leads_to(gettext_lazy("Do them"), "planning:due"),
        )
    )  # fmt: skip
    register_card(
        Card(
            key="planning.callbacks", label=gettext_lazy("My callbacks"), right="planning.callback:create",
            question=gettext_lazy("Callbacks that you made in the period and that reached somebody (C14)."),
            compute=_callbacks, order=222, next_step=leads_to(gettext_lazy("Whom to call"), "planning:callbacks"),
        )
    )  # fmt: skip
    register_card(
        Card(
            key="planning.callers", label=gettext_lazy("People with enough callbacks"), right="planning.plannedvisit:manage",
            unit="percent", question=gettext_lazy("People of the team who made the callbacks of this month (C14)."),
            compute=_callers, order=223, next_step=leads_to(gettext_lazy("Who is behind"), "planning:callbacks"),
        )
    )  # fmt: skip
    register_goals(_goals)


def _callbacks(asked: Asked) -> Reading | None:
    if asked.actor.person_id is None:
        return None
    first, last = asked.window.now[0], periods.first_of(asked.window.now[1], -1)
    mine = calling.counted(Callback.objects.filter(person=asked.actor.person_id, on__gte=first, on__lt=last))
    found = dict(mine.order_by().values_list("outcome").annotate(count=Count("pk")))
    goal = selectors.cadence_policy(asked.today).callbacks * periods.length(asked.window.now)
    url = (
        reverse("policies:policy_detail", args=[CadencePolicy.name]) if asked.actor.may("policies.version:view") else ""
    )
    return Reading(
        Decimal(sum(found.values())), goal=Goal(Decimal(goal), "S4", url), as_of=asked.now,
        parts=[Piece(str(each.label), Decimal(found[each.value])) for each in Callback.Outcome if each.value in found],
    )  # fmt: skip


def _callers(asked: Asked) -> Reading | None:
    from yaomai.planning import showing  # what draws calendars is not needed to start

    people = [each.pk for each in showing.people_in_view(asked.actor)]
    if not people:
        return None
    goal = selectors.cadence_policy(asked.today).callbacks
    made = tracking.callbacks(people, today=asked.today)
    enough = sum(made.get(pk, 0) >= goal for pk in people)
    return Reading(
        Decimal(enough) / len(people), as_of=asked.now,
        reason=_("%(enough)s of %(all)s people made %(goal)s this month.") % {"enough": enough, "all": len(people), "goal": goal},
    )  # fmt: skip


def _mine(asked: Asked) -> Reading | None:
    if asked.actor.person_id is None:
        return None
    soon = selectors.cadence_policy(asked.today).soon_days
    until = asked.today + timedelta(days=soon + 1)
    mine = ServiceDuty.objects.filter(owner=asked.actor.person_id, state=DutyState.OPEN, window_to__lte=until)
    found = mine.filter(window_from__lte=asked.today).aggregate(
        late=Count("pk", filter=Q(window_to__lte=asked.today)), soon=Count("pk", filter=Q(window_to__gt=asked.today))
    )
    late, next_ = Decimal(found["late"]), Decimal(found["soon"])
    return Reading(
        late + next_,
        parts=[Piece(_("Overdue"), late), Piece(_("Due soon"), next_)],
        reason=_("%(late)s overdue, %(soon)s due within %(days)s days.") % {"late": late, "soon": next_, "days": soon},
    )


def _goals(asked: Asked, keys: frozenset[str]) -> Mapping[str, Goal]:
    """Return the final goals of the places for the months of the period, of the shortest level that covers them."""
    wanted = {MEASURED[key]: key for key in keys if key in MEASURED}
    if not wanted or not asked.actor.may(PlannedGoal.right("view")):
        return {}
    first, last = asked.window.now[0], periods.first_of(asked.window.now[1], -1)
    tree = company.tree()
    places = tree.below.get(None, ())[:1] if asked.places == (company.WHOLE,) else asked.places
    rows = PlannedGoal.objects.filter(
        territory__in=places, owner=None, product=None, archived_at=None, state=PlannedGoal.State.FINAL,
        measure__in=list(wanted), level__in=list(MONTHS), begins_on__lt=last, ends_on__gt=first,
    ).values("measure", "level", "territory_id", "begins_on", "ends_on", "target")  # fmt: skip
    by_measure: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_measure.setdefault(row["measure"], []).append(row)
    found = {}
    for measure, found_rows in by_measure.items():
        goal = _goal(found_rows, measure, len(places), first, last)
        if goal is not None:
            found[wanted[Measure(measure)]] = goal
    return found


def _goal(rows: Sequence[Mapping[str, Any]], measure: str, places: int, first: date, last: date) -> Goal | None:
    months = [periods.first_of(first, -at) for at in range(periods.length((first, periods.first_of(last, 1))))]
    for level in (Level.MONTH.value, Level.QUARTER.value, Level.YEAR.value):
        shares = [
            row["target"] if measure == Measure.DUTIES else row["target"] / MONTHS[level]
            for row in rows
            if row["level"] == level
            for month in months
            if row["begins_on"] <= month < row["ends_on"]
        ]
        if len(shares) == len(months) * places:
            value = sum(shares, Decimal(0))
            if measure == Measure.DUTIES:
                value = value / len(shares) / 100
            return Goal(
                value, _("Goals set for %(months)s months") % {"months": len(months)}, reverse("planning:goals")
            )
    return None
