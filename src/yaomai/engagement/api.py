"""REST of the field app: say hello, take along, send; photos; one's phones. The app at /field/ is its first client."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils import timezone
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import AwareDatetime, Field

from yaomai.engagement import services
from yaomai.engagement.downloading import OLDEST, PROTOCOL, bundle
from yaomai.engagement.models import Device
from yaomai.engagement.syncing import MOST_ITEMS, TooOld, take
from yaomai.kit.access import Actor, current_actor, require
from yaomai.kit.attachments.services import bytes_of
from yaomai.kit.errors import Missing
from yaomai.kit.surfaces.api import PROBLEMS
from yaomai.organization.devices import device_name

router = Router(tags=["field"])
CREATE = "engagement.visit:create"


class HelloOut(Schema):
    """Who is signed in, what time it is, what is understood, and whether this phone must forget everything."""

    person: int
    name: str
    server_time: datetime
    protocol: int
    oldest: int
    csrf: str
    wipe: bool


class DeviceOut(Schema):
    """A phone with its key (AES-256, base64), told once; the phone keeps it so that it cannot be read out again."""

    uuid: UUID
    key: str


class WipedOut(Schema):
    uuid: UUID
    wiped_at: datetime | None


class SyncItem(Schema):
    """One thing that was written on the phone. `data` is read by its kind; fields that are not known are left alone."""

    uuid: UUID
    kind: str = Field(description="visit, step, adverse, coaching, fact or consent")
    offset_ms: int | None = Field(
        None, ge=-(10**12), le=10**12, description="Server's clock less the phone's, as the phone knew it then"
    )
    clock_at: AwareDatetime | None = Field(None, description="The phone's clock as this was written")
    data: dict[str, Any]


class SyncIn(Schema):
    """What a phone sends: its protocol, its clock as it is sent, by how much that is wrong, and up to 50 items."""

    protocol: int
    sent_at: datetime
    offset_ms: int | None = Field(
        None, ge=-(10**12), le=10**12,
        description="Server's clock less the phone's, as the phone has just heard it; what a request takes to arrive is no part of it",
    )  # fmt: skip
    items: list[SyncItem] = Field(max_length=MOST_ITEMS)

    def offset(self, now: datetime) -> timedelta:
        """Return the server's clock less the phone's as this was sent, if it arrives just after."""
        if self.offset_ms is not None:
            return timedelta(milliseconds=self.offset_ms)
        return now - (self.sent_at if timezone.is_aware(self.sent_at) else timezone.make_aware(self.sent_at))


class SyncResult(Schema):
    """What became of an item: done, known, conflict, refused, invalid or later; with what the person should know."""

    uuid: UUID
    kind: str
    status: str
    code: str = ""
    title: str = ""
    fields: dict[str, list[str]] = {}
    citations: list[str] = []
    answers: list[str] = []
    other: str = ""
    visit: int | None = None
    validity: str = ""
    validity_label: str = ""
    institution_name: str = ""
    findings: list[str] = []
    hints: list[dict[str, str]] = []
    due_at: datetime | None = None


class SyncOut(Schema):
    protocol: int
    server_time: datetime
    results: list[SyncResult]


class PhotoIn(Schema):
    """A photo of a visit that has arrived; `uuid` is the photo's own, made on the phone."""

    visit: UUID
    uuid: UUID


class PhotoOut(Schema):
    uuid: UUID
    visit: int
    attachment: int


def _actor() -> Actor:
    actor = current_actor()
    require(actor, CREATE)
    if actor.person_id is None:
        raise Missing
    return actor


@router.get(
    "/field/hello", response={200: HelloOut, **PROBLEMS}, summary="Say hello", operation_id="engagement_field_hello"
)
def hello(request: HttpRequest, device: UUID | None = None) -> Any:
    actor, now = _actor(), timezone.now()
    known = Device.unscoped.filter(uuid=device, person=actor.person_id).first() if device is not None else None
    if known is not None and known.wiped_at is None:
        services.device_seen(known, now=now)
    return {
        "person": actor.person_id, "name": actor.label, "server_time": now, "protocol": PROTOCOL, "oldest": OLDEST,
        "csrf": get_token(request),
        # A phone that is not known here any more was restored from somewhere: it forgets as well.
        "wipe": device is not None and (known is None or known.wiped_at is not None),
    }  # fmt: skip


@router.post("/field/devices", response={201: DeviceOut, **PROBLEMS}, summary="Set up a phone",
             operation_id="engagement_field_device_create")  # fmt: skip
def create_device(request: HttpRequest) -> Any:
    name = device_name(request.headers.get("User-Agent", ""))
    return Status(201, services.device_register(actor=_actor(), name=name, now=timezone.now()))


@router.post("/field/devices/{uuid:device}/wipe", response={200: WipedOut, **PROBLEMS}, summary="Have a phone forget everything",
             operation_id="engagement_field_device_wipe")  # fmt: skip
def wipe_device(request: HttpRequest, device: UUID) -> Any:
    return services.device_wipe(actor=current_actor(), uuid=device, now=timezone.now())


@router.get("/field/bundle", response={200: dict[str, Any], **PROBLEMS}, summary="What to take along",
            operation_id="engagement_field_bundle")  # fmt: skip
def get_bundle(request: HttpRequest) -> Any:
    return bundle(_actor(), now=timezone.now())


@router.post("/field/sync", response={200: SyncOut, **PROBLEMS}, summary="Send what was written",
             operation_id="engagement_field_sync")  # fmt: skip
def sync(request: HttpRequest, body: SyncIn) -> Any:
    actor, now = _actor(), timezone.now()
    if body.protocol < OLDEST:
        raise TooOld
    items = [each.model_dump() for each in body.items]
    results = take(items, actor=actor, offset=body.offset(now), now=now)
    return {"protocol": PROTOCOL, "server_time": now, "results": results}


@router.post(
    "/field/photos", response={200: PhotoOut, **PROBLEMS}, summary="Send a photo", operation_id="engagement_field_photo"
)
def add_photo(request: HttpRequest, body: Form[PhotoIn], file: File[UploadedFile]) -> Any:
    now = timezone.now()
    content = bytes_of(file, now=now)
    photo = services.photo_add(
        actor=_actor(), now=now, visit=body.visit, uuid=body.uuid, name=file.name or "photo.jpg", content=content
    )
    return {"uuid": photo.uuid, "visit": photo.visit_id, "attachment": photo.attachment_id}
