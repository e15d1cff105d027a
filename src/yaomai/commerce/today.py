"""What commerce brings to 今日: names that wait, and the first step of a new company."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.commerce import selectors
from yaomai.commerce.models import FlowBatch, SourceName
from yaomai.kit import inbox
from yaomai.kit.access import Actor
from yaomai.kit.ui import formats

REVIEW = "commerce.sourcename:review"


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
                        reason=_("%(amount)s of sales flow count for nobody until then")
                        % {"amount": formats.short_money(waiting.amount)},
                        url=reverse("commerce:review", args=[value]),
                        subject=str(label),
                        money=waiting.amount,
                    )
                )
        return found

    inbox.register_provider(items)
    inbox.register_step(
        "sales_flow",
        label=gettext_lazy("Import sales flow"),
        text=gettext_lazy("Take the files as distributors send them; names are matched to your institutions."),
        url_name="commerce:flowbatch_list",
        right="commerce.flowbatch:import",
        is_done=_has_flow,
        order=20,
    )


def _has_flow(_actor: Any) -> bool:
    return FlowBatch.unscoped.exists()
