"""REST beside the surfaces: ask for a change of a profile, see what waits, and decide it."""

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from yaomai.customers import archives, services
from yaomai.customers.models import Institution, Professional
from yaomai.customers.profile import Entity
from yaomai.kit.access import current_actor, require
from yaomai.kit.surfaces.api import PROBLEMS

router = Router(tags=["customers"])
Value = str | list[str] | None


class ProfileChangeIn(Schema):
    customer: int
    field: str
    value: Value
    source: str
    source_kind: str = ""


class RequestDecisionIn(Schema):
    reason: str = ""


class RequestedOut(Schema):
    id: int


class ProfileChangeOut(Schema):
    id: int
    customer: int
    name: str
    field: str
    label: str
    stands: str
    """What stands there now, as a person reads it."""
    wanted: str
    value: Value
    source: str
    source_kind: str
    asked_by: str
    asked_at: datetime
    has_changed: bool
    """Something else stands there by now than when it was asked for."""


@router.get(
    "/change-requests/{entity}/",
    response={200: list[ProfileChangeOut], **PROBLEMS},
    summary="List the open change requests that you may decide, the oldest first",
    operation_id="customers_change_request_list",
)
def change_request_list(request: HttpRequest, entity: Entity) -> list[ProfileChangeOut]:
    actor = current_actor()
    model = Institution if entity == "institution" else Professional
    require(actor, model.right("review"))
    return [
        ProfileChangeOut(
            id=each.request.pk,
            customer=each.row.pk,
            name=str(each.row),
            field=each.request.field,
            label=each.label,
            stands=each.now,
            wanted=each.wanted,
            value=each.request.value,
            source=each.request.source,
            source_kind=each.request.source_kind,
            asked_by=each.request.proposed_by.name if each.request.proposed_by else "",
            asked_at=each.request.proposed_at,
            has_changed=each.has_changed,
        )
        for each in archives.open_requests(actor, today=timezone.localdate())
        if each.entity == entity and not each.is_own
    ]


@router.post(
    "/change-requests/{entity}/",
    response={201: RequestedOut, **PROBLEMS},
    summary="Ask for another value of a profile field",
    operation_id="customers_change_request_create",
)
def change_request_create(request: HttpRequest, entity: Entity, body: ProfileChangeIn) -> Status[RequestedOut]:
    propose = services.institution_change_propose if entity == "institution" else services.professional_change_propose
    made = propose(
        actor=current_actor(), now=timezone.now(), pk=body.customer, field=body.field, value=body.value,
        source=body.source, source_kind=body.source_kind,
    )  # fmt: skip
    return Status(201, RequestedOut(id=made.pk))


@router.post(
    "/change-requests/{entity}/{pk}/accept",
    response={200: RequestedOut, **PROBLEMS},
    summary="Write what was asked for into the profile",
    operation_id="customers_change_request_accept",
)
def change_request_accept(request: HttpRequest, entity: Entity, pk: int, body: RequestDecisionIn) -> RequestedOut:
    accept = services.institution_change_accept if entity == "institution" else services.professional_change_accept
    return RequestedOut(id=accept(actor=current_actor(), now=timezone.now(), pk=pk, reason=body.reason).pk)


@router.post(
    "/change-requests/{entity}/{pk}/reject",
    response={200: RequestedOut, **PROBLEMS},
    summary="Leave the profile as it is, with the reason",
    operation_id="customers_change_request_reject",
)
def change_request_reject(request: HttpRequest, entity: Entity, pk: int, body: RequestDecisionIn) -> RequestedOut:
    reject = services.institution_change_reject if entity == "institution" else services.professional_change_reject
    return RequestedOut(id=reject(actor=current_actor(), now=timezone.now(), pk=pk, reason=body.reason).pk)
