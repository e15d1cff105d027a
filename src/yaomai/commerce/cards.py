"""What commerce brings to boards: sales, and how many buy. Nobody with an active filing sees them (X2)."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.catalog.models import Product
from yaomai.commerce.columns import SILENT, silence_limit
from yaomai.kit.dashboards import company
from yaomai.kit.dashboards.registry import Asked, Card, Link, Reading, Source, Sum, register_card, register_source

PURCHASES, BUYERS = "commerce.purchases", "commerce.buyers"
VIEW = "commerce.salesline:view"
# Lines whose customer is not known yet lie in no territory and count for nobody.
_LINES = """
FROM commerce_salesline line JOIN customers_institution buyer ON buyer.id = line.institution_id
WHERE line.is_active AND line.sold_on >= %(start)s AND line.sold_on < %(end)s
"""
_PURCHASES = f"""
SELECT date_trunc('month', line.sold_on)::date, buyer.territory_id, coalesce(line.product_id::text, ''),
  sum(line.amount), count(*) {_LINES} GROUP BY 1, 2, 3
"""
_BUYERS = f"""
SELECT date_trunc('month', line.sold_on)::date, buyer.territory_id, '', 0, count(DISTINCT line.institution_id)
{_LINES} AND line.quantity > 0 GROUP BY 1, 2
"""


def register() -> None:
    """Register sources and cards."""
    register_source(Source(PURCHASES, gettext_lazy("Purchases"), _PURCHASES))
    register_source(Source(BUYERS, gettext_lazy("Customers that buy"), _BUYERS))
    register_card(
        Card(
            key="commerce.sales", label=gettext_lazy("Sales"), right=VIEW, unit="money", against="year",
            question=gettext_lazy("Sales flow to institutions whose name is known, returns taken off."),
            of=Sum(PURCHASES, "amount"), parts=_products, parts_label=gettext_lazy("By product"), is_ranked=True,
            next_step=_silent, order=10,
        )
    )  # fmt: skip
    register_card(
        Card(
            key="commerce.buyers", label=gettext_lazy("Customers that buy in a month"), right=VIEW, against="year",
            question=gettext_lazy("Institutions that bought something, on average of the months."),
            of=Sum(BUYERS), shape="mean", next_step=_silent, order=20,
        )
    )  # fmt: skip


def _products(keys: Sequence[str]) -> Mapping[str, str]:
    names = dict(Product.unscoped.filter(pk__in=[int(key) for key in keys if key]).values_list("pk", "name"))
    return {key: names.get(int(key), key) if key else _("Product not known yet") for key in keys}


def _silent(asked: Asked, _reading: Reading) -> Link:
    place = asked.places[0] if len(asked.places) == 1 and asked.places[0] != company.WHOLE else None
    query = f"{SILENT}={silence_limit()}" + (f"&territory={place}" if place is not None else "")
    return Link(_("Who stopped buying"), f"{reverse('customers:institution_list')}?{query}")
