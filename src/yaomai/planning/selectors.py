"""Reads of this room: what is owed, what is planned."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from yaomai.customers.models import Institution, Professional
from yaomai.kit.memo import once_a_page
from yaomai.kit.policies.selectors import policy_on
from yaomai.planning.models import DutyState, PlannedVisit, ServiceDuty, VisitState
from yaomai.planning.policies import CadencePolicy


@once_a_page
def cadence_policy(on: date) -> CadencePolicy:
    """Return the cadences in force on a day."""
    policy, _version = policy_on(CadencePolicy, on=on)
    return policy


def visits_of(person: int, *, since: date, until: date) -> "QuerySet[PlannedVisit]":
    """Return a person's planned visits in view, half-open in days, in their order; cancelled ones are left out."""
    rows: QuerySet[PlannedVisit] = PlannedVisit.objects.filter(owner=person, day__gte=since, day__lt=until)
    return (
        rows.exclude(state=VisitState.CANCELLED)
        .select_related("institution", "professional", "owner", "duty")
        .order_by("day", "starts_at", "pk")
    )


def planned_today(person: int, *, on: date) -> list[PlannedVisit]:
    """Return the visits that a person plans for a day, in the order of the way."""
    return list(visits_of(person, since=on, until=on + timedelta(days=1)))


def open_duties(*, owner: int | None = None, before: date | None = None) -> "QuerySet[ServiceDuty]":
    """Return the open duties in view whose window has begun by a day, the most urgent first."""
    rows: QuerySet[ServiceDuty] = ServiceDuty.objects.filter(state=DutyState.OPEN)
    if owner is not None:
        rows = rows.filter(owner=owner)
    if before is not None:
        rows = rows.filter(window_from__lt=before)
    return rows.select_related("institution", "professional", "owner").order_by("window_to", "pk")


def duties_of_customer(customer: Institution | Professional, *, until: date) -> "QuerySet[ServiceDuty]":
    """Return the open duties in view of a customer whose window begins before a day; of a hospital its people's too."""
    return open_duties(before=until).filter(of_customer(customer))


def of_customer(customer: Institution | Professional) -> Q:
    """Return the condition that rows belong to a customer."""
    return Q(professional=customer) if isinstance(customer, Professional) else Q(institution=customer)


def planned_for(
    *, owner: int, institution: int, professional: int | None, on: date, activity: str = ""
) -> PlannedVisit | None:
    """Return the planned visit that a report of a day carries out: same person and customer, that day.

    Args:
        activity: preferred where several are planned.
    """
    rows = PlannedVisit.unscoped.filter(
        owner=owner, institution=institution, professional=professional, day=on,
        state__in=(VisitState.PLANNED, VisitState.MISSED),
    )  # fmt: skip
    found = list(rows.order_by("starts_at", "pk")[:20])
    return next((row for row in found if row.activity == activity), found[0] if found else None)


def duty_for(*, owner: int, institution: int, professional: int | None, activity: str, on: date) -> ServiceDuty | None:
    """Return the duty that a report without a plan carries out: the oldest open one of this activity that has begun."""
    rows: Any = ServiceDuty.unscoped.filter(
        owner=owner, institution=institution, professional=professional, activity=activity,
        state=DutyState.OPEN, window_from__lte=on,
    )  # fmt: skip
    duty: ServiceDuty | None = rows.order_by("window_to", "pk").first()
    return duty
