"""What commerce brings to 今日: names that wait, and the first step of a new company."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.commerce import selectors
from yaomai.commerce.columns import SILENT, no_purchase_text, silence_limit, silent_for
from yaomai.commerce.models import FlowBatch, SourceName
from yaomai.commerce.panels import VIEW
from yaomai.customers.models import Institution
from yaomai.kit import inbox
from yaomai.kit.access import Actor
from yaomai.kit.surfaces.pages import limited_count
from yaomai.kit.ui import formats

REVIEW = "commerce.sourcename:review"
MOST_COUNTED = 1000


def register() -> None:
    """Register the kind, the provider and the first step."""
    kind = inbox.register_kind(
        "commerce.review",
        label=gettext_lazy("Names to review"),
        icon="list-check",
        rank=30,
        action=gettext_lazy("Review"),
    )

    def items(actor: Actor, _now: datetime) -> list[inbox.Item]:
        if not actor.may(REVIEW):
            return []
        found = []
        for value, label in SourceName.Kind.choices:
            waiting = selectors.waiting(value)
            if waiting.names:
                found.append(
                    inbox.Item(
                        kind=kind,
                        title=_("%(count)s names wait for review") % {"count": f"{waiting.names:,}"},
                        reason=(
                            _("%(amount)s of sales flow count for nobody until then")
                            if value == SourceName.Kind.INSTITUTION
                            else _("%(amount)s of sales flow count for no product until then")
                        )
                        % {"amount": formats.short_money(waiting.amount)},
                        url=reverse("commerce:review", args=[value]),
                        subject=str(label),
                        money=waiting.amount,
                    )
                )
        return found

    inbox.register_provider(items)
    inbox.register_number(_silent, order=20)
    inbox.register_number(_settled, order=30)
    inbox.register_step(
        "sales_flow",
        label=gettext_lazy("Import sales flow"),
        text=gettext_lazy(
            "Distributors must be among the institutions first, as kind “distributor”. Then take their files as they are; names are matched to your institutions."
        ),
        url_name="transfer:import_new",
        args=("commerce.flow",),
        right="commerce.flowbatch:import",
        is_done=_has_flow,
        order=20,
    )


def _silent(actor: Actor, _now: datetime) -> inbox.Number | None:
    """Return how many institutions in view bought before, but not within the days of the policy."""
    if not actor.may(VIEW):
        return None
    days = silence_limit()
    count = limited_count(Institution.objects.filter(silent_for(days), archived_at__isnull=True), MOST_COUNTED)
    return inbox.Number(
        label=_("Customers that stopped buying"),
        value=formats.grouped(count)
        if count <= MOST_COUNTED
        else _("More than %(count)s") % {"count": f"{MOST_COUNTED:,}"},
        reason=no_purchase_text(days),
        url=f"{reverse('customers:institution_list')}?{SILENT}={days}",
        action=_("Show them"),
        good_when="down",
    )


def _settled(actor: Actor, _now: datetime) -> inbox.Number | None:
    """Return the share of the money whose customer is known: what is not known counts for nobody."""
    share = selectors.settled_share() if actor.may(REVIEW) and actor.reach(REVIEW) is None else None
    if share is None:
        return None
    return inbox.Number(
        label=_("Sales flow with a known customer"),
        value=formats.percent(share),
        reason=_("by amount"),
        url=reverse("commerce:review_first"),
        action=_("Review"),
        progress=float(share),
    )


def _has_flow(_actor: Any) -> bool:
    return FlowBatch.unscoped.exists()
