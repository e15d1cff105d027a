"""What will be sold, by place, product and group of customers; and signs of stock from the rhythm of orders."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.catalog.models import Product
from yaomai.customers.models import Institution
from yaomai.kit.access import Scope, ScopedModel
from yaomai.kit.runs.models import Run
from yaomai.organization.models import Territory


class Group(models.TextChoices):
    """Groups of institutions that buy alike."""

    HOSPITAL = "hospital", pgettext_lazy("group", "Hospitals")
    PRIMARY = "primary", _("Primary care")
    RETAIL = "retail", _("Retail pharmacies")
    OTHER = "other", pgettext_lazy("group", "Others")


GROUPS: dict[str, str] = {
    Institution.Kind.HOSPITAL: Group.HOSPITAL,
    Institution.Kind.COMMUNITY: Group.PRIMARY,
    Institution.Kind.TOWNSHIP: Group.PRIMARY,
    Institution.Kind.CLINIC: Group.PRIMARY,
    Institution.Kind.CHAIN: Group.RETAIL,
    Institution.Kind.CHAIN_STORE: Group.RETAIL,
    Institution.Kind.PHARMACY: Group.RETAIL,
}


class Forecast(ScopedModel):
    """One combination of a territory, a product (or all) and a group (or all) in the run in force.

    Its mean is the sum of its parts. Without a territory it is of customers that have none, seen by the whole company only.
    """

    scope: ClassVar[Scope] = Scope(territory="territory_id")

    run = models.ForeignKey(Run, verbose_name=_("Run"), on_delete=models.PROTECT, related_name="+")
    territory = models.ForeignKey(
        Territory, verbose_name=_("Territory"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    product = models.ForeignKey(
        Product, verbose_name=_("Product"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    """None: all products."""
    group = models.CharField(_("Group of institutions"), max_length=8, choices=Group.choices, blank=True)
    """Blank: all groups."""
    next_month = models.DecimalField(_("Next month"), max_digits=18, decimal_places=2)
    ahead = models.DecimalField(_("All months ahead"), max_digits=18, decimal_places=2)
    last_year = models.DecimalField(_("Same months a year before"), max_digits=18, decimal_places=2, null=True)
    wrong = models.FloatField(_("Off before, forecast"), null=True)
    """Sum of absolute errors over the sum of sales at earlier origins; the same below for last year and the last month."""
    wrong_year = models.FloatField(_("Off before, last year"), null=True)
    wrong_naive = models.FloatField(_("Off before, last month"), null=True)
    scaled = models.FloatField(_("MASE"), null=True)
    covered = models.FloatField(_("Within the 80 % interval"), null=True)
    is_rough = models.BooleanField(_("Too short or over"), default=False)
    """It only counts into the sums: no forecast of its own is told."""
    sold: Any = models.JSONField(default=list)
    """[yuan of a month, …], oldest first, up to the month before the first of `months`."""
    months: Any = models.JSONField(default=list)
    """[{"month": "2026-11-01", "mean": …, "low_80": …, "high_80": …, "low_95": …, "high_95": …}]"""
    notes: Any = models.JSONField(default=list)
    """[{"code": …, "zh": …, "en": …}]"""

    class Meta(ScopedModel.Meta):
        db_table = "insights_forecast"
        verbose_name = _("sales forecast")
        verbose_name_plural = _("Sales forecasts")
        constraints = (
            models.UniqueConstraint(
                fields=["territory", "product", "group"], nulls_distinct=False, name="insights_forecast_once"
            ),
        )
        indexes = (models.Index(fields=["-ahead", "-id"], name="insights_forecast_ahead"),)

    def __str__(self) -> str:
        parts = (self.territory or _("Without a territory"), self.product or _("All products"))
        return " · ".join(str(part) for part in (*parts, self.get_group_display() or _("All groups")))


class StockSign(ScopedModel):
    """A sign of too little or too much stock of a product at a customer, from the rhythm of its orders alone."""

    class Kind(models.TextChoices):
        RUN_OUT = "run_out", _("May have run out")
        OVERSTOCK = "overstock", _("May be overstocked")

    scope: ClassVar[Scope] = Scope(through="institution")
    entity: ClassVar[str] = "insights.forecast"

    run = models.ForeignKey(Run, verbose_name=_("Run"), on_delete=models.PROTECT, related_name="+")
    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), on_delete=models.PROTECT, related_name="+"
    )
    product = models.ForeignKey(Product, verbose_name=_("Product"), on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("Sign"), max_length=9, choices=Kind.choices)
    last_on = models.DateField(_("Last order"))
    usual_days = models.FloatField(_("Usual interval (days)"))
    daily = models.DecimalField(_("Usual use per day"), max_digits=16, decimal_places=3)
    """Quantity, over the days between the first and the last order."""
    bought = models.DecimalField(_("Bought in 90 days"), max_digits=16, decimal_places=3)
    covered_to = models.DateField(_("Lasts until, at usual use"))
    money = models.DecimalField(_("Purchases in twelve months"), max_digits=18, decimal_places=2)

    class Meta(ScopedModel.Meta):
        db_table = "insights_stocksign"
        verbose_name = _("sign of stock")
        verbose_name_plural = _("Signs of stock")
        constraints = (models.UniqueConstraint(fields=["institution", "product"], name="insights_stocksign_once"),)
        indexes = (models.Index(fields=["-money", "-id"], name="insights_stocksign_money"),)

    def __str__(self) -> str:
        return f"{self.institution} · {self.product}"
