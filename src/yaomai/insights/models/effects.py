"""Studies of whether a change helped, and each look at it as it was computed that day."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.catalog.models import Product
from yaomai.kit.access import Scope, ScopedModel, Versioned


class EffectStudy(Versioned):
    """What was changed, for whom and since when. Who had the change is frozen when the study begins."""

    class Change(models.TextChoices):
        VISITS = "visits", _("More visits")
        TRAINING = "training", pgettext_lazy("change", "Training")
        REBATE = "rebate", pgettext_lazy("change", "Rebate")
        TIER_POLICY = "tier_policy", _("Tier policy")
        CAMPAIGN = "campaign", _("Campaign")
        OTHER = "other", _("Other")

    class Measure(models.TextChoices):
        AMOUNT = "amount", _("Purchases in yuan per month")
        QUANTITY = "quantity", _("Quantity per month")

    class Verdict(models.TextChoices):
        HELPS = "helps", _("Helped")
        HARMS = "harms", _("Harmed")
        NONE = "none", _("No effect worth mentioning")
        UNCLEAR = "unclear", _("Cannot tell yet")
        FRAGILE = "fragile", _("Rests on one customer")
        INCOMPARABLE = "incomparable", _("Not believable")
        FEW = "few", _("Too few for any claim")
        EARLY = "early", _("Too early")

    CLAIMS = (Verdict.HELPS, Verdict.HARMS, Verdict.NONE)
    """Answers that stand by a number; with any other the number would only look like one."""

    scope: ClassVar[Scope] = Scope(person="made_by_id")

    name = models.CharField(_("Name"), max_length=80)
    change = models.CharField(pgettext_lazy("effect", "What changed"), max_length=11, choices=Change.choices)
    what = models.CharField(
        _("In detail"), max_length=300, blank=True, help_text=_("What exactly was done, and how much of it.")
    )
    since = models.DateField(pgettext_lazy("effect", "Since"))
    measure = models.CharField(_("Measure"), max_length=8, choices=Measure.choices, default=Measure.AMOUNT)
    product = models.ForeignKey(
        Product, verbose_name=_("Only this product"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    selection = models.CharField(_("Customers with the change"), max_length=300, editable=False)
    """The group in words."""
    treated: Any = models.JSONField(default=list, editable=False)
    """Ids of the institutions that had the change."""
    recheck_on = models.DateField(_("Next look"), null=True, blank=True)
    verdict = models.CharField(
        pgettext_lazy("effect", "Answer"), max_length=12, choices=Verdict.choices, blank=True, editable=False
    )
    """Of the latest look; blank while the first is being computed."""
    effect = models.FloatField(_("Effect per customer and month"), null=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Made by"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip

    class Meta(Versioned.Meta):
        db_table = "insights_effectstudy"
        verbose_name = _("effect study")
        verbose_name_plural = _("effect studies")
        indexes = (
            models.Index(fields=["made_by", "-id"], name="insights_effectstudy_own"),
            models.Index(
                fields=["recheck_on"], condition=models.Q(archived_at__isnull=True), name="insights_effectstudy_due"
            ),
        )

    def __str__(self) -> str:
        return self.name


class EffectCheck(ScopedModel):
    """One look at a study: what the data said that day, and all that went in. It never changes once it is computed."""

    scope: ClassVar[Scope] = Scope(through="study")
    entity: ClassVar[str] = "insights.effectstudy"

    study = models.ForeignKey(EffectStudy, on_delete=models.CASCADE, related_name="checks")
    as_of = models.DateField(_("As of"))
    result: Any = models.JSONField(null=True)
    """See `effects.measured`; null while it is being computed."""
    inputs: Any = models.JSONField(default=dict, blank=True)
    """Fingerprint of the sales flow, policy version, version of the engine, ids compared with."""
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Made by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("Made on"))

    class Meta(ScopedModel.Meta):
        db_table = "insights_effectcheck"
        verbose_name = pgettext_lazy("effect", "look")
        verbose_name_plural = pgettext_lazy("effect", "looks")
        indexes = (models.Index(fields=["study", "-id"], name="insights_effectcheck_study"),)

    def __str__(self) -> str:
        return f"{self.study} · {self.as_of}"
