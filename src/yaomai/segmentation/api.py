"""REST of tiers: schemes, who holds which tier and why, runs; what reviews do is in `review_api`."""

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from yaomai.kit.access import Actor, current_actor, get_visible, require
from yaomai.kit.errors import Missing
from yaomai.kit.explain import Explanation
from yaomai.kit.runs.models import Run
from yaomai.kit.runs.selectors import PAGE as RUNS
from yaomai.kit.runs.selectors import run_get, run_in_force, run_list
from yaomai.kit.surfaces.api import PROBLEMS, Strict, require_known
from yaomai.segmentation import KIND, explanations, outcomes, review_api, selectors, services
from yaomai.segmentation.models import TierAssignment
from yaomai.segmentation.policies import service_on

router = Router(tags=["segmentation.tier"])
router.add_router("", review_api.router)
VIEW, RUN, PUBLISH = (f"segmentation.tier:{verb}" for verb in ("view", "run", "publish"))
PAGE = 200
SubjectName = Literal["institution", "professional"]


class TierCountOut(Schema):
    tier: str
    label: str
    customers: int
    """Of those in view."""


class SchemeOut(Schema):
    scheme: str
    subject: str
    label: str
    customers: int
    tiers: list[TierCountOut]
    """Best first."""


class TierOut(Schema):
    id: int
    customer: int
    name: str
    scheme: str
    tier: str
    label: str
    valid_from: date
    run: int
    is_decided: bool
    """A decision gave it, not the run."""
    held_until: date | None


class TierPage(Schema):
    items: list[TierOut]
    next: str
    """The `cursor` of the next page, "" on the last."""


class TierQuery(Schema):
    scheme: str = ""
    tier: str = ""
    customer: list[int] = Field([], max_length=500)
    on: date | None = None
    """The tiers that were in force on a day; those of now without it."""
    cursor: int = Field(0, ge=0)
    limit: int = Field(PAGE, ge=1, le=PAGE)


class RunOut(Schema):
    id: int
    as_of: date
    state: str
    is_in_force: bool
    published_at: datetime | None
    engine_version: str
    policies: dict[str, int | None]
    """Version of each policy that went in; null where the shipped figures did."""


class RunPage(Schema):
    items: list[RunOut]
    next: str


class RunQuery(Schema):
    cursor: int | None = None


class RunIn(Strict):
    as_of: date | None = None
    """The day that counts; today without it."""


class JobStarted(Schema):
    job_id: int


class PublishIn(Strict):
    instead_of: int | None = None
    """The run that was in force when you looked, null for none; another one by now answers 409."""


class RollBackIn(Strict):
    reason: str = Field(min_length=1, max_length=500)


class OutcomeOut(Schema):
    customer: int
    name: str
    tier: str
    held: str | None
    """The tier in the run in force."""


class OutcomePage(Schema):
    items: list[OutcomeOut]
    next: str


class OutcomeQuery(Schema):
    tier: str = ""
    change: Literal["", "up", "down"] = ""
    q: str = Field("", max_length=100)
    cursor: int = Field(0, ge=0, le=100_000)


def _allowed(right: str) -> Actor:
    actor = current_actor()
    require(actor, right)
    return actor


def _run(run: Run) -> RunOut:
    return RunOut(
        id=run.pk, as_of=run.as_of, state=run.state, is_in_force=run.is_in_force, published_at=run.published_at,
        engine_version=run.engine_version, policies=run.policies,
    )  # fmt: skip


@router.get("/schemes/", response={200: list[SchemeOut], **PROBLEMS}, summary="Schemes, and how the customers in view spread",
            operation_id="segmentation_scheme_list")  # fmt: skip
def scheme_list(request: HttpRequest) -> list[SchemeOut]:
    found = selectors.distributions(
        actor=_allowed(VIEW), run=run_in_force(KIND), service=service_on(timezone.localdate())
    )
    return [
        SchemeOut(
            scheme=each.scheme.name, subject=each.scheme.subject, label=each.scheme.title, customers=each.customers,
            tiers=[TierCountOut(tier=one.tier.name, label=one.label, customers=one.customers) for one in each.tiers],
        )
        for each in found
    ]  # fmt: skip


@router.get("/tiers/{subject}/", response={200: TierPage, **PROBLEMS}, summary="The tiers of the customers in view, in force now or on a day",
            operation_id="segmentation_tier_list")  # fmt: skip
def tier_list(request: HttpRequest, subject: SubjectName, query: Query[TierQuery]) -> TierPage:
    _allowed(VIEW)
    require_known(request, TierQuery.model_fields.keys())
    held = selectors.current(subject) if query.on is None else selectors.held_on(subject, query.on)
    rows = held.filter(pk__gt=query.cursor).select_related(subject).order_by("pk")
    asked = {"scheme": query.scheme, "tier": query.tier, f"{subject}_id__in": query.customer}
    page = list(rows.filter(**{name: said for name, said in asked.items() if said})[: query.limit + 1])
    known = {each.name: each for each in selectors.schemes(run_in_force(KIND)) if each.subject == subject}
    items = [_tier(row, subject, known) for row in page[: query.limit]]
    return TierPage(items=items, next=str(items[-1].id) if len(page) > query.limit else "")


def _tier(row: TierAssignment, subject: str, known: dict[str, selectors.Scheme]) -> TierOut:
    scheme, customer = known.get(row.scheme), getattr(row, subject)
    return TierOut(
        id=row.pk, customer=customer.pk, name=customer.name, scheme=row.scheme, tier=row.tier,
        label=scheme.tier_label(row.tier) if scheme is not None else row.tier, valid_from=row.valid_from,
        run=row.run_id, is_decided=row.change_id is not None, held_until=row.held_until,
    )  # fmt: skip


@router.get("/tiers/{subject}/{pk}/{scheme}/why", response={200: Explanation, **PROBLEMS},
            summary="Why a customer has its tier", operation_id="segmentation_tier_explain")  # fmt: skip
def tier_explain(request: HttpRequest, subject: SubjectName, pk: int, scheme: str) -> Explanation:
    _allowed(VIEW)
    customer: Any = get_visible(selectors.model_of(subject), pk=pk)
    run = run_in_force(KIND)
    found = selectors.scheme_named(run, scheme, subject)
    if run is None or found is None:
        raise Missing
    return explanations.explanation(
        run_id=run.pk, subject=subject, scheme=scheme, customer=pk, policy=selectors.policy_reference(run, found),
        shows_purchases=selectors.sees_purchases(customer),
    )  # fmt: skip


@router.get("/runs/", response={200: RunPage, **PROBLEMS}, summary="Runs, the newest first",
            operation_id="segmentation_run_list")  # fmt: skip
def runs(request: HttpRequest, query: Query[RunQuery]) -> RunPage:
    _allowed(VIEW)
    require_known(request, RunQuery.model_fields.keys())
    found = run_list(kind=KIND, before=query.cursor)
    page = found[:RUNS]
    return RunPage(items=[_run(run) for run in page], next=str(page[-1].pk) if len(found) > len(page) else "")


@router.get("/runs/{pk}", response={200: RunOut, **PROBLEMS}, summary="A run", operation_id="segmentation_run_get")
def run(request: HttpRequest, pk: int) -> RunOut:
    _allowed(VIEW)
    return _run(run_get(pk=pk))


@router.post("/runs/", response={202: JobStarted, **PROBLEMS}, summary="Compute all tiers, in the background",
             operation_id="segmentation_run_request")  # fmt: skip
def run_request(request: HttpRequest, body: RunIn) -> Status[JobStarted]:
    job = services.tiers_request(actor=current_actor(), as_of=body.as_of or timezone.localdate(), now=timezone.now())
    return Status(202, JobStarted(job_id=job.pk))


@router.post("/runs/{pk}/publish", response={200: RunOut, **PROBLEMS}, summary="Put a run in force from today",
             operation_id="segmentation_run_publish")  # fmt: skip
def run_publish(request: HttpRequest, pk: int, body: PublishIn) -> RunOut:
    return _run(services.tiers_publish(actor=current_actor(), pk=pk, now=timezone.now(), instead_of=body.instead_of))


@router.post("/runs/{pk}/roll-back", response={200: RunOut, **PROBLEMS},
             summary="Take the run in force out of force; answers with the one that is in force again",
             operation_id="segmentation_run_roll_back")  # fmt: skip
def run_roll_back(request: HttpRequest, pk: int, body: RollBackIn) -> RunOut:
    return _run(services.tiers_roll_back(actor=current_actor(), pk=pk, reason=body.reason, now=timezone.now()))


@router.get("/runs/{pk}/{subject}/{scheme}/", response={200: OutcomePage, **PROBLEMS},
            summary="What a run gives the customers in view, published or not", operation_id="segmentation_run_outcomes")  # fmt: skip
def run_outcomes(
    request: HttpRequest, pk: int, subject: SubjectName, scheme: str, query: Query[OutcomeQuery]
) -> OutcomePage:
    actor, run = _allowed(VIEW), run_get(pk=pk)
    require_known(request, OutcomeQuery.model_fields.keys())
    found = selectors.scheme_named(run, scheme, subject) if run.state == Run.State.FINISHED else None
    if found is None:
        raise Missing
    current = run_in_force(KIND)
    asked = outcomes.Asked(tier=query.tier, change=query.change, text=query.q, skip=query.cursor)
    other = current if current is not None and current.pk != run.pk else None
    lines, has_more = outcomes.outcomes(actor=actor, run=run, current=other, scheme=found, asked=asked)
    items = [
        OutcomeOut(customer=each.customer.pk, name=each.customer.name, tier=each.tier, held=each.held) for each in lines
    ]
    return OutcomePage(items=items, next=str(query.cursor + outcomes.PAGE) if has_more else "")
