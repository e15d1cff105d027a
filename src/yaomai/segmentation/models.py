"""Who matters: the tier of each customer in each scheme, from–to. Scores and inputs stay with the run's files."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Scope, ScopedModel
from yaomai.kit.runs.models import Run


class Subject(models.TextChoices):
    """Whom a scheme classifies."""

    INSTITUTION = "institution", _("Institution")
    PROFESSIONAL = "professional", _("Professional")


class TierAssignment(ScopedModel):
    """A customer holds a tier of a scheme from–to, by a published run. Ended rows are history and never change."""

    scope: ClassVar[Scope] = Scope(through=("institution", "professional"))
    entity: ClassVar[str] = "segmentation.tier"

    scheme = models.CharField(_("Scheme"), max_length=60)
    tier = models.CharField(_("Tier"), max_length=60)
    institution = models.ForeignKey(
        Institution, null=True, on_delete=models.PROTECT, related_name="tiers", db_index=False
    )
    professional = models.ForeignKey(
        Professional, null=True, on_delete=models.PROTECT, related_name="tiers", db_index=False
    )
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField(_("Valid from"))
    valid_to = models.DateField(_("Valid to"), null=True)

    class Meta(ScopedModel.Meta):
        db_table = "segmentation_tierassignment"
        constraints = (
            models.CheckConstraint(
                condition=Q(institution__isnull=True) ^ Q(professional__isnull=True),
                name="segmentation_tier_one_subject",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="segmentation_tier_period"
            ),
            models.UniqueConstraint(
                fields=["scheme", "institution"], condition=Q(valid_to__isnull=True), name="segmentation_tier_inst"
            ),
            models.UniqueConstraint(
                fields=["scheme", "professional"], condition=Q(valid_to__isnull=True), name="segmentation_tier_prof"
            ),
        )
        indexes = (
            models.Index(fields=["institution", "scheme", "valid_from"], name="segmentation_tier_inst_hist"),
            models.Index(fields=["professional", "scheme", "valid_from"], name="segmentation_tier_prof_hist"),
            # Whoever holds a tier is read from the index alone.
            models.Index(
                fields=["scheme", "tier"],
                include=("institution", "professional"),
                condition=Q(valid_to__isnull=True),
                name="segmentation_tier_now",
            ),
        )

    def __str__(self) -> str:
        return f"{self.scheme}: {self.tier}"


class Assessment(ScopedModel):
    """A judgement that schemes score: of a customer, by a person or a file, with its source; a newer one supersedes it."""

    scope: ClassVar[Scope] = Scope(through=("institution", "professional"))
    entity: ClassVar[str] = "segmentation.tier"

    attribute = models.CharField(_("Attribute"), max_length=60)
    """A `attributes.AssessedAttribute`."""
    institution = models.ForeignKey(
        Institution, null=True, on_delete=models.PROTECT, related_name="assessments", db_index=False
    )
    professional = models.ForeignKey(
        Professional, null=True, on_delete=models.PROTECT, related_name="assessments", db_index=False
    )
    value: Any = models.JSONField(_("Value"))
    """Points from 0 to 100, a number, or a list of tags, as the attribute's unit says."""
    source = models.CharField(_("Source"), max_length=200)
    assessed_on = models.DateField(_("Assessed on"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("Recorded at"))
    superseded_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        db_table = "segmentation_assessment"
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        constraints = (
            models.CheckConstraint(
                condition=Q(institution__isnull=True) ^ Q(professional__isnull=True),
                name="segmentation_assessment_one_subject",
            ),
            models.UniqueConstraint(
                fields=["attribute", "institution"],
                condition=Q(superseded_at__isnull=True),
                name="segmentation_assessment_inst",
            ),
            models.UniqueConstraint(
                fields=["attribute", "professional"],
                condition=Q(superseded_at__isnull=True),
                name="segmentation_assessment_prof",
            ),
        )
        indexes = (
            models.Index(fields=["institution", "attribute"], name="segmentation_assess_inst"),
            models.Index(fields=["professional", "attribute"], name="segmentation_assess_prof"),
        )

    def __str__(self) -> str:
        return self.attribute
