"""What each of many customers is worth, from which products, with which tiers, and what to do next; set-based (N1)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
from django.db.models import Q

from yaomai.catalog.models import Product
from yaomai.commerce.datasets import SALES
from yaomai.commerce.policies import PurchasePolicy
from yaomai.customers.models import Institution
from yaomai.engine.windows import window_starts
from yaomai.insights import rules
from yaomai.insights.policies import ValuePolicy
from yaomai.kit.errors import Missing
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.runs.selectors import run_in_force
from yaomai.kit.warehouse import Snapshot, snapshot
from yaomai.listing.models import Process
from yaomai.segmentation import KIND, results
from yaomai.segmentation import selectors as tiers

PURCHASES = "commerce.salesline:view"
MONTHS = 24
MOST_PRODUCTS = 3


@dataclass(frozen=True, slots=True)
class Held:
    """A tier of a customer: in which scheme, and by which score and rank of how many."""

    scheme: str
    tier: str
    score: float | None
    rank: int | None
    of: int


@dataclass(frozen=True, slots=True)
class Value:
    """One customer. Money in yuan as text, so that it is kept exactly; shares and growth as text likewise."""

    institution: int
    name: str
    kind: str
    grade: str
    amount: str
    prior: str
    growth: str | None
    returned: str
    returns_share: str | None
    months: list[float]
    """Purchases of the 24 months that end with this one, oldest first."""
    products: list[tuple[str, str]]
    """(name, share of twelve months) of the largest products."""
    last_on: str | None
    tiers: list[dict[str, Any]]
    """`Held` as plain values."""
    listed: list[str]
    on_the_way: list[str]
    step: str
    next: list[str]
    """Codes of `rules.next_steps`."""


@dataclass(frozen=True, slots=True)
class Values:
    """The customers of a report, largest purchases first, and what went in."""

    rows: list[Value]
    inputs: dict[str, Any]


def first_months(as_of: date) -> list[date]:
    """Return the first days of the 24 months that end with the one of `as_of`."""
    last = as_of.year * 12 + as_of.month - 1
    return [date(at // 12, at % 12 + 1, 1) for at in range(last - MONTHS + 1, last + 1)]


def values_of(keys: Sequence[int], *, as_of: date, fresh: bool = True) -> Values:
    """Compute the customers with these ids whose purchases the actor may see; others are left out."""
    seen: Any = Institution.objects.filter(pk__in=keys)
    rows = {row.pk: row for row in seen.allowed(PURCHASES).only("name", "kind", "grade", "completeness")}
    policy, version = policy_on(ValuePolicy, on=as_of)
    alerts, alerts_version = policy_on(PurchasePolicy, on=as_of)
    taken = snapshot(SALES, fresh=fresh)
    sold = _sold(taken, list(rows), as_of)
    held, run = _tiers(list(rows))
    listings = _listings(list(rows))
    limits = rules.Limits(
        alerts.days,
        Decimal(str(alerts.fall)),
        policy.rise,
        policy.returns_share,
        policy.one_product,
        policy.completeness,
    )
    made = [
        _value(row, sold.get(key), held.get(key, []), listings.get(key), limits, as_of) for key, row in rows.items()
    ]
    made.sort(key=lambda value: (-Decimal(value.amount), value.institution))
    starts = window_starts(as_of)
    inputs = {
        "sales_flow": taken.fingerprint,
        "policies": {
            ValuePolicy.name: version.number if version is not None else None,
            PurchasePolicy.name: alerts_version.number if alerts_version is not None else None,
        },
        "tiers": run,
        "periods": [str(starts[12]), str(as_of), str(starts[24]), str(date.fromordinal(starts[12].toordinal() - 1))],
    }
    return Values(made, inputs)


@dataclass(slots=True)
class _Sold:
    amount: Decimal
    prior: Decimal
    returned: Decimal
    last_on: date | None
    months: dict[date, Decimal]
    products: list[tuple[str, Decimal]]


def _value(
    row: Any, sold: _Sold | None, held: list[Held], listing: "_Listing | None", limits: rules.Limits, as_of: date
) -> Value:
    sold = sold or _Sold(Decimal(0), Decimal(0), Decimal(0), None, {}, [])
    listing = listing or _Listing([], [], "")
    shares = [
        (name, found) for name, amount in sold.products if (found := rules.share(amount, sold.amount)) is not None
    ]
    bought = rules.Bought(
        sold.amount, sold.prior, sold.returned, shares[0][1] if shares else None,
        (as_of - sold.last_on).days if sold.last_on else None, row.completeness, listing.step,
    )  # fmt: skip
    growth = rules.change(sold.amount, sold.prior)
    returns = rules.share(sold.returned, sold.amount + sold.returned)
    return Value(
        institution=row.pk, name=row.name, kind=row.kind, grade=row.grade, amount=str(sold.amount),
        prior=str(sold.prior), growth=None if growth is None else str(growth), returned=str(sold.returned),
        returns_share=None if returns is None else str(returns),
        months=[float(sold.months.get(month, 0)) for month in first_months(as_of)],
        products=[(name, str(found)) for name, found in shares[:MOST_PRODUCTS]],
        last_on=str(sold.last_on) if sold.last_on else None, tiers=[asdict(each) for each in held],
        listed=listing.listed, on_the_way=listing.on_the_way, step=listing.step, next=rules.next_steps(bought, limits),
    )  # fmt: skip


def _sold(taken: Snapshot, keys: Sequence[int], as_of: date) -> dict[int, _Sold]:
    """Return what each customer bought, from the mirror: three expressions, however many customers."""
    import ibis

    from yaomai.engine.backends import arrow_table, connected
    from yaomai.engine.metrics import sales_lines

    starts, months = window_starts(as_of), first_months(as_of)
    files = taken.files(start=min(starts[24], months[0]))
    if not files or not keys:
        return {}
    names = dict(Product.unscoped.values_list("pk", "name"))
    with TemporaryDirectory(prefix="yaomai-insights-") as folder, connected() as engine:
        wanted = arrow_table(engine, pa.table({"customer": pa.array(keys, pa.int64())}), folder, "wanted")
        lines = sales_lines(engine.read_parquet([str(path) for path in files]))
        own = lines.semi_join(wanted, "customer").filter(lambda t: t.date <= ibis.literal(as_of))
        recent = own.date >= ibis.literal(starts[12])
        before = (own.date >= ibis.literal(starts[24])) & ~recent
        totals = own.group_by("customer").agg(
            amount=own.amount.sum(where=recent), prior=own.amount.sum(where=before),
            returned=(-own.amount).sum(where=recent & (own.amount < 0)), last_on=own.date.max(where=own.amount >= 0),
        ).to_pyarrow().to_pylist()  # fmt: skip
        monthly = (
            own.filter(own.date >= ibis.literal(months[0]))
            .group_by("customer", month=own.date.truncate("M"))
            .agg(amount=own.amount.sum())
            .to_pyarrow()
            .to_pylist()
        )
        by_product = (
            own.filter(recent)
            .group_by("customer", "product")
            .agg(amount=own.amount.sum())
            .order_by(ibis.desc("amount"), "product")
            .to_pyarrow()
            .to_pylist()
        )
    zero = Decimal(0)
    found = {
        row["customer"]: _Sold(
            row["amount"] or zero, row["prior"] or zero, row["returned"] or zero, row["last_on"], {}, []
        )
        for row in totals
    }
    for row in monthly:
        found[row["customer"]].months[row["month"]] = row["amount"]
    for row in by_product:
        found[row["customer"]].products.append((names.get(row["product"], ""), row["amount"]))
    return found


def _tiers(keys: Sequence[int]) -> tuple[dict[int, list[Held]], int | None]:
    """Return the tiers in force of each customer with score and rank from the run's files, and the run's number."""
    run = run_in_force(KIND)
    if run is None or not keys:
        return {}, None
    assigned = tiers.tiers_of("institution", keys)
    found: dict[int, list[Held]] = {}
    for scheme in tiers.schemes(run):
        if scheme.subject != "institution":
            continue
        try:
            stored = results.scheme(run.pk, "institution", scheme.name)
            table = results.table(run.pk, "institution", scheme.name, ["customer", "score", "rank"], keys=keys)
        except Missing:
            continue
        scored = {row["customer"]: row for row in table.to_pylist()}
        for key in keys:
            held = assigned.get(key, {}).get(scheme.name)
            if held is not None:
                row = scored.get(key) or {}
                found.setdefault(key, []).append(
                    Held(scheme.name, held.tier, row.get("score"), row.get("rank"), stored.cutoffs.ranked)
                )
    return found, run.number


@dataclass(slots=True)
class _Listing:
    listed: list[str]
    on_the_way: list[str]
    step: str


def _listings(keys: Sequence[int]) -> dict[int, _Listing]:
    """Return listed products, products on their way with their stage, and the next step that comes first."""
    rows = Process.objects.filter(
        Q(outcome="") | Q(outcome=Process.Outcome.LISTED), institution__in=keys, archived_at=None
    ).select_related("product")
    found: dict[int, _Listing] = {}
    for row in rows.order_by("next_step_on", "pk"):
        own = found.setdefault(row.institution_id, _Listing([], [], ""))
        if row.outcome:
            own.listed.append(row.product.name)
        else:
            own.on_the_way.append(f"{row.product.name}（{row.get_stage_display()}）")
            own.step = own.step or row.next_step
    return found


def read(rows: Sequence[Mapping[str, Any]]) -> list[Value]:
    """Return the customers of a kept report."""
    return [Value(**row) for row in rows]
