"""What commerce adds to the page of an institution: its purchases, silence and falls, and what came in."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.commerce import selectors
from yaomai.commerce.policies import SilencePolicy
from yaomai.customers.models import Institution
from yaomai.customers.panels import Event, Signal
from yaomai.kit.access import Actor
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.ui import formats
from yaomai.kit.ui.charts import Chart, Series

MONTHS = 24
VIEW = "commerce.salesline:view"


def first_month(today: date, months: int) -> date:
    """Return the first day of the month `months` before this one."""
    at = today.year * 12 + today.month - 1 - months
    return date(at // 12, at % 12 + 1, 1)


def purchases(institution: Institution, _actor: Actor) -> Mapping[str, Any] | None:
    """Return the purchases chart of two years and the products of one; None when it never bought."""
    today = timezone.localdate()
    months = selectors.monthly_amounts(institution.pk, since=first_month(today, MONTHS))
    if not months:
        return None
    known = {month: amount for month, amount, _quantity in months}
    labels = [first_month(today, back) for back in range(MONTHS, -1, -1)]
    values = [float(known.get(month, 0)) for month in labels]
    return {
        "chart": Chart(
            "bar",
            _finding(institution, known, today),
            [f"{month:%Y-%m}" for month in labels],
            [Series(_("Purchases"), values)],
            unit="money",
            heading=_("Month"),
        ),
        "products": selectors.amounts_by_product(institution.pk, since=first_month(today, 12)),
    }


def _finding(institution: Institution, known: Mapping[date, Decimal], today: date) -> str:
    year = sum((amount for month, amount in known.items() if month >= first_month(today, 12)), Decimal(0))
    before = sum((amount for month, amount in known.items() if month < first_month(today, 12)), Decimal(0))
    if before > 0:
        change = (year - before) / before
        direction = _("up") if change >= 0 else _("down")
        return _("%(amount)s in twelve months, %(direction)s %(change)s on the year before") % {
            "amount": formats.short_money(year),
            "direction": direction,
            "change": formats.percent(abs(change), 0),
        }
    return _("%(amount)s in twelve months") % {"amount": formats.short_money(year)}


def signals(institution: Institution, actor: Actor, today: date) -> Iterable[Signal]:
    """Say when an institution has bought nothing for too long (H6)."""
    if not actor.may(VIEW):
        return
    last = selectors.last_purchase(institution.pk)
    policy, _version = policy_on(SilencePolicy, on=today)
    if last is not None and (today - last).days > policy.days:
        yield Signal(
            text=_("No purchase for %(days)s days") % {"days": (today - last).days},
            reason=_("The last was on %(day)s; the policy warns after %(limit)s days.")
            % {"day": last.isoformat(), "limit": policy.days},
            tone="warn",
            weight=80,
        )


def events(institution: Institution, actor: Actor, limit: int) -> Iterable[Event]:
    """Return the latest purchases for the timeline."""
    if not actor.may(VIEW):
        return
    for line in selectors.latest_lines(institution.pk, limit=limit):
        moment = timezone.make_aware(datetime.combine(line.sold_on, time(12)))
        yield Event(
            at=moment,
            title=(_("Returned %(product)s") if line.quantity < 0 else _("Bought %(product)s"))
            % {"product": line.product or line.item},
            text=f"{line.quantity.normalize():f} · {formats.money(line.amount)} · {line.batch.distributor}",
            icon="package",
        )
