"""What listing brings to boards: what is on its way into hospitals, and what got in."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from yaomai.kit.dashboards.links import leads_to
from yaomai.kit.dashboards.registry import Card, Source, Sum, register_card, register_source
from yaomai.listing.models import Process, Stage

PIPELINE, LISTED = "listing.pipeline", "listing.listed"
_PIPELINE = """
SELECT month, customer.territory_id, spell.stage, 0, count(*)
FROM (
  SELECT first::date AS month, least((first + interval '1 month')::date, %(today)s::date + 1) AS after
  FROM generate_series(%(start)s::timestamp, %(end)s::timestamp - interval '1 day', interval '1 month') AS first
) AS months
JOIN listing_stageperiod spell ON spell.entered_on < months.after
  AND (spell.left_on IS NULL OR spell.left_on >= months.after)
JOIN listing_process process ON process.id = spell.process_id AND process.archived_at IS NULL
JOIN customers_institution customer ON customer.id = process.institution_id
GROUP BY 1, 2, 3
"""
_LISTED = """
SELECT date_trunc('month', process.closed_on)::date, customer.territory_id, process.outcome, 0, count(*)
FROM listing_process process JOIN customers_institution customer ON customer.id = process.institution_id
WHERE process.archived_at IS NULL AND process.closed_on >= %(start)s AND process.closed_on < %(end)s GROUP BY 1, 2, 3
"""


def _stages(keys: Sequence[str]) -> Mapping[str, str]:
    return {each.value: str(each.label) for each in Stage if each.value in keys}


def _outcomes(keys: Sequence[str]) -> Mapping[str, str]:
    return {each.value: str(each.label) for each in Process.Outcome if each.value in keys}


def register() -> None:
    """Register sources and cards."""
    register_source(Source(PIPELINE, _("Listing processes"), _PIPELINE))
    register_source(Source(LISTED, _("Listing processes that ended"), _LISTED))
    board = leads_to(_("Open the listing board"), "listing:board")
    register_card(
        Card(
            key="listing.pipeline", label=_("Listings on their way"), right="listing.process:view", shape="level",
            question=_("Products on their way into hospitals, by stage."), of=Sum(PIPELINE), parts=_stages,
            parts_label=_("By stage"), good_when="", next_step=board, order=300,
        )
    )  # fmt: skip
    register_card(
        Card(
            key="listing.listed", label=_("Listings won"), right="listing.process:view",
            question=_("Processes that ended with a listing or a temporary purchase."),
            of=Sum(LISTED, parts=("listed", "temporary")), parts=_outcomes, parts_label=_("How they ended"),
            next_step=board, order=310,
        )
    )  # fmt: skip
