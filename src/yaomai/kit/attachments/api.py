"""REST endpoints of attachments."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import File, Router, Schema, Status
from ninja.files import UploadedFile

from yaomai.kit.access import current_actor, get_visible
from yaomai.kit.attachments import selectors, services
from yaomai.kit.attachments.models import Attachment
from yaomai.kit.attachments.views import answer
from yaomai.kit.surfaces.api import PROBLEMS

router = Router(tags=["attachments"])
BINARY = "application/octet-stream"
AS_BINARY: dict[str, Any] = {
    "responses": {200: {"content": {BINARY: {"schema": {"type": "string", "format": "binary"}}}}}
}


class AttachmentOut(Schema):
    """A file of a row; `sha256` is the digest of its content, `removed` what was taken out of it."""

    id: int
    carrier: str
    carrier_id: int
    name: str
    media: str
    size: int
    sha256: str
    removed: list[str]
    added_at: datetime


class TakenAway(Schema):
    reason: str


@router.get("/of/{carrier}/{int:carrier_id}", response={200: list[AttachmentOut], **PROBLEMS}, summary="The files of a row",
            operation_id="attachments_list")  # fmt: skip
def list_attachments(request: HttpRequest, carrier: str, carrier_id: int) -> Any:
    return selectors.attachments_of(selectors.carried_by(carrier, carrier_id))


@router.post("/of/{carrier}/{int:carrier_id}", response={201: AttachmentOut, **PROBLEMS}, summary="Attach a file",
             operation_id="attachments_add")  # fmt: skip
def add_attachment(request: HttpRequest, carrier: str, carrier_id: int, file: File[UploadedFile]) -> Any:
    now = timezone.now()
    made = services.attachment_add(
        actor=current_actor(), now=now, carrier=carrier, carrier_id=carrier_id, name=file.name or "",
        content=services.bytes_of(file, now=now),
    )  # fmt: skip
    return Status(201, made)


@router.get("/{int:pk}", response={200: AttachmentOut, **PROBLEMS}, summary="What is known of a file",
            operation_id="attachments_get")  # fmt: skip
def get_attachment(request: HttpRequest, pk: int) -> Any:
    return get_visible(Attachment, pk=pk, taken_away_at=None)


@router.get("/{int:pk}/content", response={200: None, **PROBLEMS}, summary="The file itself", openapi_extra=AS_BINARY,
            operation_id="attachments_content")  # fmt: skip
def get_content(request: HttpRequest, pk: int) -> HttpResponse:
    return answer(get_visible(Attachment, pk=pk, taken_away_at=None), media=BINARY)


@router.post("/{int:pk}/take-away", response={200: AttachmentOut, **PROBLEMS}, summary="Take a file away",
             operation_id="attachments_take_away")  # fmt: skip
def take_away(request: HttpRequest, pk: int, body: TakenAway) -> Any:
    return services.attachment_take_away(actor=current_actor(), now=timezone.now(), pk=pk, reason=body.reason)
