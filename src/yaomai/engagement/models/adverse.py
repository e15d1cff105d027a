"""Adverse events that somebody of the company heard of: who was harmed by what, until it is handed over (PV1, PV7)."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.catalog.models import Product
from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Actor, Scope, ScopedModel


@dataclass(frozen=True, slots=True)
class InConfidence(Scope):
    """Whoever reported it sees it, and whoever takes reports over; no reach over a territory lets it be seen (PV8)."""

    def filter(self, model: type[ScopedModel], actor: Actor, right: str) -> Q | None:
        if not actor.may(right):
            return Q(pk__in=[])
        if actor.may("safety.adverseevent:review"):
            return None
        return Q(**{self.person: actor.person_id}) if actor.person_id is not None else Q(pk__in=[])


class AdverseEvent(ScopedModel):
    """Somebody of the company heard that a patient was harmed; the clock runs from then."""

    class Severity(models.TextChoices):
        DEATH = "death", _("Death")
        SERIOUS = "serious", _("Serious")
        OTHER = "other", _("Not serious")
        UNKNOWN = "unknown", _("Not known yet")

    class AgeGroup(models.TextChoices):
        CHILD = "child", _("Under 18")
        ADULT = "adult", _("18 to 64")
        OLD = "old", _("65 and older")

    scope: ClassVar[Scope] = InConfidence(person="person_id")
    entity: ClassVar[str] = "safety.adverseevent"
    """Its rights stand apart: who may see visits may not see these."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Reported by"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    product = models.ForeignKey(Product, verbose_name=_("Product"), on_delete=models.PROTECT, related_name="+")
    what = models.TextField(
        pgettext_lazy("visit", "What happened"),
        max_length=2000,
        help_text=_("Signs, when, how it went on. No name, no number of a record."),
    )
    severity = models.CharField(_("Severity"), max_length=7, choices=Severity.choices, default=Severity.UNKNOWN)
    age_group = models.CharField(_("Patient"), max_length=5, choices=AgeGroup.choices, blank=True)
    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    professional = models.ForeignKey(
        Professional, verbose_name=_("Who told it"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    learned_at = models.DateTimeField(_("Heard of at"), help_text=_("The clock began then."))
    due_at = models.DateTimeField(_("To be taken over by"), editable=False)
    taken_over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Taken over by"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    taken_over_at = models.DateTimeField(_("Taken over at"), null=True, editable=False)
    reference = models.CharField(_("Number in pharmacovigilance"), max_length=64, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("Reported at"), editable=False)
    updated_at = models.DateTimeField(_("Updated at"), editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "engagement_adverseevent"
        verbose_name = _("adverse event")
        verbose_name_plural = _("adverse events")
        indexes = (
            models.Index(fields=["due_at"], condition=Q(taken_over_at__isnull=True), name="engagement_adverse_open"),
        )

    def __str__(self) -> str:
        return f"{self.product} · {self.get_severity_display()}"
