"""REST beside the surfaces: save a list of target hospitals, review one of them, make a customer value report."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from yaomai.catalog.models import Product, ProductLine
from yaomai.insights import services
from yaomai.insights.allocation import reckoning
from yaomai.insights.evaluations.api import router as evaluations
from yaomai.insights.events.api import router as events
from yaomai.insights.findings.api import router as findings
from yaomai.insights.services.outlook import KIND
from yaomai.insights.targets.analysis import Focus
from yaomai.kit.access import current_actor, get_visible, require
from yaomai.kit.dashboards import selectors as boards
from yaomai.kit.errors import Missing
from yaomai.kit.runs.selectors import run_get
from yaomai.kit.surfaces.api import PROBLEMS, require_known

router = Router(tags=["insights"])
router.add_router("", findings)
router.add_router("", events)
router.add_router("", evaluations)


class SavedOut(Schema):
    id: int


class RunAsked(Schema):
    job: int


class FocusIn(Schema):
    """One product, the products of a line, or without either all of our own."""

    product_id: int | None = None
    product_line_id: int | None = None

    def focus(self) -> Focus:
        product = get_visible(Product, pk=self.product_id) if self.product_id is not None else None
        line = get_visible(ProductLine, pk=self.product_line_id) if self.product_line_id is not None else None
        return Focus(product, line)


class TargetListIn(FocusIn):
    name: str
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
    "/quadrants/",
    response={202: RunAsked, **PROBLEMS},
    summary="Ask in the background for the target hospitals as of today",
    operation_id="insights_quadrants_request",
)
def quadrants_request(request: HttpRequest, body: FocusIn) -> Status[RunAsked]:
    job = services.quadrants_request(actor=current_actor(), focus=body.focus(), now=timezone.now())
    return Status(202, RunAsked(job=job.pk))


@router.post(
    "/target-lists/",
    response={201: SavedOut, **PROBLEMS},
    summary="Save the hospitals of some quadrants, as they were computed last, as a dated list",
    operation_id="insights_target_list_save",
)
def target_list_save(request: HttpRequest, body: TargetListIn) -> Status[SavedOut]:
    made = services.target_list_create(
        actor=current_actor(), now=timezone.now(), name=body.name, focus=body.focus(),
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


class OutlookRunOut(Schema):
    id: int
    as_of: date
    state: str
    is_in_force: bool
    result: dict[str, Any]


@router.post(
    "/forecast-runs/",
    response={202: RunAsked, **PROBLEMS},
    summary="Ask in the background for the sales forecast as of today",
    operation_id="insights_forecast_request",
)
def forecast_request(request: HttpRequest) -> Status[RunAsked]:
    job = services.forecast_request(actor=current_actor(), as_of=timezone.localdate(), now=timezone.now())
    return Status(202, RunAsked(job=job.pk))


class AlertIn(Schema):
    state: str
    note: str
    cause: str = ""
    follow_up_on: date | None = None
    expected_version: int | None = None


@router.post(
    "/outlook-runs/",
    response={202: RunAsked, **PROBLEMS},
    summary="Ask in the background what to expect of customers as of today",
    operation_id="insights_outlook_request",
)
def outlook_request(request: HttpRequest) -> Status[RunAsked]:
    job = services.outlook_request(actor=current_actor(), as_of=timezone.localdate(), now=timezone.now())
    return Status(202, RunAsked(job=job.pk))


@router.get(
    "/outlook-runs/{pk}",
    response={200: OutlookRunOut, **PROBLEMS},
    summary="One run: method, parameters, how right the methods were, calibration",
    operation_id="insights_outlook_run",
)
def outlook_run(request: HttpRequest, pk: int) -> OutlookRunOut:
    require(current_actor(), "insights.outlook:view")
    run = run_get(pk=pk)
    if run.kind != KIND:
        raise Missing
    return OutlookRunOut(id=run.pk, as_of=run.as_of, state=run.state, is_in_force=run.is_in_force, result=run.result)


@router.post(
    "/churn-alerts/{pk}/record",
    response={200: SavedOut, **PROBLEMS},
    summary="Record what was done about a churn alert, and what came of it",
    operation_id="insights_churn_alert_record",
)
def churn_alert_record(request: HttpRequest, pk: int, body: AlertIn) -> SavedOut:
    row = services.alert_record(actor=current_actor(), now=timezone.now(), pk=pk, **body.dict())
    return SavedOut(id=row.pk)


class AllocatedTerritoryOut(Schema):
    territory_id: int
    name: str
    effort: float
    """A month, of late: visits, or yuan."""
    purchases: float
    proposed: float | None
    marginal: tuple[float, float, float] | None
    """What one more a month brings: at least, expected, at best, in yuan a month."""


class AllocationOut(Schema):
    resource: str
    verdict: str
    """"told", or why nothing can be: few_units, few_months, no_variation, follows, uncertain, nothing."""
    sentence: str
    elasticity: tuple[float, float, float] | None
    """At least, expected, at best."""
    gain: tuple[float, float, float] | None
    """What the proposed split brings above today's, in yuan a month."""
    equal_gain: tuple[float, float, float] | None
    territories: list[AllocatedTerritoryOut]


@router.get(
    "/allocation",
    response={200: AllocationOut, **PROBLEMS},
    summary="Where the next visit or yuan brings most, and what cannot be told",
    operation_id="insights_allocation_get",
)
def allocation_get(request: HttpRequest, resource: str = "", place: int | None = None) -> AllocationOut:
    require_known(request, frozenset({"resource", "place"}))
    actor = current_actor()
    require(actor, reckoning.SEE)
    chosen = boards.place_named(actor, "" if place is None else str(place))
    wanted = reckoning.resource_named(actor, resource)
    found = reckoning.study(actor=actor, resource=wanted, now=timezone.now(), place=chosen)
    told = found.response
    return AllocationOut(
        resource=found.resource.code, verdict=told.verdict, sentence=reckoning.verdict_text(found),
        elasticity=told.ends,
        gain=found.split.gain if found.split is not None else None,
        equal_gain=found.split.equal_gain if found.split is not None else None,
        territories=[
            AllocatedTerritoryOut(
                territory_id=unit.place, name=unit.name, effort=unit.effort, purchases=unit.purchases,
                proposed=unit.proposed, marginal=unit.marginal,
            )
            for unit in found.units
        ],
    )  # fmt: skip
