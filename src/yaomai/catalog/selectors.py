"""Read what we bring."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from yaomai.catalog.models import Product, ProductStanding
from yaomai.kit.access import Actor


def use_of(product: Product, actor: Actor) -> Mapping[str, Any]:
    """Return what a product is for and where it is used."""
    return {
        "indications": list(product.indications.order_by("name")),
        "departments": list(product.departments.order_by("code")),
    }


def standings_of(product: Product, actor: Actor) -> Mapping[str, Any]:
    """Return the dated standings of a product, newest first."""
    rows = ProductStanding.objects.filter(product=product).order_by("kind", "-valid_from")
    return {"rows": [(row, standing_label(row)) for row in rows], "may_edit": actor.may("catalog.product:edit")}


def standing_label(standing: ProductStanding) -> str:
    """Return a standing's value in words."""
    if standing.kind == ProductStanding.Kind.REIMBURSEMENT:
        return str(Product.Reimbursement(standing.value).label)
    return _("In central procurement") if standing.value == "yes" else _("Not in central procurement")


def standing_on(product_id: int, kind: str, *, on: date) -> str:
    """Return the value that held on a day, "" when none is known."""
    row = (
        ProductStanding.objects.filter(product_id=product_id, kind=kind, valid_from__lte=on)
        .order_by("-valid_from")
        .first()
    )
    return row.value if row is not None and (row.valid_to is None or row.valid_to > on) else ""
