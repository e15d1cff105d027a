"""What shows that a visit took place: one point of location by consent, photos; and the audit of some of them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.customers.models import Institution
from yaomai.engagement.models.visits import Visit
from yaomai.kit.access import Scope, ScopedModel
from yaomai.kit.attachments.models import Attachment


class CheckInConsent(ScopedModel):
    """Somebody agreed that the phone sends one point at the start of a visit (X8, PI3); ends when withdrawn."""

    scope: ClassVar[Scope] = Scope(person="person_id")
    entity: ClassVar[str] = "engagement.visit"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="check_in_consents")
    text = models.TextField(_("What was agreed to"))
    """The notice word for word, as it was read."""
    given_at = models.DateTimeField(_("Given at"))
    withdrawn_at = models.DateTimeField(_("Withdrawn at"), null=True)

    class Meta(ScopedModel.Meta):
        db_table = "engagement_checkinconsent"
        constraints = (
            models.UniqueConstraint(
                fields=["person"], condition=Q(withdrawn_at__isnull=True), name="engagement_checkinconsent_one"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} · {self.given_at.date().isoformat()}"


class CheckIn(ScopedModel):
    """The one point that a phone sent at the start of a visit; deleted when its time is over."""

    scope: ClassVar[Scope] = Scope(through="visit")
    entity: ClassVar[str] = "engagement.visit"

    visit = models.OneToOneField(Visit, on_delete=models.PROTECT, related_name="check_in")
    latitude = models.DecimalField(max_digits=8, decimal_places=5)
    longitude = models.DecimalField(max_digits=8, decimal_places=5)
    accuracy = models.PositiveIntegerField(_("Accuracy (metres)"))
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        db_table = "engagement_checkin"
        indexes = (models.Index(fields=["at"], name="engagement_checkin_at"),)

    def __str__(self) -> str:
        return f"{self.latitude}, {self.longitude}"


class Site(ScopedModel):
    """Where an institution is, learned from check-ins of several visits; about the place, not about people."""

    scope: ClassVar[Scope] = Scope(through="institution")
    entity: ClassVar[str] = "engagement.visit"

    institution = models.OneToOneField(Institution, on_delete=models.CASCADE, related_name="site")
    latitude = models.DecimalField(max_digits=8, decimal_places=5)
    longitude = models.DecimalField(max_digits=8, decimal_places=5)
    learned_from = models.PositiveIntegerField(_("Check-ins it was learned from"))
    updated_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        db_table = "engagement_site"

    def __str__(self) -> str:
        return str(self.institution)


class Photo(ScopedModel):
    """What a photo of a visit looks like, so that the same one is recognised again."""

    scope: ClassVar[Scope] = Scope(through="visit")
    entity: ClassVar[str] = "engagement.visit"

    uuid = models.UUIDField(null=True, unique=True)
    """Made on the phone, so that a photo that is sent twice is one."""
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="photos")
    attachment = models.OneToOneField(Attachment, on_delete=models.CASCADE, related_name="+")
    look = models.BigIntegerField()
    """Perceptual hash: of similar pictures few bits differ."""
    created_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        db_table = "engagement_photo"
        indexes = (models.Index(fields=["visit"], name="engagement_photo_visit"),)

    def __str__(self) -> str:
        return f"{self.look:016x}"


class VisitAudit(ScopedModel):
    """A visit that somebody looks at: by chance, in doubt, or because whoever made it objects."""

    class Cause(models.TextChoices):
        SAMPLE = "sample", _("Chosen by chance")
        DOUBT = "doubt", _("In doubt")
        OBJECTION = "objection", _("The visitor explains")

    class Outcome(models.TextChoices):
        VALID = "valid", _("It took place")
        INVALID = "invalid", _("It does not count")

    scope: ClassVar[Scope] = Scope(through="visit")
    entity: ClassVar[str] = "engagement.audit"

    visit = models.OneToOneField(
        Visit,
        verbose_name=pgettext_lazy("engagement", "visit"),
        on_delete=models.PROTECT,
        related_name="audit",
        editable=False,
    )
    cause = models.CharField(pgettext_lazy("visit", "Why"), max_length=9, choices=Cause.choices, editable=False)
    outcome = models.CharField(_("Outcome"), max_length=7, choices=Outcome.choices, blank=True, editable=False)
    reason = models.CharField(_("Reason"), max_length=300, blank=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=pgettext_lazy("visit", "Decided by"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    decided_at = models.DateTimeField(pgettext_lazy("visit", "Decided at"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(pgettext_lazy("visit", "Since"), editable=False)
    updated_at = models.DateTimeField(_("Updated at"), editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "engagement_audit"
        verbose_name = _("audited visit")
        verbose_name_plural = _("audited visits")
        indexes = (models.Index(fields=["created_at"], condition=Q(outcome=""), name="engagement_audit_open"),)

    def __str__(self) -> str:
        return str(self.visit)
