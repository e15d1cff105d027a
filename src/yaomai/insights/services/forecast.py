"""Runs that forecast sales: asked for, computed, put in force."""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.catalog.models import Product
from yaomai.customers.models import Institution
from yaomai.insights.forecast.inputs import NOWHERE, Gathered, Sold, gather, read
from yaomai.insights.models.forecasts import Forecast, StockSign
from yaomai.insights.services.computing import compute_and_publish
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.jobs import JobHandle
from yaomai.kit.runs import files
from yaomai.kit.runs.models import Run
from yaomai.kit.runs.selectors import run_in_force
from yaomai.kit.runs.services import run_publish
from yaomai.organization.models import Territory

KIND = "insights.forecast"
FILE = "forecast.json"
BATCH = 2000
YEAR = 12
CENT = Decimal("0.01")


@act(
    "insights.forecast:request",
    right="insights.forecast:run",
    sentence=_("%(actor)s asked for the sales forecast as of %(as_of)s"),
)
def forecast_request(*, actor: Actor, trail: Trail, as_of: date, now: datetime) -> Any:
    """Ask for a run in the background; return its job."""
    from yaomai.insights.jobs import compute_forecast

    job = compute_forecast.defer(actor=actor, as_of=as_of.isoformat())
    trail.note(as_of=as_of.isoformat())
    return job


def forecast_compute(*, actor: Actor, as_of: date, job: JobHandle | None = None) -> Run:
    """Compute a run as of a day and put it in force where the actor may; equal inputs return the run that there is."""
    report = job.progress if job is not None else lambda *_args: None
    report(0, 3, _("Reading sales flow"))
    gathered = gather(as_of)

    def compute(run: Run) -> dict[str, Any]:
        report(1, 3, _("Forecasting and reconciling"))
        return _write(run, gathered)

    return compute_and_publish(
        gathered, kind=KIND, actor=actor, as_of=as_of, compute=compute, publish=forecast_publish, report=report, steps=3
    )


def _write(run: Run, gathered: Gathered) -> dict[str, Any]:
    """Compute and keep the file of a run; return its summary."""
    sold, signs = read(gathered)
    nodes = _nodes(sold, gathered) if sold is not None else []
    with files.writing(run.pk) as draft:
        (draft / FILE).write_text(json.dumps({"nodes": nodes, "signs": signs}, ensure_ascii=False, default=str))
    if sold is None:
        zh, en = (
            "还没有完整的一个月流向，无从预测。请先导入流向",
            "There is no whole month of sales flow yet. Import it first",
        )
        return {"nodes": 0, "problem": {"zh": zh, "en": en}}
    return {
        "nodes": len(nodes), "lowest": len(sold.by_month), "signs": len(signs), "first": str(sold.first),
        "last": str(sold.last), "until": str(sold.last_day), "months": gathered.policy.months,
    }  # fmt: skip


def _nodes(sold: Sold, gathered: Gathered) -> list[dict[str, Any]]:
    """Return every combination as plain values."""
    from yaomai.engine.forecasting.combining import COMBINED, LEVELS, NAIVE
    from yaomai.engine.forecasting.hierarchy import LAST_YEAR, forecast_hierarchy, months_ahead, plain

    horizon, names = gathered.policy.months, _names()
    months = [str(month) for month in months_ahead(sold.last, horizon)]
    found = []
    for node in forecast_hierarchy(
        sold.by_month, gathered.above, periods=sold.periods, last=sold.last, horizon=horizon
    ):
        place, product, group = node.key
        before = node.sold[-YEAR : len(node.sold) - YEAR + horizon] if len(node.sold) >= YEAR else None
        told = [{"month": month, "mean": mean} for month, mean in zip(months, node.mean, strict=True)]
        for level in LEVELS:
            for name, values in zip(("low", "high"), node.bounds.get(level, ()), strict=False):
                for each, value in zip(told, values, strict=True):
                    each[f"{name}_{level}"] = value
        found.append({
            "territory_id": None if place == NOWHERE else place, "product_id": product, "group": group or "",
            "next_month": node.mean[0], "ahead": sum(node.mean), "last_year": None if before is None else sum(before),
            "wrong": node.wrong[COMBINED], "wrong_year": node.wrong[LAST_YEAR], "wrong_naive": node.wrong[NAIVE],
            "scaled": node.scaled[COMBINED], "covered": node.covered, "is_rough": node.is_rough,
            "sold": list(node.sold), "months": told, "notes": [_note(plain(note), key, node.key, names) for key, note in node.notes[:MOST_NOTES]],
        })  # fmt: skip
    return found


MOST_NOTES = 20
"""Of a whole with thousands of parts the notes stand with the parts."""


def _names() -> dict[tuple[str, int], str]:
    """Return the names of territories and products."""
    found = {("place", pk): name for pk, name in Territory.unscoped.values_list("pk", "name")}
    return found | {("product", pk): name for pk, name in Product.unscoped.values_list("pk", "name")}


def _note(said: dict[str, Any], of: Any, key: Any, names: dict[tuple[str, int], str]) -> dict[str, Any]:
    """Return what must be said; in a whole with the name of the part that it is about."""
    if of == key:
        return said
    label = " · ".join(filter(None, (names.get(("place", of[0]), ""), names.get(("product", of[1]), ""))))
    return said | {"zh": f"{label}：{said['zh']}", "en": f"{label}: {said['en']}"}


@act(
    "insights.forecast:publish",
    sentence=_("%(actor)s put %(target)s in force: %(nodes)s forecasts, %(signs)s signs of stock"),
)
def forecast_publish(*, actor: Actor, trail: Trail, pk: int, now: datetime, instead_of: int | None = None) -> Run:
    """Put a finished run in force: its rows take the place of those that were.

    Raises:
        NotFinished, PublishedMeanwhile: see `run_publish`.
    """
    before = run_in_force(KIND)
    run = run_publish(actor=actor, pk=pk, now=now, instead_of=instead_of)
    kept = json.loads(files.existing(run.pk, FILE).read_text())
    nodes, signs = _replace(run, kept)
    trail.note(run, changes={"in_force": (before and str(before), str(run))}, nodes=nodes, signs=signs)
    return run


def _replace(run: Run, kept: dict[str, Any]) -> tuple[int, int]:
    """Let the rows be those of a run; return how many there are. What was removed since is left out."""
    territories = set(Territory.unscoped.values_list("pk", flat=True)) | {None}
    products = set(Product.unscoped.values_list("pk", flat=True)) | {None}
    Forecast.unscoped.all().delete()
    nodes = [
        Forecast(run=run, **{**each, **{name: _money(each[name]) for name in ("next_month", "ahead", "last_year")}})
        for each in kept["nodes"]
        if each["territory_id"] in territories and each["product_id"] in products
    ]
    Forecast.unscoped.bulk_create(nodes, batch_size=BATCH)
    StockSign.unscoped.all().delete()
    standing = set(
        Institution.unscoped.filter(
            pk__in={each["institution_id"] for each in kept["signs"]}, merged_into=None, archived_at=None
        ).values_list("pk", flat=True)
    )
    signs = [
        StockSign(run=run, **each)
        for each in kept["signs"]
        if each["institution_id"] in standing and each["product_id"] in products
    ]
    StockSign.unscoped.bulk_create(signs, batch_size=BATCH)
    return len(nodes), len(signs)


def _money(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value)).quantize(CENT)
