"""Inspection dossiers: what was asked for, by whom, and the file that was made."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.catalog.models import Product
from yaomai.customers.models import Institution
from yaomai.customers.models.professionals import SeveralChoices
from yaomai.integrity.inspection import COMPANY, Wanted, choices
from yaomai.kit.access import Scope, ScopedModel


class Dossier(ScopedModel):
    """Everything that proves what was done in a period, about the company or one subject, signed in one file (检查包)."""

    class Occasion(models.TextChoices):
        UNANNOUNCED = "unannounced", _("Unannounced inspection")
        ROUTINE = "routine", _("Routine inspection")
        INQUIRY = "inquiry", _("Inquiry of an authority")
        INTERNAL = "internal", _("Internal audit")
        OTHER = "other", pgettext_lazy("dossier", "Other")

    class Subject(models.TextChoices):
        COMPANY = "company", _("The whole company")
        PERSON = "person", pgettext_lazy("dossier", "One of our people")
        INSTITUTION = "institution", _("One institution")
        PRODUCT = "product", _("One product")

    class State(models.TextChoices):
        MAKING = "making", pgettext_lazy("dossier", "Being made")
        READY = "ready", pgettext_lazy("dossier", "Ready")
        DELETED = "deleted", pgettext_lazy("dossier", "File deleted")

    scope: ClassVar[Scope] = Scope(company=True)

    occasion = models.CharField(pgettext_lazy("dossier", "Occasion"), max_length=11, choices=Occasion.choices)
    authority = models.CharField(
        pgettext_lazy("dossier", "Asked by"),
        max_length=120,
        help_text=_("The authority or department, as in its letter."),
    )
    reference = models.CharField(
        pgettext_lazy("dossier", "Reference"), max_length=80, blank=True, help_text=_("Number of the letter, if any.")
    )
    subject = models.CharField(pgettext_lazy("dossier", "About"), max_length=11, choices=Subject.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=pgettext_lazy("organization", "Person"), null=True, blank=True,
        on_delete=models.PROTECT, related_name="+",
    )  # fmt: skip
    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    product = models.ForeignKey(
        Product, verbose_name=_("Product"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    first_day = models.DateField(_("From"))
    last_day = models.DateField(_("Until"), help_text=_("The last day."))
    sections: Any = SeveralChoices(
        models.CharField(max_length=24, choices=choices), verbose_name=_("Lists"), default=list, blank=True,
        help_text=_("None ticked: every list. Approvals, evidence and the trail of what is listed always come along."),
    )  # fmt: skip
    state = models.CharField(_("State"), max_length=7, choices=State.choices, default=State.MAKING, editable=False)
    rows = models.PositiveIntegerField(pgettext_lazy("dossier", "Records"), default=0, editable=False)
    files = models.PositiveIntegerField(_("Evidence files"), default=0, editable=False)
    entries = models.PositiveIntegerField(_("Entries of the trail"), default=0, editable=False)
    flaws: Any = models.JSONField(default=list, editable=False)
    """[[what, which]]: what could not be brought along as it was."""
    size = models.PositiveBigIntegerField(_("Size"), default=0, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    fingerprint = models.CharField(_("Fingerprint of the key"), max_length=40, blank=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Made by"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    made_at = models.DateTimeField(_("Made at"), null=True, editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "integrity_dossier"
        verbose_name = pgettext_lazy("integrity", "inspection dossier")
        verbose_name_plural = pgettext_lazy("integrity", "inspection dossiers")
        constraints = (
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="integrity_dossier_period",
                violation_error_message=_("The last day lies before the first."),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        about = self.get_subject_display() if self.subject == COMPANY else str(getattr(self, self.subject))
        return f"{about} · {self.first_day.isoformat()}–{self.last_day.isoformat()}"

    @property
    def wanted(self) -> Wanted:
        """Whom it is about, and which days."""
        key = None if self.subject == COMPANY else getattr(self, f"{self.subject}_id")
        return Wanted(self.subject, key, self.first_day, self.last_day)
