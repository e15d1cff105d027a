"""What customers bring to boards: whether archives are complete and fresh."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from yaomai.kit.dashboards.links import leads_to
from yaomai.kit.dashboards.registry import Card, Source, Sum, register_card, register_source

ARCHIVES = "customers.archives"
# Completeness is kept as a ratio, so that an amount over a count is the average.
_SQL = """
SELECT date_trunc('month', %(today)s::date)::date, territory_id,
  CASE WHEN checked_on IS NULL THEN 'never' WHEN refresh_on <= %(today)s THEN 'stale' ELSE 'fresh' END,
  sum(completeness) / 100.0, count(*)
FROM customers_institution WHERE archived_at IS NULL GROUP BY 2, 3
"""
_PARTS = {"fresh": _("Fresh"), "stale": _("To be refreshed"), "never": _("Never checked")}


def _parts(keys: Sequence[str]) -> Mapping[str, str]:
    return {key: str(label) for key, label in _PARTS.items() if key in keys}


def register() -> None:
    """Register the source and its cards."""
    register_source(Source(ARCHIVES, _("Customer archives"), _SQL, has_history=False))
    look = leads_to(
        _("See what is stale"), "customers:institution_list", query="sort=completeness", by_place="territory"
    )
    register_card(
        Card(
            key="customers.completeness", label=_("Archives complete"), right="customers.institution:view",
            question=_("How much of the profile of an institution is known, on average, by the weights of the fields."),
            unit="percent", of=Sum(ARCHIVES, "amount"), over=Sum(ARCHIVES), shape="level", next_step=look, order=400,
        )
    )  # fmt: skip
    register_card(
        Card(
            key="customers.fresh", label=_("Archives fresh"), right="customers.institution:view",
            question=_("Institutions whose profile was checked and is not stale yet, among all."),
            unit="percent", of=Sum(ARCHIVES, parts=("fresh",)), over=Sum(ARCHIVES), shape="level", parts=_parts,
            parts_label=_("State of the archives"), next_step=look, order=410,
        )
    )  # fmt: skip
