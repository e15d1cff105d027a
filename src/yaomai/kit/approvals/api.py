"""REST: read requests, decide on them, let another decide."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from yaomai.kit.access import current_actor, get_visible
from yaomai.kit.approvals import selectors, services
from yaomai.kit.approvals.models import Delegation, Request
from yaomai.kit.errors import Missing
from yaomai.kit.phrases import rendered

router = Router(tags=["approvals"])
PAGE = 200


class FactOut(Schema):
    label: str
    before: str
    value: str


class StepOut(Schema):
    number: int
    role: str
    state: str
    signature: bool
    due_at: datetime | None


class RequestOut(Schema):
    id: int
    kind: str
    title: str
    reason: str
    amount: Decimal | None
    requested_by: str
    state: str
    created_at: datetime
    closed_at: datetime | None
    digest: str
    facts: list[FactOut]
    steps: list[StepOut]


class CommentIn(Schema):
    comment: str = ""


class DelegationIn(Schema):
    deputy: int
    valid_from: date
    valid_to: date
    reason: str


class DelegationOut(Schema):
    id: int
    person: str
    deputy: str
    valid_from: date
    valid_to: date
    reason: str
    ended_at: datetime | None


def _out(found: Request) -> RequestOut:
    facts = [FactOut(label=rendered(fact["label"]), before=fact["before"], value=fact["value"]) for fact in found.facts]
    return RequestOut(
        id=found.pk, kind=found.kind, title=str(found), reason=found.reason, amount=found.amount,
        requested_by=found.requested_by_label, state=found.state, created_at=found.created_at, closed_at=found.closed_at,
        digest=found.digest, facts=facts, steps=[StepOut.from_orm(step) for step in found.steps.all()],
    )  # fmt: skip


def _one(pk: int) -> RequestOut:
    return _out(selectors.with_steps([selectors.request_get(pk)])[0])


def _delegation_out(row: Delegation) -> dict[str, Any]:
    fields = ("valid_from", "valid_to", "reason", "ended_at")
    return {"id": row.pk, "person": str(row.person), "deputy": str(row.deputy)} | {
        name: getattr(row, name) for name in fields
    }


@router.get(
    "/", response=list[RequestOut], summary="Requests: those that wait for you, or of a tab", operation_id="approvals_request_list"
)  # fmt: skip
def request_list(request: HttpRequest, tab: str = "waiting", before: int | None = None) -> list[RequestOut]:
    if tab not in selectors.TABS:
        raise Missing
    rows = selectors.request_list(current_actor(), tab=tab, on=timezone.localdate(), before=before, page=PAGE)
    return [_out(row) for row in selectors.with_steps(rows)]


@router.get("/{request_id}", response=RequestOut, summary="One request", operation_id="approvals_request_get")
def request_get(request: HttpRequest, request_id: int) -> RequestOut:
    return _one(request_id)


@router.post(
    "/{request_id}/approve", response=RequestOut, summary="Approve the step that waits for you",
    operation_id="approvals_request_approve",
)  # fmt: skip
def request_approve(request: HttpRequest, request_id: int, said: CommentIn) -> RequestOut:
    services.request_approve(actor=current_actor(), pk=request_id, comment=said.comment, now=timezone.now())
    return _one(request_id)


@router.post(
    "/{request_id}/reject", response=RequestOut, summary="Reject with a reason", operation_id="approvals_request_reject"
)
def request_reject(request: HttpRequest, request_id: int, said: CommentIn) -> RequestOut:
    services.request_reject(actor=current_actor(), pk=request_id, comment=said.comment, now=timezone.now())
    return _one(request_id)


@router.post(
    "/{request_id}/remark", response=RequestOut, summary="Say something without deciding",
    operation_id="approvals_request_remark",
)  # fmt: skip
def request_remark(request: HttpRequest, request_id: int, said: CommentIn) -> RequestOut:
    services.request_remark(actor=current_actor(), pk=request_id, comment=said.comment, now=timezone.now())
    return _one(request_id)


@router.post(
    "/{request_id}/withdraw", response=RequestOut, summary="Take your own request back",
    operation_id="approvals_request_withdraw",
)  # fmt: skip
def request_withdraw(request: HttpRequest, request_id: int) -> RequestOut:
    services.request_withdraw(actor=current_actor(), pk=request_id, now=timezone.now())
    return _one(request_id)


@router.get(
    "/deputies/", response=list[DelegationOut], summary="Who decides for whom", operation_id="approvals_delegation_list"
)
def delegation_list(request: HttpRequest) -> list[dict[str, Any]]:
    return [_delegation_out(row) for row in selectors.delegations(current_actor())]


@router.post(
    "/deputies/", response={201: DelegationOut}, summary="Let a colleague decide in your place",
    operation_id="approvals_delegation_create",
)  # fmt: skip
def delegation_create(request: HttpRequest, said: DelegationIn) -> Status:
    row = services.delegation_create(
        actor=current_actor(), deputy_id=said.deputy, valid_from=said.valid_from, valid_to=said.valid_to,
        reason=said.reason, now=timezone.now(),
    )  # fmt: skip
    return Status(201, _delegation_out(get_visible(Delegation, pk=row.pk)))


@router.post(
    "/deputies/{delegation_id}/end", response=DelegationOut, summary="End a delegation you gave",
    operation_id="approvals_delegation_end",
)  # fmt: skip
def delegation_end(request: HttpRequest, delegation_id: int) -> dict[str, Any]:
    return _delegation_out(services.delegation_end(actor=current_actor(), pk=delegation_id, now=timezone.now()))
