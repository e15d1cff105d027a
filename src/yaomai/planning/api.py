"""REST beside the surfaces: have a plan computed and submitted, move a visit, say why something was missed, plan again."""

from datetime import date, timedelta
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from yaomai.kit.access import current_actor, get_visible
from yaomai.kit.surfaces.api import PROBLEMS
from yaomai.organization.models import Person
from yaomai.planning import services

router = Router(tags=["planning"])


class StateOut(Schema):
    id: int
    state: str


class PlanIn(Schema):
    begins_on: date
    last_on: date
    owner: int | None = None
    """Whose plan; by default one's own."""
    reason: str = ""


class MoveIn(Schema):
    day: date
    half: Literal["am", "pm"]
    reason: str = ""
    """Needed where something breaks."""


class MissedIn(Schema):
    reason: str
    note: str = ""


class ReplanIn(Schema):
    kind: Literal["fell_out", "customer_away", "ill", "new_customer", "other"]
    horizon: Literal["day", "week", "quarter"] = "week"
    visit: int | None = None
    days: int = Field(1, ge=1, le=92)
    reason: str = ""


class MoveOut(Schema):
    name: str
    place: str
    before: list[str] | None
    after: list[str] | None
    why: str


class ReplanOut(StateOut):
    moves: list[MoveOut]


def _person(pk: int | None) -> Person | None:
    return get_visible(Person, pk=pk) if pk is not None else None


@router.post(
    "/plans/compute",
    response={201: StateOut, **PROBLEMS},
    summary="Have a plan computed by a job; its draft appears in the list of plans",
    operation_id="planning_plan_compute",
)
def plan_compute(request: HttpRequest, body: PlanIn) -> Status[StateOut]:
    plan = services.plan_create(
        actor=current_actor(), now=timezone.now(), begins_on=body.begins_on, ends_on=body.last_on + timedelta(days=1),
        owner=_person(body.owner), reason=body.reason,
    )  # fmt: skip
    return Status(201, StateOut(id=plan.pk, state=plan.state))


@router.post(
    "/visits/{pk}/move",
    response={200: StateOut, **PROBLEMS},
    summary="Move a planned visit to another half-day",
    operation_id="planning_visit_move",
)
def visit_move(request: HttpRequest, pk: int, body: MoveIn) -> StateOut:
    row = services.visit_move(actor=current_actor(), pk=pk, now=timezone.now(), **body.dict())
    return StateOut(id=row.pk, state=row.state)


@router.post(
    "/visits/{pk}/miss",
    response={200: StateOut, **PROBLEMS},
    summary="Say why a visit did not happen",
    operation_id="planning_visit_miss",
)
def visit_miss(request: HttpRequest, pk: int, body: MissedIn) -> StateOut:
    row = services.visit_miss(actor=current_actor(), pk=pk, now=timezone.now(), **body.dict())
    return StateOut(id=row.pk, state=row.state)


@router.post(
    "/duties/{pk}/miss",
    response={200: StateOut, **PROBLEMS},
    summary="Say why a service duty was missed",
    operation_id="planning_duty_miss",
)
def duty_miss(request: HttpRequest, pk: int, body: MissedIn) -> StateOut:
    row = services.duty_miss(actor=current_actor(), pk=pk, now=timezone.now(), **body.dict())
    return StateOut(id=row.pk, state=row.state)


@router.post(
    "/replans",
    response={201: ReplanOut, **PROBLEMS},
    summary="Propose what moves after a disturbance; nothing changes until it is accepted",
    operation_id="planning_replan_propose",
)
def replan_propose(request: HttpRequest, body: ReplanIn) -> Status[ReplanOut]:
    row = services.replan_propose(actor=current_actor(), now=timezone.now(), **body.dict())
    moves: list[dict[str, Any]] = row.moves
    told = [MoveOut(**{name: move[name] for name in MoveOut.model_fields}) for move in moves]
    return Status(201, ReplanOut(id=row.pk, state=row.state, moves=told))


@router.post(
    "/replans/{pk}/accept",
    response={200: StateOut, **PROBLEMS},
    summary="Move the visits as proposed",
    operation_id="planning_replan_accept",
)
def replan_accept(request: HttpRequest, pk: int) -> StateOut:
    row = services.replan_accept(actor=current_actor(), pk=pk, now=timezone.now())
    return StateOut(id=row.pk, state=row.state)
