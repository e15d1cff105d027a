"""Figures of the allocation: how far effort may be moved, and from when a response counts as learned."""

from decimal import Decimal
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yaomai.kit.policies import Policy, figure


class AllocationPolicy(Policy):
    """J16: 区域资源配置."""

    name: ClassVar[str] = "insights.allocation"
    label: ClassVar[Promise | str] = _("Allocation of resources")
    help: ClassVar[Promise | str] = _(
        "How far effort may be moved between territories, and when own data tell a response."
    )

    limit: Decimal = figure(
        Decimal("0.3"), label=_("A territory's effort changes by at most"), origin="S4 区域资源配置；界限 assumed", unit="ratio",
        ge=Decimal("0.05"), le=Decimal("0.9"),
    )  # fmt: skip
    lag_months: int = figure(
        3, label=_("Effort works for"), origin="assumed", unit="months", ge=1, le=6, help=_("This month included.")
    )
    least_months: int = figure(
        12, label=_("Months with effort from which a response is learned"), origin="assumed", unit="count", ge=8, le=24
    )
    least_units: int = figure(
        6, label=_("Territories from which a response is learned"), origin="assumed", unit="count", ge=4, le=500
    )
    confidence: Decimal = figure(
        Decimal("0.9"), label=_("Intervals hold with a certainty of"), origin="assumed", unit="ratio", ge=Decimal("0.5"),
        le=Decimal("0.99"),
    )  # fmt: skip
