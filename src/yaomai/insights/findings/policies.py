"""Figures of effect studies, signals and policy events."""

from decimal import Decimal
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yaomai.kit.policies import Policy, figure


class EffectPolicy(Policy):
    """How a change is looked at: how many months, and from which size an effect matters."""

    name: ClassVar[str] = "insights.effects"
    label: ClassVar[Promise | str] = _("Did it help?")
    help: ClassVar[Promise | str] = _("Months that are compared, and from which size an effect matters.")

    least: Decimal = figure(
        Decimal("0.05"), label=_("An effect matters from this share of purchases"), unit="ratio", origin="assumed",
        ge=0, le=1,
    )  # fmt: skip
    months_before: int = figure(
        12, label=_("Months before the change at most"), unit="months", origin="assumed", ge=4, le=60,
        help=_("A whole year, so that a season is seen once."),
    )  # fmt: skip
    months_after: int = figure(
        12, label=_("Months after the change at most"), unit="months", origin="assumed", ge=1, le=60
    )
    most: int = figure(
        20_000,
        label=_("Customers with the change in one study at most"),
        unit="count",
        origin="assumed",
        ge=5,
        le=100_000,
    )
    recheck_days: int = figure(90, label=_("Look again after"), unit="days", origin="assumed", ge=7, le=730)


class SignalPolicy(Policy):
    """When purchases break with their own past."""

    name: ClassVar[str] = "insights.signals"
    label: ClassVar[Promise | str] = _("Signals in purchases")
    help: ClassVar[Promise | str] = _(
        "How often an ordinary month may be called odd, and what is too small to look at."
    )

    false_alarms: float = figure(
        0.002, label=_("False alarms: chance that an ordinary month is called odd"), unit="ratio", origin="assumed",
        ge=0.00001, le=0.1, help=_("Lower means fewer signals, and more that are missed."),
    )  # fmt: skip
    months: int = figure(
        36, label=_("Months of past that are looked at"), unit="months", origin="assumed", ge=12, le=120
    )
    move_months: int = figure(
        6, label=_("A level that moved is told for"), unit="months", origin="assumed", ge=3, le=24,
        help=_("A move is known after three months at the earliest."),
    )  # fmt: skip
    least_money: Decimal = figure(
        Decimal(5000), label=_("Too small to look at: less money than"), unit="CNY", origin="assumed", ge=0,
        le=1_000_000_000,
    )  # fmt: skip
    price_change: Decimal = figure(
        Decimal("0.15"), label=_("A price is outlying from this distance to the usual one"), unit="ratio",
        origin="assumed", ge=0, le=10,
    )  # fmt: skip
    price_lines: int = figure(
        20, label=_("Lines of a product from which its usual price is known"), unit="count", origin="assumed", ge=3,
        le=100_000,
    )  # fmt: skip
    returns_share: Decimal = figure(
        Decimal("0.3"), label=_("Returns of a month are much from this share of usual purchases"), unit="ratio",
        origin="assumed", ge=0, le=10,
    )  # fmt: skip
    most: int = figure(
        500, label=_("Signals of a month at most"), unit="count", origin="assumed", ge=1, le=20_000,
        help=_("The most money first: more than that nobody looks at."),
    )  # fmt: skip
