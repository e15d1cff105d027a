"""What institutions agreed to."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import Department, Institution
from yaomai.customers.models.professionals import SeveralChoices
from yaomai.kit.access import Scope, Versioned


class Consent(Versioned):
    """An institution's consent or agreement on file: for what, for which departments, from–to (MR2, X9)."""

    class Kind(models.TextChoices):
        CONSENT = "consent", _("Letter of consent")
        AGREEMENT = "agreement", _("Agreement")
        REGISTRATION = "registration", _("Registration at the institution")

    class Activity(models.TextChoices):
        ACADEMIC = "academic", _("Academic visits and meetings")
        SAMPLES = "samples", _("Samples")
        SPONSORSHIP = "sponsorship", _("Sponsorship and donations")
        RESEARCH = "research", _("Research")

    scope: ClassVar[Scope] = Scope(through="institution")

    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), on_delete=models.PROTECT, related_name="consents"
    )
    kind = models.CharField(_("Kind"), max_length=12, choices=Kind.choices, default=Kind.CONSENT)
    activities: Any = SeveralChoices(
        models.CharField(max_length=11, choices=Activity.choices), verbose_name=_("For"), default=list
    )
    departments = models.ManyToManyField(
        Department, verbose_name=_("Departments"), blank=True, related_name="+",
        help_text=_("Left empty: the whole institution."),
    )  # fmt: skip
    reception = models.CharField(
        _("Department that receives representatives"), max_length=100, blank=True,
        help_text=_("Such as the medical affairs office."),
    )  # fmt: skip
    document = models.CharField(
        _("Document"), max_length=200, help_text=_("Number or title, and where the original is kept.")
    )
    valid_from = models.DateField(_("Valid from"))
    valid_to = models.DateField(
        _("Valid to"), null=True, blank=True, help_text=_("The first day on which it no longer holds.")
    )
    note = models.TextField(_("Note"), blank=True)

    class Meta(Versioned.Meta):
        db_table = "compliance_consent"
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="compliance_consent_period",
                violation_error_message=_("It ends before it begins."),
            ),
        )
        indexes = (
            models.Index(fields=["institution", "valid_from"], name="compliance_consent_of"),
            models.Index(fields=["valid_to"], condition=Q(archived_at__isnull=True), name="compliance_consent_ending"),
        )

    def __str__(self) -> str:
        return f"{self.institution} · {self.document}"
