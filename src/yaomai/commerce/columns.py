"""What commerce adds to the list of institutions: what they bought, when last, and who has fallen silent."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.commerce import selectors
from yaomai.commerce.models import SalesLine
from yaomai.commerce.panels import VIEW
from yaomai.commerce.policies import PurchasePolicy
from yaomai.customers.models import Institution
from yaomai.engine.windows import window_starts
from yaomai.kit.access import Actor
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.surfaces import Column, View, extend
from yaomai.kit.surfaces.filters import Filter

SILENT_DAYS = (30, 60, 90, 180)
SILENT = "silent"


def register() -> None:
    """Add the columns, the filter and the ready view."""
    extend(
        Institution,
        columns=(
            Column(
                "purchases_12m",
                label=gettext_lazy("12 months"),
                kind="short_money",
                load=_purchases,
                right=VIEW,
                after="grade",
            ),
            Column(
                "last_purchase",
                label=gettext_lazy("Last purchase"),
                kind="relative",
                load=_last_purchases,
                right=VIEW,
                after="purchases_12m",
            ),
        ),
        filters=(
            Filter(
                SILENT,
                label=gettext_lazy("No purchase"),
                kind="choice",
                choices=_silent_choices,
                condition=_silent,
                right=VIEW,
            ),
        ),
        views=(_views,),
    )


def _purchases(rows: Sequence[Any]) -> Mapping[int, Decimal]:
    since = window_starts(timezone.localdate())[12]
    return selectors.amounts_of([row.pk for row in rows], since=since)


def _last_purchases(rows: Sequence[Any]) -> Mapping[int, date]:
    return selectors.last_purchases([row.pk for row in rows])


def _silent_choices() -> list[tuple[str, str]]:
    return [(str(days), no_purchase_text(days)) for days in sorted({*SILENT_DAYS, silence_limit()})]


def no_purchase_text(days: int) -> str:
    """Return "no purchase for 90 days"."""
    return _("no purchase for %(days)s days") % {"days": days}


def silence_limit() -> int:
    """Return after how many days without a purchase the policy warns."""
    policy, _version = policy_on(PurchasePolicy, on=timezone.localdate())
    return policy.days


def _views(actor: Actor) -> Iterable[View]:
    if actor.may(VIEW):
        yield View(no_purchase_text(silence_limit()), f"{SILENT}={silence_limit()}")


def _silent(chosen: Sequence[str]) -> Q:
    """Return who bought before, but nothing within the fewest of the chosen days."""
    return silent_for(min(int(days) for days in chosen))


def silent_for(days: int) -> Q:
    """Return the condition of institutions whose last purchase lies more than some days back."""
    bought = SalesLine.unscoped.filter(institution_id=OuterRef("pk"), is_active=True, quantity__gt=0)
    since = timezone.localdate() - timedelta(days=days)
    return Q(Exists(bought)) & ~Q(Exists(bought.filter(sold_on__gte=since)))
