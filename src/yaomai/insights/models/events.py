"""Policy events (集采, 医保目录, DRG): what changes for which products, and what that means for each customer."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yaomai.catalog.models import Division, Product
from yaomai.customers.models import Institution
from yaomai.kit.access import Scope, ScopedModel, Versioned

WITHIN = (MinValueValidator(-1), MaxValueValidator(10))


class PolicyEvent(Versioned):
    """A change of procurement, insurance or payment policy: of which products, where, since when, by how much."""

    class Kind(models.TextChoices):
        VBP = "vbp", _("Volume-based procurement")
        NRDL = "nrdl", _("Insurance catalogue")
        DRG = "drg", _("DRG or DIP payment")
        OTHER = "other", _("Other policy")

    scope: ClassVar[Scope] = Scope(company=True)

    title = models.CharField(_("Title"), max_length=120)
    kind = models.CharField(_("Kind"), max_length=5, choices=Kind.choices)
    effective_on = models.DateField(_("Takes effect on"))
    regions = models.ManyToManyField(
        Division, verbose_name=_("Regions"), blank=True, related_name="+",
        help_text=_("Provinces or cities; empty: the whole country."),
    )  # fmt: skip
    products = models.ManyToManyField(Product, verbose_name=_("Our products"), blank=True, related_name="+")
    generic_names = models.CharField(
        _("Generic names"), max_length=300, blank=True,
        help_text=_("Separated by 、 — all our products of these names are affected."),
    )  # fmt: skip
    price_low = models.DecimalField(
        _("Change of price, at worst"), max_digits=6, decimal_places=4, default=0, validators=WITHIN,
        help_text=_("As a ratio: −0.6 is 60% less."),
    )  # fmt: skip
    price_high = models.DecimalField(
        _("Change of price, at best"), max_digits=6, decimal_places=4, default=0, validators=WITHIN
    )
    volume_low = models.DecimalField(
        _("Change of volume, at worst"), max_digits=6, decimal_places=4, default=0, validators=WITHIN,
        help_text=_("As a ratio: 0.2 is 20% more."),
    )  # fmt: skip
    volume_high = models.DecimalField(
        _("Change of volume, at best"), max_digits=6, decimal_places=4, default=0, validators=WITHIN
    )
    source = models.CharField(_("Source"), max_length=200, help_text=_("Issuing body, number, date."))
    source_url = models.URLField(_("Link to the source"), blank=True, max_length=500)
    note = models.TextField(_("Note"), blank=True, max_length=2000)
    assessed_on = models.DateField(_("Assessed on"), null=True, blank=True, editable=False)
    compared_on = models.DateField(_("Compared on"), null=True, blank=True, editable=False)
    inputs: Any = models.JSONField(default=dict, blank=True, editable=False)
    """Fingerprints of the sales flow, policy version, periods, products as they were assessed and compared."""
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Made by"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip

    class Meta(Versioned.Meta):
        db_table = "insights_policyevent"
        verbose_name = _("policy event")
        verbose_name_plural = _("policy events")
        constraints = (
            models.CheckConstraint(
                condition=Q(price_low__lte=F("price_high"), volume_low__lte=F("volume_high")),
                name="insights_policyevent_ranges",
                violation_error_message=_("The worst must not be better than the best."),
            ),
        )
        indexes = (models.Index(fields=["-effective_on", "-id"], name="insights_policyevent_day"),)

    def __str__(self) -> str:
        return self.title


class PolicyImpact(ScopedModel):
    """What an event means for an institution: a year of purchases before, the range after, later what came."""

    class Standing(models.TextChoices):
        BELOW = "below", _("Below the range")
        WITHIN = "within", _("Within the range")
        ABOVE = "above", _("Above the range")

    scope: ClassVar[Scope] = Scope(through="institution")

    event = models.ForeignKey(
        PolicyEvent, verbose_name=_("Policy event"), on_delete=models.CASCADE, related_name="impacts"
    )
    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), on_delete=models.PROTECT, related_name="policy_impacts"
    )
    base = models.DecimalField(_("Twelve months before"), max_digits=18, decimal_places=2)
    """Yuan of the affected products."""
    share = models.DecimalField(_("Share of all purchases"), max_digits=6, decimal_places=4)
    low = models.DecimalField(_("A year after, at worst"), max_digits=18, decimal_places=2)
    high = models.DecimalField(_("A year after, at best"), max_digits=18, decimal_places=2)
    at_risk = models.DecimalField(_("Revenue at risk"), max_digits=18, decimal_places=2)
    """`base` less `low`, never below zero."""
    products: Any = models.JSONField(default=list, blank=True)
    """[[product id, yuan in the twelve months]], most first."""
    advice: Any = models.JSONField(default=list, blank=True)
    """Codes of the policy, in its order."""
    months = models.PositiveSmallIntegerField(_("Months since"), null=True)
    """Whole months that were compared; the figures below are theirs."""
    actual = models.DecimalField(_("What came"), max_digits=18, decimal_places=2, null=True)
    expected_low = models.DecimalField(_("Expected, at worst"), max_digits=18, decimal_places=2, null=True)
    expected_high = models.DecimalField(_("Expected, at best"), max_digits=18, decimal_places=2, null=True)
    standing = models.CharField(_("Against the range"), max_length=6, choices=Standing.choices, blank=True)
    created_at = models.DateTimeField(_("Assessed at"))

    class Meta(ScopedModel.Meta):
        db_table = "insights_policyimpact"
        verbose_name = _("impact of a policy event")
        verbose_name_plural = _("impacts of policy events")
        constraints = (models.UniqueConstraint(fields=["event", "institution"], name="insights_policyimpact_once"),)
        indexes = (
            models.Index(fields=["event", "-at_risk", "-id"], name="insights_policyimpact_risk"),
            models.Index(fields=["institution"], name="insights_policyimpact_inst"),
        )

    def __str__(self) -> str:
        return f"{self.event} · {self.institution}"
