"""Reads of this room beside the analysis: lists, items, and what is due."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Count, Q

from yaomai.catalog.models import Product, ProductLine
from yaomai.insights.models import TargetItem, TargetList
from yaomai.insights.targets.analysis import Focus
from yaomai.kit.access import Actor, row_id


def focus_named(text: str) -> Focus:
    """Return the focus that an address names: "p12" a product, "l3" a line, anything else all our own products."""
    key = row_id(text[1:])
    if key is not None and text.startswith("p"):
        product = Product.objects.filter(pk=key, archived_at=None).first()
        return Focus(product=product)
    if key is not None and text.startswith("l"):
        return Focus(line=ProductLine.objects.filter(pk=key, archived_at=None).first())
    return Focus()


def focus_choices() -> list[tuple[str, Any]]:
    """Return what can be placed: product lines with own products, and own products."""
    own = Product.objects.filter(is_own=True, archived_at=None)
    lines = ProductLine.objects.filter(archived_at=None, products__in=own).distinct().order_by("name")
    return [
        *((f"l{line.pk}", line.name) for line in lines),
        *((f"p{product.pk}", product.name) for product in own.order_by("name", "pk")),
    ]


def items_of(target_list: TargetList) -> Any:
    """Return the items of a list in view, best match first."""
    rows = TargetItem.objects.filter(target_list=target_list)
    return rows.select_related("institution", "product", "region", "position", "decided_by").order_by("-match", "pk")


def decisions(target_list: TargetList) -> dict[str, int]:
    """Return how many items in view are open, kept and dropped."""
    rows = TargetItem.objects.filter(target_list=target_list).order_by()
    return dict(rows.values_list("decision").annotate(Count("pk")))


def positions_of(actor: Actor) -> list[int]:
    """Return the positions that the actor holds today."""
    return [grant.position_id for grant in actor.grants if grant.position_id is not None]


def due(actor: Actor, *, until: date) -> list[dict[str, Any]]:
    """Return the lists with items of the actor's positions that wait for a review until a day."""
    held = positions_of(actor)
    if not held:
        return []
    waiting = Q(decision=TargetItem.Decision.OPEN) | Q(decision=TargetItem.Decision.KEPT)
    rows = TargetItem.objects.filter(waiting, position__in=held, target_list__archived_at=None, review_on__lte=until)
    return list(
        rows.order_by()
        .values("target_list", "target_list__name", "review_on")
        .annotate(count=Count("pk"))
        .order_by("review_on", "target_list")[:10]
    )


def latest_lists(limit: int) -> Sequence[TargetList]:
    """Return the newest lists that are not closed."""
    return list(
        TargetList.objects.filter(archived_at=None)
        .select_related("product", "product_line", "made_by")
        .order_by("-as_of", "-pk")[:limit]
    )
