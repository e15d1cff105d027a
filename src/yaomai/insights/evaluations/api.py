"""REST of evaluations and improvements beside their surfaces."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from yaomai.insights import services
from yaomai.insights.models import Evaluation
from yaomai.kit.access import current_actor, get_visible, require
from yaomai.kit.surfaces.api import PROBLEMS, Strict
from yaomai.organization.models import Person

router = Router(tags=["insights"])
EDIT = "insights.improvement:edit"


class EvaluationText(Strict):
    learned: str | None = None
    next_steps: str | None = None
    owner_id: int | None = None
    version: int | None = None


class EvaluationVersionIn(Strict):
    version: int | None = None


class EvaluationWrittenOut(Schema):
    id: int
    state: str
    version: int
    figures: dict[str, Any] | None
    learned: str
    next_steps: str


class ProblemIn(Strict):
    problem: str
    measure: str = "purchases"
    tier: str = ""


class AnswerIn(Strict):
    kind: str
    action: str
    cause: str = ""
    cause_text: str = ""
    responsible_id: int | None = None
    due_on: date | None = None
    recheck_on: date | None = None
    version: int | None = None


class DoneIn(Strict):
    note: str
    done_on: date | None = None
    version: int | None = None


class ConclusionIn(Strict):
    conclusion: str
    note: str
    recheck_on: date | None = None
    version: int | None = None


class ImprovementStateOut(Schema):
    id: int
    state: str
    version: int


class ImprovementCheckOut(Schema):
    id: int
    verdict: str
    result: dict[str, Any]


@router.get(
    "/evaluations/{pk}/document", response={200: EvaluationWrittenOut, **PROBLEMS},
    summary="An evaluation with its figures by tier and what was written", operation_id="insights_evaluation_document",
)  # fmt: skip
def evaluation_document(request: HttpRequest, pk: int) -> Evaluation:
    require(current_actor(), "insights.evaluation:view")
    return get_visible(Evaluation, pk=pk)


@router.post(
    "/evaluations/{pk}/write", response={200: EvaluationWrittenOut, **PROBLEMS},
    summary="Write what was learned and what changes", operation_id="insights_evaluation_write",
)  # fmt: skip
def evaluation_write(request: HttpRequest, pk: int, body: EvaluationText) -> Evaluation:
    require(current_actor(), "insights.evaluation:edit")
    changes = body.dict(exclude_unset=True, exclude={"version", "owner_id"})
    if body.owner_id is not None:
        changes["owner"] = get_visible(Person, pk=body.owner_id)
    return services.evaluation_update(
        actor=current_actor(), pk=pk, changes=changes, now=timezone.now(), expected_version=body.version
    )


@router.post(
    "/evaluations/{pk}/refresh", response={202: ImprovementStateOut, **PROBLEMS},
    summary="Have the figures computed anew in the background", operation_id="insights_evaluation_refresh",
)  # fmt: skip
def evaluation_refresh(request: HttpRequest, pk: int) -> Status[Evaluation]:
    return Status(202, services.evaluation_refresh(actor=current_actor(), pk=pk))


@router.post(
    "/evaluations/{pk}/close", response={200: EvaluationWrittenOut, **PROBLEMS},
    summary="Close an evaluation: every anomaly is answered, the figures are frozen",
    operation_id="insights_evaluation_close",
)  # fmt: skip
def evaluation_close(request: HttpRequest, pk: int, body: EvaluationVersionIn) -> Evaluation:
    return services.evaluation_close(actor=current_actor(), pk=pk, now=timezone.now(), expected_version=body.version)


@router.post(
    "/evaluations/{pk}/improvements/", response={201: ImprovementStateOut, **PROBLEMS},
    summary="Put a problem on the list of an evaluation", operation_id="insights_improvement_create",
)  # fmt: skip
def improvement_create(request: HttpRequest, pk: int, body: ProblemIn) -> Status[Any]:
    require(current_actor(), EDIT)
    made = services.improvement_create(
        actor=current_actor(), now=timezone.now(), evaluation=get_visible(Evaluation, pk=pk), **body.dict()
    )
    return Status(201, made)


@router.post(
    "/improvements/{pk}/answer", response={200: ImprovementStateOut, **PROBLEMS},
    summary="Say cause and measure, or why nothing is to be done", operation_id="insights_improvement_answer",
)  # fmt: skip
def improvement_answer(request: HttpRequest, pk: int, body: AnswerIn) -> Any:
    require(current_actor(), EDIT)
    person = get_visible(Person, pk=body.responsible_id) if body.responsible_id is not None else None
    return services.improvement_answer(
        actor=current_actor(), now=timezone.now(), pk=pk, responsible=person, expected_version=body.version,
        **body.dict(exclude={"responsible_id", "version"}),
    )  # fmt: skip


@router.post(
    "/improvements/{pk}/done", response={200: ImprovementStateOut, **PROBLEMS},
    summary="Say that a measure was carried out", operation_id="insights_improvement_done",
)  # fmt: skip
def improvement_done(request: HttpRequest, pk: int, body: DoneIn) -> Any:
    return services.improvement_done(
        actor=current_actor(), now=timezone.now(), pk=pk, note=body.note, done_on=body.done_on,
        expected_version=body.version,
    )  # fmt: skip


@router.post(
    "/improvements/{pk}/measure", response={200: ImprovementCheckOut, **PROBLEMS},
    summary="Measure the figure of an improvement again", operation_id="insights_improvement_measure",
)  # fmt: skip
def improvement_measure(request: HttpRequest, pk: int) -> Any:
    return services.improvement_measure(actor=current_actor(), now=timezone.now(), pk=pk)


@router.post(
    "/improvements/{pk}/conclude", response={200: ImprovementStateOut, **PROBLEMS},
    summary="Say whether a measure worked; what did not is open again", operation_id="insights_improvement_conclude",
)  # fmt: skip
def improvement_conclude(request: HttpRequest, pk: int, body: ConclusionIn) -> Any:
    return services.improvement_conclude(
        actor=current_actor(), now=timezone.now(), pk=pk, conclusion=body.conclusion, note=body.note,
        recheck_on=body.recheck_on, expected_version=body.version,
    )  # fmt: skip
