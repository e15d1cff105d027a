"""Changes that people ask for on records they may see but not change."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.customers.models.institutions import Institution
from yaomai.customers.models.professionals import Professional
from yaomai.kit.access import Scope, ScopedModel


class ChangeRequest(ScopedModel):
    """One field, what stood there when it was asked for, and what should; a steward decides."""

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("change request", "Open")
        ACCEPTED = "accepted", pgettext_lazy("change request", "Accepted")
        REJECTED = "rejected", _("Rejected")

    field = models.CharField(max_length=48)
    """The code of a `profile.ProfileField` that is recorded as a fact."""
    was: Any = models.JSONField(null=True)
    value: Any = models.JSONField(null=True)
    source = models.CharField(_("Source"), max_length=200)
    source_kind = models.CharField(_("Kind of source"), max_length=20, blank=True)
    status = models.CharField(_("Status"), max_length=8, choices=Status.choices, default=Status.OPEN)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("Asked at"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(_("Reason for the decision"), max_length=300, blank=True)

    class Meta(ScopedModel.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.field


class InstitutionRequest(ChangeRequest):
    """A change of an institution that somebody asks for."""

    scope: ClassVar[Scope] = Scope(through="institution")
    entity: ClassVar[str] = "customers.institution"

    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="change_requests")

    class Meta(ScopedModel.Meta):
        db_table = "customers_institutionrequest"
        verbose_name = _("change request")
        verbose_name_plural = _("change requests")
        indexes = (models.Index(fields=["proposed_at"], condition=Q(status="open"), name="customers_instrequest_open"),)


class ProfessionalRequest(ChangeRequest):
    """A change of a professional that somebody asks for."""

    scope: ClassVar[Scope] = Scope(through="professional")
    entity: ClassVar[str] = "customers.professional"

    professional = models.ForeignKey(Professional, on_delete=models.CASCADE, related_name="change_requests")

    class Meta(ScopedModel.Meta):
        db_table = "customers_professionalrequest"
        verbose_name = _("change request")
        verbose_name_plural = _("change requests")
        indexes = (models.Index(fields=["proposed_at"], condition=Q(status="open"), name="customers_profrequest_open"),)
