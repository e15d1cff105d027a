"""REST of policy events beside their surfaces."""

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from yaomai.insights.jobs import assess_event, compare_event
from yaomai.insights.models import PolicyEvent
from yaomai.insights.services.events import require_comparable
from yaomai.kit.access import current_actor, get_visible, require
from yaomai.kit.surfaces.api import PROBLEMS

router = Router(tags=["insights"])
ASSESS = "insights.policyevent:assess"


class EventJobOut(Schema):
    job: int


@router.post(
    "/policy-events/{pk}/assess", response={202: EventJobOut, **PROBLEMS},
    summary="Work out what a policy event means for every customer, in the background",
    operation_id="insights_policy_event_assess",
)  # fmt: skip
def policy_event_assess(request: HttpRequest, pk: int) -> Status[EventJobOut]:
    actor = current_actor()
    require(actor, ASSESS)
    event = get_visible(PolicyEvent, pk=pk)
    return Status(202, EventJobOut(job=assess_event.defer(actor=actor, event=event.pk).pk))


@router.post(
    "/policy-events/{pk}/compare", response={202: EventJobOut, **PROBLEMS},
    summary="Hold what came since a policy event against its range, in the background",
    operation_id="insights_policy_event_compare",
)  # fmt: skip
def policy_event_compare(request: HttpRequest, pk: int) -> Status[EventJobOut]:
    actor = current_actor()
    require(actor, ASSESS)
    event = get_visible(PolicyEvent, pk=pk)
    require_comparable(event, today=timezone.localdate())
    return Status(202, EventJobOut(job=compare_event.defer(actor=actor, event=event.pk).pk))
