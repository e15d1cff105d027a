"""What is known about a customer beyond the columns: profile facts with their provenance, and contact data."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.customers.models.institutions import Institution
from yaomai.customers.models.professionals import Professional
from yaomai.kit.access import Scope, ScopedModel
from yaomai.kit.vault import EncryptedTextField


class Fact(ScopedModel):
    """One value of one registered profile field; a newer one supersedes it, none is overwritten."""

    field = models.CharField(max_length=48)
    """The code of a `profile.ProfileField`."""
    value: Any = models.JSONField()
    """A text, a choice, or a list of choices, as the field's kind says."""
    source = models.CharField(_("Source"), max_length=200)
    source_kind = models.CharField(_("Kind of source"), max_length=20, blank=True, db_default="")
    """The code of a `policies.SourceRank`; empty when nobody said."""
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("Recorded at"))
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(_("Last checked at"))
    superseded_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.field


class InstitutionFact(Fact):
    """A profile fact of an institution."""

    scope: ClassVar[Scope] = Scope(through="institution")
    entity: ClassVar[str] = "customers.institution"

    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="facts")

    class Meta(ScopedModel.Meta):
        db_table = "customers_institutionfact"
        verbose_name = pgettext_lazy("record", "profile fact")
        constraints = (
            models.UniqueConstraint(
                fields=["institution", "field"],
                condition=Q(superseded_at__isnull=True),
                name="customers_institutionfact_one",
            ),
        )
        indexes = (models.Index(fields=["field"], name="customers_institutionfact_f"),)


class ProfessionalFact(Fact):
    """A profile fact of a professional."""

    scope: ClassVar[Scope] = Scope(through="professional")
    entity: ClassVar[str] = "customers.professional"

    professional = models.ForeignKey(Professional, on_delete=models.CASCADE, related_name="facts")

    class Meta(ScopedModel.Meta):
        db_table = "customers_professionalfact"
        verbose_name = pgettext_lazy("record", "profile fact")
        constraints = (
            models.UniqueConstraint(
                fields=["professional", "field"],
                condition=Q(superseded_at__isnull=True),
                name="customers_professionalfact_one",
            ),
        )
        indexes = (models.Index(fields=["field"], name="customers_professionalfact_f"),)


class ContactPoint(ScopedModel):
    """A way to reach a person or a shop: sealed at rest, shown masked, revealed by an act with a reason."""

    class Kind(models.TextChoices):
        MOBILE = "mobile", _("Mobile")
        PHONE = "phone", _("Telephone")
        EMAIL = "email", _("E-mail")
        WECHAT = "wechat", _("WeChat")

    kind = models.CharField(_("Kind"), max_length=6, choices=Kind.choices)
    value = EncryptedTextField(_("Value"))
    masked = models.CharField(max_length=100)
    """What is shown without a reveal, kept so that no page opens a sealed value."""
    fingerprint = models.CharField(max_length=64)
    """`vault.blind_index` of the value: finds the owner by an exact number, and duplicates."""
    source = models.CharField(_("Source"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("Created at"))

    class Meta(ScopedModel.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.masked


class InstitutionContact(ContactPoint):
    """A contact point of an institution that is personal, such as a shop's mobile number."""

    scope: ClassVar[Scope] = Scope(through="institution")
    entity: ClassVar[str] = "customers.institution"

    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="contacts")

    class Meta(ScopedModel.Meta):
        db_table = "customers_institutioncontact"
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = (
            models.UniqueConstraint(
                fields=["institution", "kind", "fingerprint"], name="customers_institutioncontact_once"
            ),
        )
        indexes = (models.Index(fields=["fingerprint"], name="customers_instcontact_find"),)


class ProfessionalContact(ContactPoint):
    """A contact point of a professional."""

    scope: ClassVar[Scope] = Scope(through="professional")
    entity: ClassVar[str] = "customers.professional"

    professional = models.ForeignKey(Professional, on_delete=models.CASCADE, related_name="contacts")

    class Meta(ScopedModel.Meta):
        db_table = "customers_professionalcontact"
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = (
            models.UniqueConstraint(
                fields=["professional", "kind", "fingerprint"], name="customers_professionalcontact_once"
            ),
        )
        indexes = (models.Index(fields=["fingerprint"], name="customers_profcontact_find"),)
