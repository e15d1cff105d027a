"""What was reached of goals: counted from visits and duties that valid reports carried out; purchases from sales flow (E2)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db.models import Q

from yaomai.commerce.models import SalesLine
from yaomai.kit.access import current_actor
from yaomai.organization.models import Territory
from yaomai.planning import tracking
from yaomai.planning.models import Activity, Goal, Measure, PlannedVisit, ServiceDuty, VisitState
from yaomai.planning.models.goals import PURCHASES

_MEETINGS: Final = (Activity.CASE_SALON, Activity.DEPARTMENT_MEETING, Activity.EXECUTIVE_FORUM)


def of(goals: Sequence[Goal], *, today: date) -> dict[int, Decimal]:
    """Return what goals in view have reached; none for what nothing counts yet, such as a market share."""
    found = {}
    for goal in goals:
        if goal.begins_on <= today:
            value = _reached(goal, today)
            if value is not None:
                found[goal.pk] = value
    return found


def _below(goal: Goal) -> Any:
    return Territory.unscoped.filter(path__startswith=goal.territory.path).values("pk")


def _rows(goal: Goal, model: Any) -> Any:
    rows = model.objects.filter(institution__territory__in=_below(goal))
    return rows.filter(owner=goal.owner_id) if goal.owner_id is not None else rows


def _reached(goal: Goal, today: date) -> Decimal | None:
    done = Q(state=VisitState.DONE, done_on__gte=goal.begins_on, done_on__lt=goal.ends_on)
    if goal.measure in (Measure.VISITS, Measure.CUSTOMERS, Measure.DEPARTMENTS):
        visits = _rows(goal, PlannedVisit).filter(done)
        if goal.measure == Measure.VISITS:
            return Decimal(visits.count())
        if goal.measure == Measure.CUSTOMERS:
            return Decimal(visits.order_by().values("institution", "professional").distinct().count())
        named = visits.filter(professional__department__isnull=False).order_by()
        return Decimal(named.values("professional__department").distinct().count())
    if goal.measure in (Measure.MEETINGS, Measure.SERVICES):
        wanted = _MEETINGS if goal.measure == Measure.MEETINGS else (Activity.ACADEMIC_SERVICE,)
        return Decimal(_rows(goal, ServiceDuty).filter(done, activity__in=wanted).count())
    if goal.measure == Measure.DUTIES:
        whole = tracking.total(_rows(goal, ServiceDuty), since=goal.begins_on, until=goal.ends_on, today=today)
        return round(Decimal(100 * whole.on_time) / whole.due, 1) if whole.due else None
    return _purchases(goal) if goal.measure == Measure.PURCHASES and current_actor().may(PURCHASES) else None


def _purchases(goal: Goal) -> Decimal:
    from django.db.models import Sum

    lines = SalesLine.objects.filter(
        institution__territory__in=_below(goal), sold_on__gte=goal.begins_on, sold_on__lt=goal.ends_on
    )
    if goal.product_id is not None:
        lines = lines.filter(product=goal.product_id)
    return Decimal(lines.aggregate(total=Sum("amount"))["total"] or 0)
