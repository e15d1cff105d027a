"""Signals in purchases as people read them: a sentence, and why."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.insights.findings.policies import SignalPolicy
from yaomai.insights.models import PurchaseSignal
from yaomai.kit.explain import CutOff, Explanation, Input, PolicyReference
from yaomai.kit.ui import formats

Kind = PurchaseSignal.Kind
TONES = {"surge": "good", "level_up": "good", "drop": "bad", "level_down": "bad", "price": "warn", "returns": "warn"}


def _money(signal: PurchaseSignal, value: Any) -> str:
    return formats.money(value, 2 if signal.kind == Kind.PRICE else 0)


def sentence(signal: PurchaseSignal) -> str:
    """Return in one sentence what is odd."""
    words = {
        "value": _money(signal, signal.value), "expected": _money(signal, signal.expected),
        "low": _money(signal, signal.low), "high": _money(signal, signal.high),
        "month": formats.month(signal.month), "product": signal.product or "",
    }  # fmt: skip
    return {
        Kind.SURGE: _("%(value)s in %(month)s, far above the usual %(expected)s (ordinary is %(low)s to %(high)s)."),
        Kind.DROP: _("%(value)s in %(month)s, far below the usual %(expected)s (ordinary is %(low)s to %(high)s)."),
        Kind.LEVEL_UP: _("From %(month)s on %(value)s a month instead of %(expected)s: not a swing, a new level."),
        Kind.LEVEL_DOWN: _("From %(month)s on %(value)s a month instead of %(expected)s: not a swing, a new level."),
        Kind.PRICE: _(
            "%(product)s at %(value)s a unit in %(month)s; usual is %(expected)s (ordinary is %(low)s to %(high)s)."
        ),
        Kind.RETURNS: _("Returns of %(value)s in %(month)s, usually %(expected)s; up to %(high)s would be ordinary."),
    }[Kind(signal.kind)] % words


def explained(signal: PurchaseSignal) -> Explanation:
    """Return why it is a signal."""
    inputs = signal.inputs
    version = inputs.get("policies", {}).get(SignalPolicy.name)
    return Explanation(
        sentence=sentence(signal),
        inputs=(
            Input(label=_("Observed"), value=_money(signal, signal.value)),
            Input(label=_("Usual"), value=_money(signal, signal.expected)),
            Input(label=_("Money concerned"), value=formats.money(signal.money)),
            Input(label=_("Customers and price lines looked at"),
                  value=f"{formats.grouped(inputs.get('series', 0))} / {formats.grouped(inputs.get('lines', 0))}"),
            Input(label=_("False alarms to be expected among them"), value=str(inputs.get("false_alarms", ""))),
        ),
        cutoffs=(
            CutOff(label=_("Ordinary: %(low)s to %(high)s")
                   % {"low": _money(signal, signal.low), "high": _money(signal, signal.high)},
                   value=_("%(times)s times the ordinary scatter") % {"times": f"{signal.score:.1f}"}, reached=True),
        ),
        sources=(_sources(signal),),
        policy=PolicyReference(
            name=SignalPolicy.name, label=str(SignalPolicy.label), version=version, origin="assumed",
            url=reverse("policies:policy_detail", args=[SignalPolicy.name]),
        ),
        as_of=timezone.localdate(signal.updated_at),
    )  # fmt: skip


def _sources(signal: PurchaseSignal) -> str:
    if signal.kind == Kind.PRICE:
        return _("Amount by quantity of each line, against the median of the product in twelve months")
    if signal.kind == Kind.RETURNS and signal.low == 0:
        return _("Lines with negative amounts, against usual purchases of twelve months")
    return _("The customer's own past by month, season taken out, by medians")


def month_of(text: str, *, today: date) -> date | None:
    """Return the month that a text such as 2026-10 names; None when there is none or it is not over."""
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return found if found < today.replace(day=1) else None
