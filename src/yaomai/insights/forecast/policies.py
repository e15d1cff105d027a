"""Figures of sales forecasts and of signs of stock."""

from decimal import Decimal
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yaomai.kit.policies import Policy, figure

LEVELS: dict[str, Promise | str] = {"region": _("Region"), "area": _("Area"), "district": _("District")}


class ForecastPolicy(Policy):
    """J15, H4, L11: how far ahead sales are forecast, and when the rhythm of orders says something of stock."""

    name: ClassVar[str] = "insights.forecast"
    label: ClassVar[Promise | str] = _("Sales forecast and stock")
    help: ClassVar[Promise | str] = _("How far ahead, how fine, and when the rhythm of orders is a sign of stock.")

    months: int = figure(6, label=_("Months ahead"), unit="months", origin="assumed", ge=1, le=12)
    history: int = figure(
        48, label=_("Months of sales flow that are read"), unit="months", origin="assumed", ge=12, le=120
    )
    level: str = figure(
        "area", label=_("Smallest territories that are forecast"), origin="assumed", choices=lambda _document: LEVELS,
        pattern="^(region|area|district)$",
    )  # fmt: skip
    fewest_orders: int = figure(
        5, label=_("Orders of a product from which a rhythm is seen"), unit="count", origin="assumed", ge=3, le=100
    )
    run_out_times: Decimal = figure(
        Decimal("1.5"), label=_("May have run out: silent for so many times the usual interval"), unit="times",
        origin="assumed", ge=1, le=10,
    )  # fmt: skip
    overstock_times: Decimal = figure(
        Decimal("1.8"), label=_("May be overstocked: bought so many times the usual in 90 days"), unit="times",
        origin="assumed", ge=1, le=20,
    )  # fmt: skip
    most_silent_days: int = figure(
        180, label=_("Silent for longer it is a question of loss, not of stock"), unit="days", origin="assumed", ge=30,
        le=730,
    )  # fmt: skip
