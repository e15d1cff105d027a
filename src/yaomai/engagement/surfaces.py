"""Lists of this room."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.engagement import selectors, services
from yaomai.engagement.models import KeyAccount
from yaomai.engagement.presenting import said_of
from yaomai.kit.surfaces import Column, Surface, register
from yaomai.kit.surfaces.filters import Filter


def _state(rows: Sequence[KeyAccount]) -> Mapping[int, Mapping[str, Any]]:
    """Return days, what is missing, and whether each account has stalled."""
    return {
        card.account.pk: {
            "days": card.days,
            "missing": said_of(card.missing) or None,
            "stalled": card.is_stalled,
        }
        for card in selectors.cards(rows, today=timezone.localdate())
    }


def _without_owner(chosen: bool) -> Q:
    return Q(owner__isnull=chosen)


@register
class KeyAccountSurface(Surface):
    model = KeyAccount
    section = "customers"
    columns = (
        "institution",
        "stage",
        "stage_since",
        Column("days", label=_("Days in this stage"), kind="number", load=_state, part="days"),
        "owner",
        Column("missing", label=_("Missing to move on"), load=_state, part="missing"),
        Column("stalled", label=pgettext_lazy("key account", "Stalled"), kind="check", load=_state, part="stalled"),
        "goal",
        Column("created_at", label=_("Key account since"), kind="date", is_default=False),
    )
    filters = (
        "institution",
        "stage",
        "owner",
        Filter("unowned", label=_("Without an owner"), kind="flag", condition=_without_owner),
        "stage_since",
        Filter("archived_at", label=_("Archived"), kind="flag"),
    )
    order = ("stage_since", "id")
    form = ("institution", "owner", "goal")
    services = {
        "create": services.account_create,
        "update": services.account_update,
        "archive": services.account_archive,
    }
