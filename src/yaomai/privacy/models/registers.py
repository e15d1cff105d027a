"""The register of processing, consents of persons, impact assessments, and releases of data."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.customers.models import Professional
from yaomai.customers.models.professionals import SeveralChoices
from yaomai.kit.access import Scope, ScopedModel

KINDS = [
    ("identity", _("Name, profession, workplace")), ("contact", _("Contact data")), ("habits", _("Preferences, needs")),
    ("academic", _("Academic record")), ("payments", _("What was given")), ("account", _("Bank account")),
    ("place", _("Whereabouts")), ("face", _("Pictures of faces")), ("health", _("Health")),
]  # fmt: skip
SENSITIVE = frozenset({"account", "place", "face", "health"})
"""PIPL 28: these need a specific purpose, and separate consent."""


class Processing(ScopedModel):
    """One purpose for which data about persons are processed: on what basis, which data, how long, who gets them (PI1-PI6)."""

    class Basis(models.TextChoices):
        CONSENT = "consent", _("Consent")
        CONTRACT = "contract", pgettext_lazy("privacy", "Contract")
        DUTY = "duty", _("Duty by law")
        PUBLIC = "public", _("Lawfully public")

    scope: ClassVar[Scope] = Scope(company=True)

    name = models.CharField(_("Purpose"), max_length=120, unique=True)
    basis = models.CharField(_("Lawful basis"), max_length=8, choices=Basis.choices)
    citation = models.CharField(_("Article or contract"), max_length=200, blank=True)
    kinds: Any = SeveralChoices(
        models.CharField(max_length=8, choices=KINDS), verbose_name=_("Kinds of data"), default=list
    )
    method = models.CharField(_("How"), max_length=300, help_text=_("Collected where, by whom, with what."))
    is_automated = models.BooleanField(_("Decides or scores automatically"), default=False)
    receivers = models.CharField(
        _("Given to"), max_length=300, blank=True, help_text=_("Processors with contract, and other companies.")
    )
    is_abroad = models.BooleanField(_("Leaves the country"), default=False)
    retention = models.CharField(_("Kept for"), max_length=200)
    measures = models.CharField(_("Protected by"), max_length=300, blank=True)
    notice = models.TextField(_("Notice"), help_text=_("As persons read it; a change makes a new version."))
    notice_number = models.PositiveIntegerField(_("Version of the notice"), default=1, editable=False)
    archived_at = models.DateTimeField(_("Archived"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "privacy_processing"
        verbose_name = _("processing")
        verbose_name_plural = _("register of processing")

    def __str__(self) -> str:
        return self.name

    @property
    def is_sensitive(self) -> bool:
        """Whether it takes separate consent."""
        return bool(SENSITIVE & set(self.kinds))

    @property
    def needs_assessment(self) -> bool:
        """Whether its impact is assessed before it begins (PIPL 55)."""
        return self.is_sensitive or self.is_automated or bool(self.receivers) or self.is_abroad


class PersonConsent(ScopedModel):
    """A person's consent to one purpose: to which notice, how it was given, and whether it still stands."""

    scope: ClassVar[Scope] = Scope(company=True)
    entity: ClassVar[str] = "privacy.consent"

    professional = models.ForeignKey(
        Professional, verbose_name=_("Professional"), on_delete=models.PROTECT, related_name="person_consents"
    )
    processing = models.ForeignKey(
        Processing, verbose_name=_("Purpose"), on_delete=models.PROTECT, related_name="consents"
    )
    notice_number = models.PositiveIntegerField(_("Version of the notice"), editable=False)
    is_separate = models.BooleanField(
        _("Separate consent"),
        default=False,
        help_text=_("Asked for apart from everything else; sensitive data need it."),
    )
    given_on = models.DateField(_("Given on"))
    evidence = models.CharField(
        _("Evidence"), max_length=200, help_text=_("Form, recording or message, and where it is kept.")
    )
    withdrawn_on = models.DateField(_("Withdrawn on"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "privacy_personconsent"
        verbose_name = _("consent of a person")
        verbose_name_plural = _("consents of persons")
        constraints = (
            models.UniqueConstraint(
                fields=["professional", "processing"], condition=Q(withdrawn_on__isnull=True),
                name="privacy_personconsent_one",
                violation_error_message=_("This person has consented to this purpose already."),
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gte=F("given_on")),
                name="privacy_personconsent_period",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.professional} · {self.processing}"


class ImpactAssessment(ScopedModel):
    """What a processing could do to persons, and what is done against it; approved by somebody else (PIPL 55, 56; PI9)."""

    class State(models.TextChoices):
        ASKED = "asked", pgettext_lazy("privacy", "Waits for approval")
        APPROVED = "approved", pgettext_lazy("privacy", "Approved")
        RETURNED = "returned", pgettext_lazy("privacy", "Returned")

    scope: ClassVar[Scope] = Scope(company=True)
    entity: ClassVar[str] = "privacy.assessment"

    processing = models.ForeignKey(
        Processing, verbose_name=_("Purpose"), on_delete=models.PROTECT, related_name="assessments"
    )
    necessity = models.TextField(_("Lawful, proper, necessary?"))
    impact = models.TextField(_("What it could do to persons"))
    measures = models.TextField(_("What is done against it, and whether it suffices"))
    assessed_on = models.DateField(_("Assessed on"))
    state = models.CharField(_("State"), max_length=8, choices=State.choices, default=State.ASKED, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Assessed by"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "privacy_impactassessment"
        verbose_name = _("impact assessment")
        verbose_name_plural = _("impact assessments")

    def __str__(self) -> str:
        return f"{self.processing} · {self.assessed_on.isoformat()}"


class Release(ScopedModel):
    """A leave to take personal records out: how many, for whom, by which route; approved before it is used (K5, PI4, PI8)."""

    class State(models.TextChoices):
        ASKED = "asked", pgettext_lazy("privacy", "Waits for approval")
        APPROVED = "approved", pgettext_lazy("privacy", "Approved")
        RETURNED = "returned", pgettext_lazy("privacy", "Returned")

    class Route(models.TextChoices):
        ASSESSMENT = "assessment", _("Security assessment")
        CONTRACT = "contract", _("Standard contract")
        CERTIFICATE = "certificate", _("Certification")
        EXEMPT = "exempt", _("Exempt (2024 rules)")

    scope: ClassVar[Scope] = Scope(person="author_id")

    purpose = models.CharField(pgettext_lazy("privacy", "What for"), max_length=300)
    persons = models.PositiveIntegerField(_("Persons concerned"), validators=[MinValueValidator(1)])
    sensitive_persons = models.PositiveIntegerField(_("of whom with sensitive data"), default=0)
    receiver = models.CharField(_("Who gets it"), max_length=200, blank=True)
    to_third_party = models.BooleanField(_("Goes to another company"), default=False)
    separate_consent = models.BooleanField(_("Separate consent is on file"), default=False)
    abroad = models.BooleanField(_("Leaves the country"), default=False)
    route = models.CharField(_("Route out of the country"), max_length=11, choices=Route.choices, blank=True)
    valid_until = models.DateField(_("Used until"), help_text=_("The last day."))
    state = models.CharField(_("State"), max_length=8, choices=State.choices, default=State.ASKED, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Asked by"), null=True, blank=True, editable=False,
        on_delete=models.PROTECT, related_name="+",
    )  # fmt: skip
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "privacy_release"
        verbose_name = _("release of data")
        verbose_name_plural = _("releases of data")

    def __str__(self) -> str:
        return f"{self.purpose[:60]} · {self.persons}"
