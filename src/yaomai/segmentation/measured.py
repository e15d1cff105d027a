"""What this room can say of many institutions at once; see `customers.measures`."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from yaomai.customers.measures import Numbers, register_measure
from yaomai.segmentation.models import Assessment, TierAssignment


def register() -> None:
    """Declare the measures."""
    register_measure(
        "segmentation.tiers", label=_("Tiers in force"), of=_tiers, right="segmentation.tier:view",
        help=_("Publish a run of tiers in which it takes part."),
    )  # fmt: skip
    register_measure(
        "segmentation.contacts", label=_("Contacts in twelve months"), of=_contacts, right="segmentation.tier:view",
        help=_("Visit it, and keep the number of contacts up to date."),
    )  # fmt: skip


def _tiers(keys: Sequence[int], _today: date) -> Numbers:
    rows = TierAssignment.unscoped.filter(institution__in=keys, valid_to=None)
    return dict(rows.order_by().values_list("institution").annotate(Count("pk")))


def _contacts(keys: Sequence[int], _today: date) -> Numbers:
    rows = Assessment.unscoped.filter(institution__in=keys, attribute="contacts_12m", superseded_at=None)
    return {key: float(value) for key, value in rows.values_list("institution", "value")}
