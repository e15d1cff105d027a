"""What one run gives single customers, published or not, beside the tier they hold now."""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Actor
from yaomai.kit.runs.models import Run
from yaomai.kit.search import matching
from yaomai.segmentation import results
from yaomai.segmentation.selectors import PURCHASES, VIEW, Scheme, model_of
from yaomai.segmentation.simulation import visible_customers

PAGE = 50


@dataclass(frozen=True, slots=True)
class Outcome:
    """A customer with its tier in the run and in the run in force; `held` is None where it has none there."""

    customer: Institution | Professional
    tier: str
    held: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which customers of a run: of a tier, moved "up" or "down", found by a name; each "" is all."""

    tier: str = ""
    change: str = ""
    text: str = ""
    skip: int = 0


def outcomes(
    *, actor: Actor, run: Run, current: Run | None, scheme: Scheme, asked: Asked
) -> tuple[list[Outcome], bool]:
    """Return a page of customers in the actor's view, and whether more follow.

    Those who see all purchases get the best first; to others the order tells nothing.
    """
    table = results.table(run.pk, scheme.subject, scheme.name, ["customer", "tier", "rank"])
    table = table.set_column(1, "tier", table["tier"].cast(pa.string()))
    seen = visible_customers(actor, scheme.subject, VIEW)
    if seen is not None:
        table = table.filter(pc.is_in(table["customer"], seen))
    if asked.tier:
        table = table.filter(pc.equal(table["tier"], asked.tier))
    rows: Any = model_of(scheme.subject).objects.all()
    if asked.text:
        found = pa.array(matching(rows, asked.text).values_list("pk", flat=True), pa.int64())
        table = table.filter(pc.is_in(table["customer"], found))
    table = _with_held(table, current, scheme)
    if asked.change:
        names = pa.array([tier.name for tier in scheme.spec.tiers])
        now, before = (pc.index_in(table[column], names) for column in ("tier", "held"))
        table = table.filter((pc.less if asked.change == "up" else pc.greater)(now, before))
    is_open = visible_customers(actor, scheme.subject, PURCHASES) is None
    order = [("rank", "ascending"), ("customer", "ascending")] if is_open else [("customer", "ascending")]
    page = table.sort_by(order).slice(asked.skip, PAGE + 1).to_pylist()
    customers = rows.in_bulk([line["customer"] for line in page[:PAGE]])
    lines = [
        Outcome(customers[line["customer"]], line["tier"], line["held"])
        for line in page[:PAGE]
        if line["customer"] in customers
    ]
    return lines, len(page) > PAGE


def _with_held(table: pa.Table, current: Run | None, scheme: Scheme) -> pa.Table:
    """Add the tier that each customer has in the run in force."""
    known = current is not None and scheme.name in current.result.get("subjects", {}).get(scheme.subject, {})
    if current is None or not known:
        return table.append_column("held", pa.nulls(table.num_rows, pa.string()))
    held = results.table(current.pk, scheme.subject, scheme.name, ["customer", "tier"])
    held = pa.table({"customer": held["customer"], "held": held["tier"].cast(pa.string())})
    return table.join(held, "customer", join_type="left outer").combine_chunks()
