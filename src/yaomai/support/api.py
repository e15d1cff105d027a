"""REST beside the lists: the steps of a request."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_noop
from ninja import Router, Schema

from yaomai.kit.access import current_actor
from yaomai.kit.surfaces.api import PROBLEMS
from yaomai.support import services

router = Router(tags=["support"])


class ServiceRequestState(Schema):
    """Where a request stands."""

    id: int
    state: str
    owner_id: int | None
    due_at: datetime
    resolved_at: datetime | None
    confirmed_at: datetime | None
    reopened: int
    version: int


class ServiceStep(Schema):
    """The version that was read, so that nothing of somebody else's is overwritten."""

    expected_version: int | None = None


class ServiceWait(ServiceStep):
    """What the customer is asked for."""

    waits_for: str


class ServiceResolution(ServiceStep):
    """How it was put right."""

    resolution: str


class ServiceReopening(ServiceStep):
    """What the customer is not content with."""

    reason: str


def _step(name: str, body_of: type[Schema], service: Any, summary: str) -> None:
    @router.post(f"/requests/{{int:pk}}/{name}", response={200: ServiceRequestState, **PROBLEMS}, summary=summary,
                 operation_id=f"support_request_{name}")  # fmt: skip
    def step(request: HttpRequest, pk: int, body: body_of) -> Any:  # type: ignore[valid-type]
        return service(actor=current_actor(), pk=pk, now=timezone.now(), **body.model_dump())  # type: ignore[attr-defined]


_step("start", ServiceStep, services.request_start, gettext_noop("Begin with a request, or go on"))
_step("wait", ServiceWait, services.request_wait, gettext_noop("Ask the customer for something"))
_step("resolve", ServiceResolution, services.request_resolve, gettext_noop("Say how it was put right"))
_step("confirm", ServiceStep, services.request_confirm, gettext_noop("Keep that the customer is content"))
_step("reopen", ServiceReopening, services.request_reopen, gettext_noop("Take a request up again"))
