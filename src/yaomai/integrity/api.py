"""REST of this room beside the lists."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import Router, Schema, Status

from yaomai.integrity import dossier_views, jobs, selectors, services
from yaomai.integrity.models import Case, Report
from yaomai.integrity.policies import WatchPolicy
from yaomai.kit.access import current_actor, get_visible, require
from yaomai.kit.attachments.api import AS_BINARY, BINARY
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.surfaces.api import PROBLEMS

router = Router(tags=["integrity"])


class CaseState(Schema):
    """A case and where it stands."""

    id: int
    detector: str
    state: str
    outcome: str
    note: str
    found_on: date
    version: int


class CaseClose(Schema):
    """What a case was: confirmed, explained or mistaken."""

    outcome: str
    note: str
    expected_version: int | None = None


class CaseReason(Schema):
    """Why."""

    reason: str
    expected_version: int | None = None


class DetectorRecord(Schema):
    """How a detector has done."""

    detector: str
    open: int
    closed: int
    confirmed: int
    precision: float | None
    weight: float
    learned: float


class SweepStarted(Schema):
    """The job that looks over the lines."""

    job_id: int


@router.get("/watch/", response={200: list[DetectorRecord], **PROBLEMS}, summary="How often each detector was right",
            operation_id="integrity_watch_get")  # fmt: skip
def watch_get(request: HttpRequest) -> Any:
    require(current_actor(), Case.right("view"))
    policy, _version = policy_on(WatchPolicy, on=timezone.localdate())
    learned = selectors.learned(policy)
    return [
        {"detector": each.detector, "open": each.open, "closed": each.closed, "confirmed": each.confirmed,
         "precision": each.precision, "weight": policy.weight_of[each.detector], "learned": float(learned[each.detector])}
        for each in selectors.records()
    ]  # fmt: skip


@router.post("/watch/sweeps/", response={202: SweepStarted, **PROBLEMS}, summary="Look over all lines now",
             operation_id="integrity_sweep_start")  # fmt: skip
def sweep_start(request: HttpRequest) -> Any:
    require(current_actor(), Case.right("compute"))
    return Status(202, {"job_id": jobs.sweep.defer(actor=current_actor()).pk})


@router.post("/cases/{pk}/take", response={200: CaseState, **PROBLEMS}, summary="Take a case on",
             operation_id="integrity_case_take")  # fmt: skip
def case_take(request: HttpRequest, pk: int) -> Any:
    return services.case_take(actor=current_actor(), pk=pk, now=timezone.now())


@router.post("/cases/{pk}/close", response={200: CaseState, **PROBLEMS}, summary="Say what a case was",
             operation_id="integrity_case_close")  # fmt: skip
def case_close(request: HttpRequest, pk: int, body: CaseClose) -> Any:
    return services.case_close(actor=current_actor(), pk=pk, now=timezone.now(), **body.model_dump())


@router.post("/cases/{pk}/reopen", response={200: CaseState, **PROBLEMS}, summary="Look at a closed case again",
             operation_id="integrity_case_reopen")  # fmt: skip
def case_reopen(request: HttpRequest, pk: int, body: CaseReason) -> Any:
    return services.case_reopen(actor=current_actor(), pk=pk, now=timezone.now(), **body.model_dump())


# Reports --------------------------------------------------------------------------------------------------------


class ReportOut(Schema):
    """A report without its words."""

    id: UUID
    number: str
    category: str
    received_on: date
    state: str
    outcome: str
    handler_id: int | None
    closed_on: date | None
    version: int


class ReportMessage(Schema):
    """One turn of the conversation."""

    number: int
    is_from_writer: bool
    text: str
    on: date


class ReportFull(ReportOut):
    """A report with its conversation."""

    messages: list[ReportMessage]


class ReportReply(Schema):
    """What the writer reads."""

    text: str
    expected_version: int | None = None


class ReportClose(Schema):
    """What came of it."""

    outcome: str
    measures: str
    expected_version: int | None = None


@router.get("/reports/", response={200: list[ReportOut], **PROBLEMS}, summary="Anonymous reports in view",
            operation_id="integrity_report_list")  # fmt: skip
def report_list(request: HttpRequest) -> Any:
    require(current_actor(), Report.right("view"))
    return list(Report.objects.order_by("-received_on", "number"))


@router.get("/reports/{pk}", response={200: ReportFull, **PROBLEMS}, summary="One report with its conversation",
            operation_id="integrity_report_get")  # fmt: skip
def report_get(request: HttpRequest, pk: UUID) -> Any:
    require(current_actor(), Report.right("view"))
    report = get_visible(Report, pk=pk)
    told = {name: getattr(report, name) for name in ReportOut.model_fields}
    return told | {"messages": list(report.messages.order_by("number"))}


@router.post("/reports/{pk}/accept", response={200: ReportOut, **PROBLEMS}, summary="Take a report on",
             operation_id="integrity_report_accept")  # fmt: skip
def report_accept(request: HttpRequest, pk: UUID) -> Any:
    return services.report_accept(actor=current_actor(), pk=pk, now=timezone.now())


@router.post("/reports/{pk}/reply", response={200: ReportOut, **PROBLEMS}, summary="Write to the writer",
             operation_id="integrity_report_reply")  # fmt: skip
def report_reply(request: HttpRequest, pk: UUID, body: ReportReply) -> Any:
    return services.report_reply(actor=current_actor(), pk=pk, now=timezone.now(), **body.model_dump())


@router.post("/reports/{pk}/close", response={200: ReportOut, **PROBLEMS}, summary="Say what came of a report",
             operation_id="integrity_report_close")  # fmt: skip
def report_close(request: HttpRequest, pk: UUID, body: ReportClose) -> Any:
    return services.report_close(actor=current_actor(), pk=pk, now=timezone.now(), **body.model_dump())


# Crises, disclosures, audits ------------------------------------------------------------------------------------


class StepDone(Schema):
    """What is to be said of a step that is done."""

    note: str = ""


class RecordNew(Schema):
    """A link of the chain of evidence: fact, decision, statement, opinion or file."""

    kind: str
    text: str
    source: str = ""


class RecordOut(Schema):
    """A link of the chain; `digest` is over its words and the digest of the one before."""

    number: int
    kind: str
    text: str
    source: str
    at: datetime
    digest: str


class Review(Schema):
    """What is mended."""

    review: str
    expected_version: int | None = None


class State(Schema):
    """Where it stands."""

    id: int
    state: str
    version: int


class HandIn(Schema):
    """The receipt of the authority."""

    reference: str
    on: date


class Mending(Schema):
    """What proves that it is mended."""

    result: str
    on: date


class Look(Schema):
    """What was found of a drawn line: in_order, flawed or wrong."""

    result: str
    note: str = ""
    wrong_amount: Decimal = Decimal(0)


class LookOut(Look):
    """A drawn line."""

    number: int
    label: str
    amount: Decimal


@router.post("/crises/{pk}/tasks/{number}", response={200: State, **PROBLEMS}, summary="Say that a step is done",
             operation_id="integrity_crisis_task")  # fmt: skip
def crisis_task(request: HttpRequest, pk: int, number: int, body: StepDone) -> Any:
    return services.crisis_task_done(actor=current_actor(), pk=pk, number=number, now=timezone.now(), note=body.note)


@router.post("/crises/{pk}/records", response={201: RecordOut, **PROBLEMS}, summary="Add a link to the chain of evidence",
             operation_id="integrity_crisis_write")  # fmt: skip
def crisis_write(request: HttpRequest, pk: int, body: RecordNew) -> Any:
    return Status(201, services.crisis_write(actor=current_actor(), pk=pk, now=timezone.now(), **body.model_dump()))


@router.post("/crises/{pk}/close", response={200: State, **PROBLEMS}, summary="End a crisis or drill",
             operation_id="integrity_crisis_close")  # fmt: skip
def crisis_close(request: HttpRequest, pk: int, body: Review) -> Any:
    return services.crisis_close(actor=current_actor(), pk=pk, now=timezone.now(), **body.model_dump())


@router.post("/disclosures/{pk}/ask", response={200: State, **PROBLEMS}, summary="Put a disclosure before its approvers",
             operation_id="integrity_disclosure_ask")  # fmt: skip
def disclosure_ask(request: HttpRequest, pk: int) -> Any:
    return services.disclosure_ask(actor=current_actor(), pk=pk, now=timezone.now())


@router.post("/disclosures/{pk}/hand-in", response={200: State, **PROBLEMS}, summary="Note that it was handed in",
             operation_id="integrity_disclosure_hand_in")  # fmt: skip
def disclosure_hand_in(request: HttpRequest, pk: int, body: HandIn) -> Any:
    return services.disclosure_hand_in(actor=current_actor(), pk=pk, now=timezone.now(), **body.model_dump())


@router.post("/disclosures/{pk}/mend", response={200: State, **PROBLEMS}, summary="Note that it is mended",
             operation_id="integrity_disclosure_mend")  # fmt: skip
def disclosure_mend(request: HttpRequest, pk: int, body: Mending) -> Any:
    return services.disclosure_mend(actor=current_actor(), pk=pk, now=timezone.now(), **body.model_dump())


@router.post("/audits/{pk}/lines/{number}", response={200: LookOut, **PROBLEMS}, summary="Say what was found of a drawn line",
             operation_id="integrity_audit_look")  # fmt: skip
def audit_look(request: HttpRequest, pk: int, number: int, body: Look) -> Any:
    return services.audit_look(actor=current_actor(), pk=pk, number=number, now=timezone.now(), **body.model_dump())


# Dossiers -------------------------------------------------------------------------------------------------------


@router.get("/dossiers/{pk}/file", response={200: None, **PROBLEMS}, summary="The file of an inspection dossier",
            openapi_extra=AS_BINARY, operation_id="integrity_dossier_file")  # fmt: skip
def dossier_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    return dossier_views.answer(current_actor(), pk, media=BINARY)
