"""Signals: where the purchases of a customer break with their own past, and what people made of it."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.catalog.models import Product
from yaomai.customers.models import Institution
from yaomai.kit.access import Scope, ScopedModel


class PurchaseSignal(ScopedModel):
    """One thing that is odd in what an institution bought, and its triage: cause, what is done, what came of it."""

    class Kind(models.TextChoices):
        SURGE = "surge", _("Surge")
        DROP = "drop", _("Sudden drop")
        LEVEL_UP = "level_up", _("Level rose for good")
        LEVEL_DOWN = "level_down", _("Level fell for good")
        PRICE = "price", _("Outlying price")
        RETURNS = "returns", _("Many returns")

    class State(models.TextChoices):
        OPEN = "open", _("To look into")
        WORKING = "working", _("Being worked on")
        CLOSED = "closed", pgettext_lazy("signal", "Closed")
        DISMISSED = "dismissed", _("Dismissed")

    class Cause(models.TextChoices):
        COMPETITOR = "competitor", _("Competitor")
        POLICY = "policy", _("Procurement or insurance policy")
        STOCK = "stock", _("Stocking up or running down")
        SUPPLY = "supply", _("Supply or delivery")
        PRICE = "price", pgettext_lazy("cause", "Price")
        RELATION = "relation", _("Service or relation")
        CLINICAL = "clinical", _("Clinical need")
        DATA = "data", _("Error in the data")
        OTHER = "other", _("Other")

    scope: ClassVar[Scope] = Scope(through="institution")

    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), on_delete=models.PROTECT, related_name="purchase_signals"
    )
    product = models.ForeignKey(
        Product, verbose_name=_("Product"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    """Of an outlying price; otherwise all products together."""
    month = models.DateField(_("Month"))
    """Its first day; of a level that moved the month from which it holds."""
    kind = models.CharField(_("Signal"), max_length=10, choices=Kind.choices)
    value = models.DecimalField(_("Observed"), max_digits=18, decimal_places=2)
    """Yuan in the month; of a level yuan a month; of a price yuan a unit; of returns yuan returned."""
    expected = models.DecimalField(_("Usual"), max_digits=18, decimal_places=2)
    low = models.DecimalField(max_digits=18, decimal_places=2)
    high = models.DecimalField(max_digits=18, decimal_places=2)
    """Between low and high lies what is ordinary."""
    score = models.FloatField(_("Times the ordinary scatter"))
    money = models.DecimalField(_("Money concerned"), max_digits=18, decimal_places=2)
    """Yuan: of the month; of a level that moved, of a year."""
    inputs: Any = models.JSONField(default=dict, blank=True)
    """Fingerprint of the sales flow, policy version, how many were looked at."""
    state = models.CharField(_("State"), max_length=9, choices=State.choices, default=State.OPEN)
    cause = models.CharField(_("Cause"), max_length=10, choices=Cause.choices, blank=True)
    action = models.CharField(pgettext_lazy("signal", "What is done"), max_length=500, blank=True)
    outcome = models.CharField(_("What came of it"), max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("Decided by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("Decided at"), null=True, blank=True)
    created_at = models.DateTimeField(_("Found at"))
    updated_at = models.DateTimeField(_("Updated at"))
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "insights_purchasesignal"
        verbose_name = _("signal in purchases")
        verbose_name_plural = _("signals in purchases")
        constraints = (
            models.UniqueConstraint(
                fields=["institution", "product", "kind", "month"], nulls_distinct=False,
                name="insights_purchasesignal_once",
            ),
        )  # fmt: skip
        indexes = (
            models.Index(fields=["state", "-money", "-id"], name="insights_signal_queue"),
            models.Index(fields=["month", "kind"], name="insights_signal_month"),
        )

    def __str__(self) -> str:
        return f"{self.institution} · {self.get_kind_display()} · {self.month:%Y-%m}"
