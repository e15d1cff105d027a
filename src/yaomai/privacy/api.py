"""REST of this room beside the lists."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_noop
from ninja import Router, Schema

from yaomai.kit.access import current_actor, require
from yaomai.kit.attachments.api import AS_BINARY
from yaomai.kit.surfaces.api import PROBLEMS
from yaomai.privacy import retention, services
from yaomai.privacy.models import RetentionRun
from yaomai.privacy.views import copy_of

router = Router(tags=["privacy"])


class SubjectRequestAnswer(Schema):
    """What the person is told."""

    answer: str
    expected_version: int | None = None


class SubjectRequestState(Schema):
    """Where a request stands; `holds` are [reason, until, citation], `done` what was erased."""

    id: int
    state: str
    version: int
    holds: list[list[str]]
    done: dict[str, int]


class PersonConsentState(Schema):
    """Whether a consent stands."""

    id: int
    withdrawn_on: date | None
    version: int


class RetentionDue(Schema):
    """Rows of a kind that are over their time today."""

    kind: str
    count: int


class RetentionRunNew(Schema):
    """Why now; `expected` is how many rows the preview showed."""

    reason: str
    expected: int | None = None


class RetentionRunOut(Schema):
    """What a run did: kind -> [found, deleted, left]."""

    id: int
    run_at: datetime
    counts: dict[str, list[int]]


def _closing(name: str, service: Any, summary: str) -> None:
    @router.post(f"/requests/{{pk}}/{name}", response={200: SubjectRequestState, **PROBLEMS}, summary=summary,
                 operation_id=f"privacy_request_{name}")  # fmt: skip
    def close(request: HttpRequest, pk: int, body: SubjectRequestAnswer) -> Any:
        return service(actor=current_actor(), pk=pk, now=timezone.now(), **body.model_dump())


_closing("answer", services.request_answer, gettext_noop("Answer a request"))
_closing("refuse", services.request_refuse, gettext_noop("Refuse a request with its reason"))
_closing("withdraw", services.request_withdraw, gettext_noop("Withdraw every consent of the person"))
_closing("restrict", services.request_restrict, gettext_noop("Restrict what is kept of the person"))
_closing("erase", services.request_erase, gettext_noop("Erase the person, or restrict where a law wants them kept"))


@router.get("/requests/{pk}/copy.{suffix}", response={200: None, **PROBLEMS}, summary="What is kept of the person",
            openapi_extra=AS_BINARY, operation_id="privacy_request_copy")  # fmt: skip
def request_copy(request: HttpRequest, pk: int, suffix: str) -> HttpResponse:
    response = copy_of(current_actor(), pk, suffix)
    response["Content-Type"] = "application/octet-stream"
    return response


@router.post("/personconsents/{pk}/withdraw", response={200: PersonConsentState, **PROBLEMS}, summary="Withdraw a consent",
             operation_id="privacy_consent_withdraw")  # fmt: skip
def consent_withdraw(request: HttpRequest, pk: int) -> Any:
    return services.consent_withdraw(actor=current_actor(), pk=pk, now=timezone.now())


@router.get("/retention/", response={200: list[RetentionDue], **PROBLEMS}, summary="What is over its time today",
            operation_id="privacy_retention_get")  # fmt: skip
def retention_get(request: HttpRequest) -> Any:
    require(current_actor(), RetentionRun.right("view"))
    on = timezone.localdate()
    return [{"kind": kind.code, "count": len(kind.due(on))} for kind in retention.kinds()]


@router.post("/retention/", response={200: RetentionRunOut, **PROBLEMS}, summary="Delete what is over its time",
             operation_id="privacy_retention_run")  # fmt: skip
def retention_run(request: HttpRequest, body: RetentionRunNew) -> Any:
    return services.retention_run(actor=current_actor(), now=timezone.now(), **body.model_dump())
