"""REST of materials beside the lists: versions, and what may be used today, as a phone asks for it."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from yaomai.catalog.models import Indication
from yaomai.kit.access import current_actor, require
from yaomai.kit.attachments.selectors import attachments_of
from yaomai.kit.errors import Missing
from yaomai.kit.surfaces.api import PROBLEMS
from yaomai.materials import services, using
from yaomai.materials.models import Material, MaterialVersion

router = Router(tags=["materials"])


class MaterialClaim(Schema):
    """A claim, bound to an indication, a studied population and a source."""

    text: str
    indication: int | None = None
    population: str
    source: str


class VersionIn(Schema):
    """The texts of a version."""

    content: str
    limitations: str = ""
    adverse_reactions: str = ""
    sponsorship: str = ""
    valid_until: date
    claims: list[MaterialClaim] = []


class UsableVersionOut(Schema):
    """A version and where it stands."""

    id: int
    material_id: int
    number: int
    state: str
    content: str
    limitations: str
    adverse_reactions: str
    sponsorship: str
    valid_until: date
    is_usable: bool
    files: list[int]
    """Ids of its attachments: `/api/attachments/{id}/content`."""

    @staticmethod
    def resolve_is_usable(row: MaterialVersion) -> bool:
        return using.is_usable(row, timezone.localdate())

    @staticmethod
    def resolve_files(row: MaterialVersion) -> list[int]:
        return [each.pk for each in attachments_of(row)]


class WithdrawIn(Schema):
    reason: str


@router.get("/usable/", response={200: list[UsableVersionOut], **PROBLEMS}, summary="What may be used today",
            operation_id="materials_usable_list")  # fmt: skip
def list_usable(request: HttpRequest, product: int | None = None) -> Any:
    require(current_actor(), Material.right("view"))
    rows = MaterialVersion.objects.filter(
        state="approved", valid_until__gte=timezone.localdate(), material__archived_at=None
    )
    if product is not None:
        rows = rows.filter(material__products=product)
    return list(rows.order_by("material_id", "pk")[:500])


@router.put("/materials/{int:pk}/draft", response={200: UsableVersionOut, **PROBLEMS}, summary="Write the open version",
            operation_id="materials_version_write")  # fmt: skip
def write_version(request: HttpRequest, pk: int, body: VersionIn) -> Any:
    said = body.model_dump()
    known = Indication.objects.in_bulk(
        [each["indication"] for each in said["claims"] if each["indication"] is not None]
    )
    for each in said["claims"]:
        if each["indication"] is not None and each["indication"] not in known:
            raise Missing
        each["indication"] = known.get(each["indication"])
    return services.version_draft(actor=current_actor(), now=timezone.now(), material=pk, **said)


@router.post("/versions/{int:pk}/submit", response={200: UsableVersionOut, **PROBLEMS},
             summary="Submit a version for pre-approval", operation_id="materials_version_submit")  # fmt: skip
def submit_version(request: HttpRequest, pk: int) -> Any:
    return services.version_submit(actor=current_actor(), pk=pk, now=timezone.now())


@router.post("/versions/{int:pk}/withdraw", response={200: UsableVersionOut, **PROBLEMS},
             summary="Withdraw a version at once", operation_id="materials_version_withdraw")  # fmt: skip
def withdraw_version(request: HttpRequest, pk: int, body: WithdrawIn) -> Any:
    return services.version_withdraw(actor=current_actor(), pk=pk, now=timezone.now(), reason=body.reason)
