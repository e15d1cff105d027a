"""Reads of evaluations and improvements beside their lists."""

from datetime import date
from typing import Any

from django.db.models import Q

from yaomai.insights.models import Evaluation, Improvement, ImprovementCheck
from yaomai.kit.access import Actor

JOINED = ("evaluation", "territory", "event", "responsible", "owner")


def improvements_of(evaluation: Evaluation) -> list[Improvement]:
    """Return the improvements of an evaluation that the actor sees: what waits first."""
    rows = Improvement.objects.filter(evaluation=evaluation).select_related(*JOINED)
    order = [each.value for each in Improvement.State]
    return sorted(rows, key=lambda row: (order.index(row.state), row.pk))


def checks_of(improvements: list[Improvement]) -> list[ImprovementCheck]:
    """Return the re-checks of improvements, the latest last."""
    rows = ImprovementCheck.unscoped.filter(improvement__in=[row.pk for row in improvements])
    return list(rows.select_related("decided_by").order_by("pk"))


def mine(actor: Actor, *, until: date) -> list[Improvement]:
    """Return what waits for a person: own measures that are due, own re-checks, and what is overdue of their reports."""
    if actor.person_id is None:
        return []
    today_over = Q(state=Improvement.State.PLANNED, due_on__lte=until)
    own = Q(responsible=actor.person_id) & (today_over | Q(state=Improvement.State.OPEN))
    to_conclude = Q(owner=actor.person_id, state=Improvement.State.DONE, checks__conclusion="")
    rows = Improvement.objects.filter(own | to_conclude).distinct()
    return list(rows.select_related(*JOINED).order_by("due_on", "pk")[:20])


def escalated(actor: Actor, *, today: date) -> list[Improvement]:
    """Return what is overdue with others and for which the actor answers."""
    if actor.person_id is None:
        return []
    late = Q(state__in=(Improvement.State.PLANNED, Improvement.State.OPEN), due_on__lt=today)
    rows: Any = Improvement.objects.filter(late, owner=actor.person_id).exclude(responsible=actor.person_id)
    return list(rows.select_related(*JOINED).order_by("due_on", "pk")[:20])


def own_evaluations(actor: Actor) -> list[Evaluation]:
    """Return the evaluations that wait for the actor to close them."""
    if actor.person_id is None:
        return []
    rows = Evaluation.objects.filter(owner=actor.person_id, state=Evaluation.State.OPEN).select_related("territory")
    return list(rows.order_by("begins_on", "pk")[:10])
