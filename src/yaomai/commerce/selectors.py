"""Read the sales flow and the names that wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import get_language, gettext

from yaomai.catalog.models import Product
from yaomai.commerce.models import SalesLine, SourceName
from yaomai.customers.models import Institution
from yaomai.engine.matching import Reason, sentence
from yaomai.engine.windows import window_starts
from yaomai.kit.memo import read_together


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible meaning of a written name, with what speaks for and against it."""

    target: Institution | Product
    score: float
    reason: str
    place: str


@dataclass(frozen=True, slots=True)
class Question:
    """The next name to decide on."""

    name: SourceName
    candidates: list[Candidate]
    examples: list[SalesLine]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for review."""

    names: int
    amount: Decimal
    whole: Decimal = Decimal(0)
    """The money of all lines, those that wait included."""

    @property
    def share(self) -> float:
        """Return the part of all money that waits."""
        return float(self.amount / self.whole) if self.whole else 0.0


def waiting(kind: str) -> Waiting:
    """Return how many names of a kind wait, and the money of their lines."""
    rows = SourceName.objects.filter(kind=kind, decision=SourceName.Decision.REVIEW)
    found: dict[str, Any] = rows.aggregate(names=Count("pk"), amount=Sum("amount"))
    return Waiting(found["names"], found["amount"] or Decimal(0))


def unassigned() -> Waiting:
    """Return what of the whole sales flow is no institution's yet, whoever asks: tiers are computed without it."""
    waits = Q(decision=SourceName.Decision.REVIEW)
    rows = SourceName.unscoped.filter(kind=SourceName.Kind.INSTITUTION)
    found: dict[str, Any] = rows.aggregate(
        names=Count("pk", filter=waits), waiting=Sum("amount", filter=waits), whole=Sum("amount")
    )
    return Waiting(found["names"], found["waiting"] or Decimal(0), found["whole"] or Decimal(0))


def question(
    kind: str, *, pk: int | None = None, after: Sequence[int] = (), made: int | None = None
) -> Question | None:
    """Return the name to decide on: a given one, or that with the most money at stake, passed-over ones last.

    Args:
        made: what was just created for a given name stands first among its candidates.
    """
    rows = SourceName.objects.filter(kind=kind, decision=SourceName.Decision.REVIEW).select_related("distributor")
    chosen = rows.filter(pk=pk).first() if pk is not None else None
    if chosen is None:
        chosen = rows.exclude(pk__in=after).order_by("-amount", "pk").first() or rows.order_by("-amount", "pk").first()
    if chosen is None:
        return None
    side = "buyer" if kind == SourceName.Kind.INSTITUTION else "item"
    examples = (
        SalesLine.unscoped.filter(**{side: chosen}, is_active=True)
        .select_related("item", "buyer", "batch__distributor")
        .order_by("-amount")[:3]
    )
    return Question(chosen, candidates_of(chosen, made=made if chosen.pk == pk else None), list(examples))


def candidates_of(name: SourceName, *, made: int | None = None) -> list[Candidate]:
    """Return the proposed meanings, best first; what was `made` for the name before all."""
    proposed = [each for each in name.candidates if each["id"] != made]
    if made is not None:
        proposed.insert(0, {"id": made, "score": 1.0, "reasons": []})
    language = "zh" if (get_language() or "zh").startswith("zh") else "en"
    keys = [candidate["id"] for candidate in proposed]
    found: dict[int, Institution | Product] = {}
    if name.kind == SourceName.Kind.INSTITUTION:
        found.update(Institution.objects.select_related("division").in_bulk(keys))
    else:
        found.update(Product.objects.in_bulk(keys))
    result = []
    for candidate in proposed:
        target = found.get(candidate["id"])
        if target is None:
            continue
        reasons = tuple(Reason(reason["code"], tuple(reason["params"].items())) for reason in candidate["reasons"])
        place = str(target.division or "") if isinstance(target, Institution) else target.specification
        reason = gettext("Just created") if target.pk == made else sentence(reasons, language)
        result.append(Candidate(target, candidate["score"], reason, place))
    return result


@dataclass(frozen=True, slots=True)
class Years:
    """What was bought in the twelve months that end today, and in the twelve before: the windows of every tier."""

    amount: Decimal
    before: Decimal

    @property
    def change(self) -> Decimal | None:
        return (self.amount - self.before) / self.before if self.before > 0 else None


def years_of(institution_id: int, *, today: date) -> Years:
    """Return the last twelve months of an institution and the twelve before."""
    return _years(institution_id, today) or Years(Decimal(0), Decimal(0))


@read_together("institution")
def _years(institutions: Sequence[int], today: date) -> Mapping[int, Years]:
    starts = window_starts(today)
    rows = SalesLine.objects.filter(institution_id__in=institutions, is_active=True, sold_on__gte=starts[24])
    is_recent = Q(sold_on__gte=starts[12])
    found = rows.values_list("institution_id").annotate(
        recent=Sum("amount", filter=is_recent), earlier=Sum("amount", filter=~is_recent)
    )
    return {key: Years(recent or Decimal(0), earlier or Decimal(0)) for key, recent, earlier in found}


def monthly_amounts(institution_id: int, *, since: date) -> list[tuple[date, Decimal, Decimal]]:
    """Return (month, amount, quantity) of an institution's active lines, oldest first."""
    return _monthly(institution_id, since) or []


@read_together("institution")
def _monthly(institutions: Sequence[int], since: date) -> Mapping[int, list[tuple[date, Decimal, Decimal]]]:
    rows = (
        SalesLine.objects.filter(institution_id__in=institutions, is_active=True, sold_on__gte=since)
        .annotate(month=TruncMonth("sold_on"))
        .values_list("institution_id", "month")
        .annotate(amount=Sum("amount"), quantity=Sum("quantity"))
        .order_by("month")
    )
    found: dict[int, list[tuple[date, Decimal, Decimal]]] = {}
    for key, *line in rows:
        found.setdefault(key, []).append((line[0], line[1], line[2]))
    return found


def amounts_by_product(institution_id: int, *, since: date) -> list[dict[str, Any]]:
    """Return what an institution bought by product since a day, the largest first."""
    return (_by_product(institution_id, since) or [])[:20]


@read_together("institution")
def _by_product(institutions: Sequence[int], since: date) -> Mapping[int, list[dict[str, Any]]]:
    rows = (
        SalesLine.objects.filter(institution_id__in=institutions, is_active=True, sold_on__gte=since)
        .values("institution_id", "product_id", "product__name")
        .annotate(amount=Sum("amount"), quantity=Sum("quantity"), lines=Count("pk"))
        .order_by("-amount", "product_id")
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["institution_id"], []).append(row)
    return found


@read_together("institution")
def last_purchase(institutions: Sequence[int]) -> Mapping[int, date]:
    """Return the day of an institution's last purchase that was not a return."""
    return last_purchases(institutions)


def amounts_of(institutions: Sequence[int], *, since: date) -> dict[int, Decimal]:
    """Return what each of some institutions bought since a day. One query."""
    rows = SalesLine.objects.filter(institution_id__in=institutions, is_active=True, sold_on__gte=since)
    return dict(rows.values_list("institution_id").annotate(amount=Sum("amount")))


def last_purchases(institutions: Sequence[int]) -> dict[int, date]:
    """Return the day on which each of some institutions last bought. One query."""
    rows = SalesLine.objects.filter(institution_id__in=institutions, is_active=True, quantity__gt=0)
    return dict(rows.values_list("institution_id").annotate(day=Max("sold_on")))


def latest_lines(institution_id: int, *, limit: int) -> list[SalesLine]:
    """Return an institution's newest active lines."""
    rows = SalesLine.objects.filter(institution_id=institution_id, is_active=True)
    return list(rows.select_related("product", "item", "batch__distributor").order_by("-sold_on", "-pk")[:limit])


def settled_share() -> Decimal | None:
    """Return the share of active money whose customer is known, or None without any lines."""
    totals = SourceName.unscoped.filter(kind=SourceName.Kind.INSTITUTION).aggregate(
        total=Sum("amount"), known=Sum("amount", filter=Q(institution__isnull=False))
    )
    return (totals["known"] or Decimal(0)) / totals["total"] if totals["total"] else None
