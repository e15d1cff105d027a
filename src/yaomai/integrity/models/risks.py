"""The risk register."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.kit.access import Scope, ScopedModel

FIVE = [MinValueValidator(1), MaxValueValidator(5)]


class Risk(ScopedModel):
    """A line of the risk register (K20)."""

    class Area(models.TextChoices):
        PROMOTION = "promotion", _("Market activities")
        RESEARCH = "research", _("Research cooperation")
        PATIENTS = "patients", _("Patient assistance")
        HOSPITAL = "hospital", _("Projects with hospitals")
        THIRD_PARTY = "third_party", _("Third parties")
        DATA = "data", pgettext_lazy("risk", "Data")
        OTHER = "other", pgettext_lazy("risk", "Other")

    scope: ClassVar[Scope] = Scope(company=True)

    area = models.CharField(pgettext_lazy("risk", "Area"), max_length=11, choices=Area.choices)
    title = models.CharField(pgettext_lazy("risk", "Risk"), max_length=200)
    cause = models.TextField(_("How it could come about"), blank=True)
    likelihood = models.PositiveSmallIntegerField(
        _("Likelihood"), validators=FIVE, help_text=_("1 rare … 5 almost certain")
    )
    impact = models.PositiveSmallIntegerField(
        _("Impact"), validators=FIVE, help_text=_("1 small … 5 threatens the company")
    )
    controls = models.TextField(_("What is done against it"), blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=pgettext_lazy("risk", "Owner"), null=True, blank=True,
        on_delete=models.PROTECT, related_name="+",
    )  # fmt: skip
    review_on = models.DateField(_("Looked at again on"))
    archived_at = models.DateTimeField(_("Archived"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "integrity_risk"
        verbose_name = pgettext_lazy("integrity", "risk")
        verbose_name_plural = pgettext_lazy("integrity", "risks")

    def __str__(self) -> str:
        return self.title

    @property
    def weight(self) -> int:
        """Likelihood times impact, 1 to 25."""
        return self.likelihood * self.impact
