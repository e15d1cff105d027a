"""Policy events and their impacts as people read them."""

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from yaomai.catalog.models import Product
from yaomai.insights.events.policies import EventPolicy
from yaomai.insights.models import PolicyEvent, PolicyImpact
from yaomai.kit.explain import Contribution, Explanation, Input, PolicyReference
from yaomai.kit.ui import formats
from yaomai.kit.ui.charts import Chart, Series

DRAWN = 10


def span(low: Any, high: Any) -> str:
    """Return a range of ratios: −60% to −40%."""
    one, two = formats.change(low), formats.change(high)
    return one if one == two else _("%(low)s to %(high)s") % {"low": one, "high": two}


def money_span(low: Any, high: Any) -> str:
    """Return a range of money."""
    one, two = formats.short_money(low or 0), formats.short_money(high or 0)
    return one if one == two else _("%(low)s to %(high)s") % {"low": one, "high": two}


def reference(event: PolicyEvent) -> PolicyReference:
    """Return who decided what is advised."""
    return PolicyReference(
        name=EventPolicy.name, label=str(EventPolicy.label),
        version=event.inputs.get("policies", {}).get(EventPolicy.name), origin="S1",
        url=reverse("policies:policy_detail", args=[EventPolicy.name]),
    )  # fmt: skip


def regions_text(event: PolicyEvent) -> str:
    """Return where it holds."""
    return formats.listed(event.regions.order_by("code")) or _("The whole country")


def finding(found: dict[str, Any]) -> str:
    """Return in one sentence what an event means for the customers in view."""
    return _("%(count)s customers in view are affected: %(base)s a year becomes %(range)s, up to %(risk)s at risk.") % {
        "count": formats.grouped(found["count"]), "base": formats.short_money(found["base"] or 0),
        "range": money_span(found["low"], found["high"]), "risk": formats.short_money(found["at_risk"] or 0),
    }  # fmt: skip


def outcome(found: dict[str, Any], months: int) -> str:
    """Return in one sentence what came, against the range."""
    return _(
        "In %(months)s months %(actual)s came; expected was %(range)s. Of the customers %(below)s lie below, %(within)s within and %(above)s above their range."
    ) % {
        "months": months, "actual": formats.short_money(found["actual"] or 0),
        "range": money_span(found["expected_low"], found["expected_high"]), "below": found["below"],
        "within": found["within"], "above": found["above"],
    }  # fmt: skip


def chart(rows: list[PolicyImpact]) -> Chart | None:
    """Return the customers with most at risk; None when there is none."""
    drawn = [row for row in rows[:DRAWN] if row.at_risk > 0]
    if not drawn:
        return None
    return Chart(
        "rank",
        _("Most at risk: %(name)s, %(risk)s a year")
        % {"name": drawn[0].institution, "risk": formats.short_money(drawn[0].at_risk)},
        [row.institution.name for row in drawn],
        [Series(_("Revenue at risk"), [float(row.at_risk) for row in drawn])],
        unit="money",
        heading=_("Customer"),
    )


def advices(policy: EventPolicy, codes: list[str]) -> list[str]:
    """Return what to do, in the reader's language."""
    return [policy.text_of(code, formats.language()) for code in codes]


def product_names(rows: list[PolicyImpact]) -> dict[int, str]:
    """Return the names of the products of impacts."""
    wanted = {pk for row in rows for pk, _amount in row.products}
    return dict(Product.unscoped.filter(pk__in=wanted).values_list("pk", "name"))


def explained(impact: PolicyImpact, names: dict[int, str]) -> Explanation:
    """Return why an impact is what it is."""
    event = impact.event
    price, volume = (event.inputs["ranges"][:2], event.inputs["ranges"][2:])
    return Explanation(
        sentence=_("%(base)s in the twelve months before becomes %(range)s a year")
        % {"base": formats.money(impact.base), "range": money_span(impact.low, impact.high)},
        contributions=tuple(
            Contribution(label=names.get(pk, "–"), value=formats.money(Decimal(amount)),
                         share=float(Decimal(amount) / impact.base))
            for pk, amount in impact.products
        ),
        inputs=(
            Input(label=_("Change of price"), value=span(*map(Decimal, price))),
            Input(label=_("Change of volume"), value=span(*map(Decimal, volume))),
            Input(label=_("Share of all purchases"), value=formats.percent(impact.share, 1)),
            Input(label=_("Source"), value=event.source),
        ),
        sources=(_("The lowest and highest product of price and volume within their ranges"),),
        policy=reference(event),
        as_of=event.assessed_on,
    )  # fmt: skip
