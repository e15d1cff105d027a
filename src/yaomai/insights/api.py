"""REST beside the surfaces: save a list of target hospitals, review one of them, make a customer value report."""

from datetime import date

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from yaomai.catalog.models import Product, ProductLine
from yaomai.insights import services
from yaomai.insights.analysis import Focus
from yaomai.kit.access import current_actor, get_visible
from yaomai.kit.surfaces.api import PROBLEMS

router = Router(tags=["insights"])


class SavedOut(Schema):
    id: int


class TargetListIn(Schema):
    name: str
    product_id: int | None = None
    product_line_id: int | None = None
    quadrants: list[str] = ["breakthrough"]
    region: str = ""
    review_on: date | None = None


class ReviewIn(Schema):
    decision: str
    reason: str
    review_on: date | None = None


class ReportIn(Schema):
    title: str
    institutions: list[int]


@router.post(
    "/target-lists/",
    response={201: SavedOut, **PROBLEMS},
    summary="Save the hospitals of some quadrants as a dated list",
    operation_id="insights_target_list_save",
)
def target_list_save(request: HttpRequest, body: TargetListIn) -> Status[SavedOut]:
    product = get_visible(Product, pk=body.product_id) if body.product_id is not None else None
    line = get_visible(ProductLine, pk=body.product_line_id) if body.product_line_id is not None else None
    made = services.target_list_create(
        actor=current_actor(), now=timezone.now(), name=body.name, focus=Focus(product, line),
        quadrants=body.quadrants, region=body.region, review_on=body.review_on,
    )  # fmt: skip
    return Status(201, SavedOut(id=made.pk))


@router.post(
    "/target-items/{pk}/review",
    response={200: SavedOut, **PROBLEMS},
    summary="Keep a target hospital or drop it, with the reason",
    operation_id="insights_target_item_review",
)
def target_item_review(request: HttpRequest, pk: int, body: ReviewIn) -> SavedOut:
    item = services.target_item_review(
        actor=current_actor(), now=timezone.now(), pk=pk, decision=body.decision, reason=body.reason,
        review_on=body.review_on,
    )  # fmt: skip
    return SavedOut(id=item.pk)


@router.post(
    "/value-reports/",
    response={201: SavedOut, **PROBLEMS},
    summary="Make a customer value report of some institutions",
    operation_id="insights_value_report_make",
)
def value_report_make(request: HttpRequest, body: ReportIn) -> Status[SavedOut]:
    made = services.value_report_create(
        actor=current_actor(), now=timezone.now(), pks=body.institutions, title=body.title, selection="API"
    )
    return Status(201, SavedOut(id=made.pk))
