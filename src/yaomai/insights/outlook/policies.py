"""Figures of what will happen: how far ahead, from when an alert is raised, what a yuan of purchases is worth."""

from decimal import Decimal
from typing import ClassVar, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yaomai.kit.policies import Policy, figure

METHODS: dict[str, Promise | str] = {
    "proposed": _("The one proposed by the days held out"),
    "bg_nbd": "BG/NBD",
    "mbg_nbd": "MBG/NBD",
    "mbg_cnbd_2": "MBG/CNBD-2",
    "mbg_cnbd_3": "MBG/CNBD-3",
}


class OutlookPolicy(Policy):
    """J8, J9, H5-H7: customer value, loss and the purchase cycle."""

    name: ClassVar[str] = "insights.outlook"
    label: ClassVar[Promise | str] = _("Customer value and loss")
    help: ClassVar[Promise | str] = _("How far ahead is looked, when an alert is raised, and what purchases are worth.")

    margin: Decimal = figure(
        Decimal("0.30"), label=_("Margin of purchases"), unit="ratio", origin="assumed", ge=0, le=1,
        help=_("What is left of a yuan of purchases. Ask finance for the figure."),
    )  # fmt: skip
    discount: Decimal = figure(
        Decimal("0.08"), label=_("Discount per year"), unit="ratio", origin="assumed", ge=0, le=1,
        help=_("What a yuan loses when it comes a year later."),
    )  # fmt: skip
    years: int = figure(3, label=_("Years of a lifetime value"), unit="year", origin="assumed", ge=1, le=5)
    goal: Decimal = figure(
        Decimal("0.20"),
        label=_("Goal: value against a year ago"),
        unit="ratio",
        origin="J8：年度 CLV +20%",
        ge=-1,
        le=5,
    )
    away_days: int = figure(
        90, label=_("Days ahead in which a loss shows"), unit="days", origin="S1：超过3个月未下单", ge=14, le=365,
        help=_("As many days are held out to judge the methods: a forecast is checked for what it says."),
    )  # fmt: skip
    alert_months: int = figure(
        3, label=_("Months without an order that alert"), unit="months", origin="S1：超过3个月未下单", ge=1, le=24
    )
    core_alert_months: int = figure(
        2, label=_("The same for core customers"), unit="months", origin="S1：核心客户连续2个月未采购", ge=1, le=24,
        help=_("Of both times the shorter one holds."),
    )  # fmt: skip
    core_scheme: str = figure(
        "four_tiers", label=_("Scheme whose tiers say who is core"), origin="S1", pattern="^[a-z0-9_]+$", max_length=60
    )
    core_tiers: tuple[str, ...] = figure(("strategic", "core"), label=_("Tiers that are core"), origin="S1")
    lost_months: int = figure(
        12, label=_("Months without an order after which a customer is lost"), unit="months", origin="assumed", ge=2,
        le=60, help=_("Then nobody is reminded any more."),
    )  # fmt: skip
    overdue_share: Decimal = figure(
        Decimal("0.05"), label=_("An order is overdue when of those still active only this share waits so long"),
        unit="ratio", origin="assumed", ge=Decimal("0.001"), le=Decimal("0.5"),
    )  # fmt: skip
    silent_times: Decimal = figure(
        Decimal("1.5"), label=_("And when the silence is this many times the usual interval"), unit="times",
        origin="assumed", ge=1, le=10,
    )  # fmt: skip
    risk: Decimal = figure(
        Decimal("0.60"), label=_("Risk of loss from which an alert is raised"), unit="ratio", origin="assumed",
        ge=Decimal("0.05"), le=1,
    )  # fmt: skip
    fall: Decimal = figure(
        Decimal("0.30"), label=_("Fall of half a year that is a reason"), unit="ratio", origin="assumed",
        ge=Decimal("0.05"), le=1,
    )  # fmt: skip
    follow_up_days: int = figure(
        14, label=_("A customer that was contacted is looked at again after"), unit="days", origin="assumed", ge=1,
        le=180,
    )  # fmt: skip
    model: Literal["proposed", "bg_nbd", "mbg_nbd", "mbg_cnbd_2", "mbg_cnbd_3"] = figure(
        "proposed", label=_("Method"), origin="assumed",
        help=_("The one proposed by the days held out, or always the same."),
        choices=lambda _document: METHODS,
    )  # fmt: skip
