"""What commerce adds to the page of an institution: its purchases, silence and falls, and what came in."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.commerce import selectors
from yaomai.commerce.policies import PurchasePolicy
from yaomai.customers.models import Institution
from yaomai.customers.panels import Event, Signal
from yaomai.engine.windows import window_starts
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
            _finding(selectors.years_of(institution.pk, today=today)),
            [f"{month:%Y-%m}" for month in labels],
            [Series(_("Purchases"), values)],
            unit="money",
            heading=_("Month"),
        ),
        "products": selectors.amounts_by_product(institution.pk, since=window_starts(today)[12]),
    }


def _finding(years: selectors.Years) -> str:
    if years.change is None:
        return _("%(amount)s in twelve months") % {"amount": formats.short_money(years.amount)}
    return _("%(amount)s in twelve months, %(direction)s %(change)s on the year before") % {
        "amount": formats.short_money(years.amount),
        "direction": _("up") if years.change >= 0 else _("down"),
        "change": formats.percent(abs(years.change), 0),
    }


def signals(institution: Institution, actor: Actor, today: date) -> Iterable[Signal]:
    """Say when an institution has bought nothing for too long, or much less than the year before (H6)."""
    if not actor.may(VIEW):
        return
    policy, _version = policy_on(PurchasePolicy, on=today)
    last = selectors.last_purchase(institution.pk)
    if last is not None and (today - last).days > policy.days:
        yield Signal(
            text=_("No purchase for %(days)s days") % {"days": (today - last).days},
            reason=_("The last was on %(day)s; the policy warns after %(limit)s days.")
            % {"day": formats.day(last, today=today), "limit": policy.days},
            tone="bad",
            weight=80,
        )
    years = selectors.years_of(institution.pk, today=today)
    if years.change is not None and -years.change >= Decimal(str(policy.fall)):
        yield Signal(
            text=_("Purchases fell by %(change)s") % {"change": formats.percent(-years.change, 0)},
            reason=_("%(now)s in twelve months, %(before)s in the twelve before; the policy warns from %(limit)s.")
            % {
                "now": formats.short_money(years.amount),
                "before": formats.short_money(years.before),
                "limit": formats.percent(policy.fall, 0),
            },
            tone="warn",
            weight=70,
        )


def events(institution: Institution, actor: Actor, limit: int) -> Iterable[Event]:
    """Return the latest purchases for the timeline."""
    if not actor.may(VIEW):
        return
    for line in selectors.latest_lines(institution.pk, limit=limit):
        yield Event(
            at=line.sold_on,
            title=(_("Returned %(product)s") if line.quantity < 0 else _("Bought %(product)s"))
            % {"product": line.product or line.item},
            text=f"{line.quantity.normalize():f} · {formats.money(line.amount)} · {line.batch.distributor}",
            icon="package",
        )
