"""A policy event against the sales flow: who buys what is affected, what may come, and later what came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from yaomai.catalog.models import Product
from yaomai.customers.models import Institution
from yaomai.insights.events import rules
from yaomai.insights.events.policies import EventPolicy
from yaomai.insights.models import PolicyEvent, PolicyImpact
from yaomai.insights.months import month_after
from yaomai.insights.panel_data import reach
from yaomai.kit.warehouse import Snapshot

YEAR = 12
FINE = Decimal("0.0001")
_SUMS = """
SELECT customer, product, coalesce(sum(amount), 0) FROM read_parquet($files)
WHERE date >= $first AND date < $end GROUP BY customer, product ORDER BY customer, product
"""


@dataclass(frozen=True, slots=True)
class Bought:
    """What a customer bought in some months: of the affected products, and of all."""

    products: dict[int, Decimal]
    every: Decimal

    @property
    def affected(self) -> Decimal:
        return sum(self.products.values(), Decimal(0))


def affected_products(event: PolicyEvent) -> dict[int, str]:
    """Return our products that an event affects, by id with their names: those named, and all of the generic names."""
    named = Q(pk__in=event.products.values("pk"))
    if names := rules.names_in(event.generic_names):
        named |= Q(generic_name__in=names, is_own=True)
    return dict(Product.unscoped.filter(named, archived_at=None).order_by("pk").values_list("pk", "name"))


def base_months(event: PolicyEvent, taken: Snapshot, *, as_of: date) -> tuple[date, date] | None:
    """Return the first of the twelve whole months before an event, and the one after the last; None without any flow."""
    limits = reach(taken, as_of=min(as_of, event.effective_on))
    return None if limits is None else (month_after(limits.through, 1 - YEAR), month_after(limits.through, 1))


def months_since(event: PolicyEvent, taken: Snapshot, *, as_of: date) -> tuple[date, date] | None:
    """Return the first whole month after an event and the one after the last, a year at most; None while there is none."""
    limits = reach(taken, as_of=as_of)
    first = event.effective_on if event.effective_on.day == 1 else month_after(event.effective_on, 1)
    if limits is None or limits.through < first:
        return None
    return first, min(month_after(limits.through, 1), month_after(first, YEAR))


def bought(taken: Snapshot, products: Sequence[int], first: date, end: date) -> dict[int, Bought]:
    """Return what every customer bought from a month up to before another."""
    from yaomai.engine.backends import connected

    files = [str(path) for path in taken.files(start=first, end=end)]
    if not files:
        return {}
    with connected() as engine:
        rows = engine.con.execute(_SUMS, {"files": files, "first": first, "end": end}).fetchall()
    wanted, found = set(products), dict[int, tuple[dict[int, Decimal], list[Decimal]]]()
    for customer, product, amount in rows:
        own, every = found.setdefault(customer, ({}, []))
        every.append(amount)
        if product in wanted:
            own[product] = amount
    return {key: Bought(own, sum(every, Decimal(0))) for key, (own, every) in found.items() if own}


def customers_in(event: PolicyEvent, keys: Sequence[int]) -> dict[int, str]:
    """Return those of the institutions that lie in the regions of an event, by id with their kind."""
    rows = Institution.unscoped.filter(pk__in=keys, archived_at=None, merged_into=None)
    paths = list(event.regions.values_list("path", flat=True))
    if paths:
        there = Q()
        for path in paths:
            there |= Q(division__path__startswith=path)
        rows = rows.filter(there)
    return dict(rows.values_list("pk", "kind"))


def impacts(event: PolicyEvent, held: dict[int, Bought], policy: EventPolicy) -> list[PolicyImpact]:
    """Return what an event means for each customer that buys enough of what it affects; nothing is written."""
    kinds = customers_in(event, list(held))
    price, volume = (event.price_low, event.price_high), (event.volume_low, event.volume_high)
    conditions, made = policy.conditions(), []
    for key, own in sorted(held.items()):
        base = own.affected
        if key not in kinds or base < max(policy.least_money, rules.CENT):
            continue
        low, high = rules.revenue(base, price=price, volume=volume)
        share = min(base / own.every, Decimal(1)).quantize(Decimal("0.0001")) if own.every > 0 else Decimal(1)
        advice = rules.fitting(
            conditions, event_kind=event.kind, customer_kind=kinds[key], share=share,
            moves=rules.direction(base, low=low, high=high),
        )  # fmt: skip
        ranked = sorted(own.products.items(), key=lambda pair: (-pair[1], pair[0]))
        made.append(
            PolicyImpact(
                event=event, institution_id=key, base=base, share=share, low=low, high=high,
                at_risk=rules.at_risk(base, low), products=[[pk, str(amount)] for pk, amount in ranked], advice=advice,
            )
        )  # fmt: skip
    return made


def ranges(event: PolicyEvent) -> list[str]:
    """Return the ranges of an event as they are kept with its assessment."""
    return [
        str(getattr(event, f"{name}_{end}").quantize(FINE)) for name in ("price", "volume") for end in ("low", "high")
    ]


def is_stale(event: PolicyEvent) -> bool:
    """Tell whether an event was changed since it was assessed."""
    kept = event.inputs
    return event.assessed_on is not None and (
        kept["ranges"] != ranges(event) or [pk for pk, _name in kept["products"]] != list(affected_products(event))
    )


def compared(
    rows: Sequence[PolicyImpact],
    kept: Sequence[str],
    *,
    before: dict[int, Bought],
    since: dict[int, Bought],
    months: int,
) -> None:
    """Say on each row what came in some months, against the range, as it was assessed, of the same months a year earlier."""
    one, two, three, four = (Decimal(each) for each in kept)
    price, volume = (one, two), (three, four)
    nothing = Bought({}, Decimal(0))
    for row in rows:
        base = before.get(row.institution_id, nothing).affected
        row.expected_low, row.expected_high = rules.revenue(base, price=price, volume=volume)
        row.actual, row.months = since.get(row.institution_id, nothing).affected, months
        row.standing = rules.standing(row.actual, low=row.expected_low, high=row.expected_high)


def totals(rows: Any) -> dict[str, Any]:
    """Return count and sums of impacts in view."""
    from django.db.models import Count, Sum

    found: dict[str, Any] = rows.order_by().aggregate(
        count=Count("pk"), base=Sum("base"), low=Sum("low"), high=Sum("high"), at_risk=Sum("at_risk"),
        actual=Sum("actual"), expected_low=Sum("expected_low"), expected_high=Sum("expected_high"),
        below=Count("pk", filter=Q(standing="below")), within=Count("pk", filter=Q(standing="within")),
        above=Count("pk", filter=Q(standing="above")),
    )  # fmt: skip
    return found
