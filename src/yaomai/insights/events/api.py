"""REST of policy events beside their surfaces."""

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from yaomai.insights import services
from yaomai.kit.access import current_actor
from yaomai.kit.surfaces.api import PROBLEMS

router = Router(tags=["insights"])


class EventAssessedOut(Schema):
    customers: int


class EventComparedOut(Schema):
    months: int


@router.post(
    "/policy-events/{pk}/assess", response={200: EventAssessedOut, **PROBLEMS},
    summary="Work out what a policy event means for every customer", operation_id="insights_policy_event_assess",
)  # fmt: skip
def policy_event_assess(request: HttpRequest, pk: int) -> EventAssessedOut:
    return EventAssessedOut(customers=services.policy_event_assess(actor=current_actor(), pk=pk, now=timezone.now()))


@router.post(
    "/policy-events/{pk}/compare", response={200: EventComparedOut, **PROBLEMS},
    summary="Hold what came since a policy event against its range", operation_id="insights_policy_event_compare",
)  # fmt: skip
def policy_event_compare(request: HttpRequest, pk: int) -> EventComparedOut:
    return EventComparedOut(months=services.policy_event_compare(actor=current_actor(), pk=pk, now=timezone.now()))
