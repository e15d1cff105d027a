"""REST beside the surfaces: settle signals, propose and withdraw tier changes, hold a meeting, decide on types."""

from typing import Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from yaomai.kit.access import current_actor
from yaomai.kit.surfaces.api import PROBLEMS
from yaomai.segmentation import services

router = Router(tags=["segmentation.review"])
MOST = 500
"""Rows that one request may settle or decide on."""


class CountOut(Schema):
    count: int


class ChangeOut(Schema):
    id: int
    state: str


class SettleIn(Schema):
    signals: list[int] = Field(min_length=1, max_length=MOST)
    verdict: Literal["reviewed", "dismissed"]
    note: str = ""


class ProposeIn(Schema):
    scheme: str
    tier: str
    reason: str
    is_fast: bool = False
    """True: at once, by approval; false: in the meeting of the quarter."""
    signal: int | None = None
    """The signal that speaks for it; then `subject` and `customer` are its institution's."""
    subject: Literal["institution", "professional"] = "institution"
    customer: int | None = None


class DecideIn(Schema):
    changes: list[int] = Field(min_length=1, max_length=MOST)
    accept: bool
    reason: str


class MinutesIn(Schema):
    minutes: str
    expected_version: int


class CloseIn(Schema):
    expected_version: int


class MeetingOut(Schema):
    id: int
    state: str
    version: int
    digest: str


class TypesIn(Schema):
    proposals: list[int] = Field(min_length=1, max_length=MOST)
    accept: bool
    reason: str


@router.post(
    "/tier-signals/settle",
    response={200: CountOut, **PROBLEMS},
    summary="Say that signals were looked into, or that nothing is to be done",
    operation_id="segmentation_signals_settle",
)
def signals_settle(request: HttpRequest, body: SettleIn) -> CountOut:
    settle = services.signals_review if body.verdict == "reviewed" else services.signals_dismiss
    return CountOut(count=settle(actor=current_actor(), pks=body.signals, note=body.note, now=timezone.now()))


@router.post(
    "/tier-changes/",
    response={201: ChangeOut, **PROBLEMS},
    summary="Propose another tier: for the meeting of the quarter, or at once by approval",
    operation_id="segmentation_change_propose",
)
def change_propose(request: HttpRequest, body: ProposeIn) -> Status[ChangeOut]:
    actor, now = current_actor(), timezone.now()
    said = {"scheme": body.scheme, "tier": body.tier, "reason": body.reason, "is_fast": body.is_fast}
    if body.signal is not None:
        change = services.signal_propose(actor=actor, now=now, pk=body.signal, **said)
    else:
        change = services.change_propose(
            actor=actor, now=now, subject=body.subject, customer=body.customer or 0, **said
        )
    return Status(201, ChangeOut(id=change.pk, state=change.state))


@router.post(
    "/tier-changes/{pk}/withdraw",
    response={200: ChangeOut, **PROBLEMS},
    summary="Take one's own proposal back",
    operation_id="segmentation_change_withdraw",
)
def change_withdraw(request: HttpRequest, pk: int) -> ChangeOut:
    change = services.change_withdraw(actor=current_actor(), pk=pk, now=timezone.now())
    return ChangeOut(id=change.pk, state=change.state)


@router.post(
    "/tier-meetings/{pk}/decide",
    response={200: CountOut, **PROBLEMS},
    summary="Accept or reject changes on the agenda, with the reason",
    operation_id="segmentation_meeting_decide",
)
def meeting_decide(request: HttpRequest, pk: int, body: DecideIn) -> CountOut:
    count = services.changes_decide(
        actor=current_actor(), meeting=pk, pks=body.changes, accept=body.accept, reason=body.reason, now=timezone.now()
    )
    return CountOut(count=count)


@router.post(
    "/tier-meetings/{pk}/minutes",
    response={200: MeetingOut, **PROBLEMS},
    summary="Write the minutes of an open meeting",
    operation_id="segmentation_meeting_minutes",
)
def meeting_minutes(request: HttpRequest, pk: int, body: MinutesIn) -> MeetingOut:
    meeting = services.meeting_update(
        actor=current_actor(), pk=pk, minutes=body.minutes, expected_version=body.expected_version, now=timezone.now()
    )
    return MeetingOut.from_orm(meeting)


@router.post(
    "/tier-meetings/{pk}/close",
    response={200: MeetingOut, **PROBLEMS},
    summary="Close a meeting: what was accepted takes effect, the record is sealed",
    operation_id="segmentation_meeting_close",
)
def meeting_close(request: HttpRequest, pk: int, body: CloseIn) -> MeetingOut:
    meeting = services.meeting_close(
        actor=current_actor(), pk=pk, expected_version=body.expected_version, now=timezone.now()
    )
    return MeetingOut.from_orm(meeting)


@router.post(
    "/type-proposals/decide",
    response={200: CountOut, **PROBLEMS},
    summary="Mark customers with the proposed types, or reject the proposals",
    operation_id="segmentation_types_decide",
)
def types_decide(request: HttpRequest, body: TypesIn) -> CountOut:
    decide = services.types_accept if body.accept else services.types_reject
    return CountOut(count=decide(actor=current_actor(), pks=body.proposals, decision=body.reason, now=timezone.now()))
