"""REST of effect studies and signals in purchases beside their surfaces."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from yaomai.catalog.models import Product
from yaomai.insights import services
from yaomai.insights.jobs import find_purchase_signals
from yaomai.insights.models import EffectCheck, EffectStudy, TargetList
from yaomai.kit.access import current_actor, get_visible, require
from yaomai.kit.errors import Invalid
from yaomai.kit.surfaces.api import PROBLEMS, Strict
from yaomai.organization.models import Territory

router = Router(tags=["insights"])


class EffectIn(Strict):
    name: str
    change: str
    since: date
    what: str = ""
    measure: str = "amount"
    product_id: int | None = None
    institutions: list[int] = []
    scheme: str = ""
    tier: str = ""
    territory_id: int | None = None
    target_list_id: int | None = None
    recheck_on: date | None = None


class EffectLookIn(Strict):
    recheck_on: date | None = None


class EffectMadeOut(Schema):
    id: int


class EffectLookOut(Schema):
    id: int
    as_of: date
    is_done: bool
    result: dict[str, Any]
    inputs: dict[str, Any]


class SignalRunIn(Strict):
    month: str


class SignalRunOut(Schema):
    job: int


class SignalTriageIn(Strict):
    cause: str
    action: str = ""
    outcome: str = ""


class SignalStateOut(Schema):
    id: int
    state: str


@router.post(
    "/effect-studies/", response={201: EffectMadeOut, **PROBLEMS}, summary="Begin an effect study and compute its first look",
    operation_id="insights_effect_study_begin",
)  # fmt: skip
def effect_study_begin(request: HttpRequest, body: EffectIn) -> Status[EffectMadeOut]:
    require(current_actor(), "insights.effectstudy:create")
    values = body.dict(exclude={"product_id", "territory_id", "target_list_id"})
    for name, model in (("product", Product), ("territory", Territory), ("target_list", TargetList)):
        key = getattr(body, f"{name}_id")
        values[name] = get_visible(model, pk=key) if key is not None else None
    made = services.effect_study_create(actor=current_actor(), now=timezone.now(), selection="API", **values)
    return Status(201, EffectMadeOut(id=made.pk))


@router.post(
    "/effect-studies/{pk}/looks/", response={201: EffectMadeOut, **PROBLEMS}, summary="Look again with the data of today",
    operation_id="insights_effect_study_look_again",
)  # fmt: skip
def effect_study_look_again(request: HttpRequest, pk: int, body: EffectLookIn) -> Status[EffectMadeOut]:
    check = services.effect_study_check(actor=current_actor(), now=timezone.now(), pk=pk, recheck_on=body.recheck_on)
    return Status(201, EffectMadeOut(id=check.pk))


@router.get(
    "/effect-studies/{pk}/looks/", response={200: list[EffectLookOut], **PROBLEMS},
    summary="All looks at a study, the latest first, with result and frozen inputs", operation_id="insights_effect_study_looks",
)  # fmt: skip
def effect_study_looks(request: HttpRequest, pk: int) -> list[EffectLookOut]:
    require(current_actor(), "insights.effectstudy:view")
    study = get_visible(EffectStudy, pk=pk)
    return [
        EffectLookOut(
            id=row.pk, as_of=row.as_of, is_done=row.result is not None, result=row.result or {}, inputs=row.inputs
        )
        for row in EffectCheck.objects.filter(study=study).order_by("-pk")[:50]
    ]


@router.post(
    "/purchase-signals/run", response={202: SignalRunOut, **PROBLEMS}, summary="Look for signals in the purchases of a month",
    operation_id="insights_purchase_signals_run",
)  # fmt: skip
def purchase_signals_run(request: HttpRequest, body: SignalRunIn) -> Status[SignalRunOut]:
    from yaomai.insights.signals.presenting import month_of

    actor = current_actor()
    require(actor, "insights.purchasesignal:run")
    month = month_of(body.month, today=timezone.localdate())
    if month is None:
        raise Invalid(fields={"month": ["Write a month that is over as 2026-10."]})
    return Status(202, SignalRunOut(job=find_purchase_signals.defer(actor=actor, month=f"{month:%Y-%m}").pk))


@router.post(
    "/purchase-signals/{pk}/triage", response={200: SignalStateOut, **PROBLEMS},
    summary="Say what is behind a signal, what is done, and what came of it", operation_id="insights_purchase_signal_triage",
)  # fmt: skip
def purchase_signal_triage(request: HttpRequest, pk: int, body: SignalTriageIn) -> SignalStateOut:
    row = services.purchase_signal_triage(actor=current_actor(), now=timezone.now(), pk=pk, **body.dict())
    return SignalStateOut(id=row.pk, state=row.state)
