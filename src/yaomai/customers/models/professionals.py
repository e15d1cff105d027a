"""Professionals: the people inside institutions, and where they work."""

import uuid
from typing import Any, ClassVar
from uuid import uuid4

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.customers.models.institutions import Department, Institution
from yaomai.kit.access import Scope, ScopedModel
from yaomai.kit.search import SearchVectorField, search_index
from yaomai.organization.models import Territory


class SeveralChoices(ArrayField):  # type: ignore[type-arg]  # generic for the type checker only
    """Several of a few choices, ticked in forms."""

    def formfield(self, **kwargs: Any) -> Any:
        field = forms.TypedMultipleChoiceField(
            choices=self.base_field.choices or (),
            required=not self.blank,
            label=self.verbose_name,
            help_text=self.help_text,
            widget=forms.CheckboxSelectMultiple,
        )
        field.empty_value = []
        return field

    def get_internal_type(self) -> str:
        return "ArrayField"

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.contrib.postgres.fields.ArrayField", args, kwargs


class CustomerType(models.TextChoices):
    """What a key customer matters for (A2); one person may be several."""

    HIGH_VOLUME = "high_volume", _("High volume")
    HIGH_INFLUENCE = "high_influence", _("High influence (KOL)")
    DECISION_MAKER = "decision_maker", _("Administrative decision")


class Professional(ScopedModel):
    """A person at a customer: physician, pharmacist, director, buyer. Seen where the primary workplace is."""

    class Sex(models.TextChoices):
        FEMALE = "f", _("Female")
        MALE = "m", _("Male")

    class Profession(models.TextChoices):
        PHYSICIAN = "physician", _("Physician")
        PHARMACIST = "pharmacist", _("Pharmacist")
        NURSE = "nurse", _("Nurse")
        TECHNICIAN = "technician", _("Medical technologist")
        MANAGER = "manager", _("Hospital management")
        BUYER = "buyer", _("Purchasing")
        RETAIL = "retail", _("Pharmacy staff")
        OTHER = "other", _("Other")

    class Title(models.TextChoices):
        CHIEF_PHYSICIAN = "chief_physician", _("Chief physician")
        ASSOCIATE_PHYSICIAN = "associate_physician", _("Associate chief physician")
        ATTENDING = "attending", _("Attending physician")
        RESIDENT = "resident", _("Resident physician")
        CHIEF_PHARMACIST = "chief_pharmacist", _("Chief pharmacist")
        ASSOCIATE_PHARMACIST = "associate_pharmacist", _("Associate chief pharmacist")
        PHARMACIST_IN_CHARGE = "pharmacist_in_charge", _("Pharmacist in charge")
        PHARMACIST = "pharmacist", _("Pharmacist")
        CHIEF_NURSE = "chief_nurse", _("Chief nurse")
        NURSE = "nurse", _("Nurse")
        PROFESSOR = "professor", _("Professor")
        OTHER = "other", _("Other")

    scope: ClassVar[Scope] = Scope(territory="territory_id")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("Code"), max_length=64, blank=True)
    name = models.CharField(pgettext_lazy("person", "Name"), max_length=64)
    sex = models.CharField(_("Sex"), max_length=1, choices=Sex.choices, blank=True)
    profession = models.CharField(
        _("Profession"), max_length=12, choices=Profession.choices, default=Profession.PHYSICIAN
    )
    title = models.CharField(_("Professional title"), max_length=22, choices=Title.choices, blank=True)
    specialty = models.CharField(_("Specialty"), max_length=100, blank=True)
    customer_types: Any = SeveralChoices(
        models.CharField(max_length=16, choices=CustomerType.choices),
        verbose_name=_("Customer types"),
        default=list,
        blank=True,
    )
    # The current primary affiliation, repeated here so that a list of two million needs no join to filter.
    institution = models.ForeignKey(
        Institution,
        verbose_name=_("Institution"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="primary_professionals",
        db_index=False,
    )
    department = models.ForeignKey(
        Department, verbose_name=_("Department"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    position = models.CharField(_("Post held"), max_length=64, blank=True)
    territory = models.ForeignKey(
        Territory,
        verbose_name=_("Territory"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    completeness = models.PositiveSmallIntegerField(_("Profile complete (%)"), default=0, editable=False)
    checked_on = models.DateField(_("Profile checked on"), null=True, editable=False)
    refresh_on = models.DateField(_("Profile to be refreshed on"), null=True, editable=False)
    """The first day on which a recorded field is stale; kept by `measure`."""
    is_unverified = models.BooleanField(_("Not verified yet"), db_default=False, default=False, editable=False)
    """Made in the field and usable at once, until a steward verifies it."""
    merged_into = models.ForeignKey(
        "self", null=True, editable=False, on_delete=models.PROTECT, related_name="merged_from", db_index=False
    )
    archived_at = models.DateTimeField(_("Archived at"), null=True, blank=True, editable=False)
    trail_key = models.UUIDField(default=uuid4, db_default=RandomUUID(), editable=False)
    """What the trail says of this person is sealed with it; erasing draws another (`kit.audit.subjects`)."""
    restricted_at = models.DateTimeField(_("Restricted since"), null=True, editable=False)
    """Kept only because a law wants it kept; nothing else is done with it (PIPL 47)."""
    erased_at = models.DateTimeField(_("Erased at"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("Created at"), editable=False)
    updated_at = models.DateTimeField(_("Updated at"), editable=False)
    search = SearchVectorField(null=True, editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "customers_professional"
        verbose_name = _("professional")
        verbose_name_plural = _("professionals")
        constraints = (
            models.UniqueConstraint(
                fields=["code"],
                condition=~Q(code=""),
                name="customers_professional_code",
                violation_error_message=_("Another professional has this code."),
            ),
        )
        indexes = (
            models.Index(fields=["name", "id"], name="customers_professional_order"),
            # With what lists are filtered by beside the territory, as for institutions.
            models.Index(
                fields=["territory", "name", "id"],
                include=(
                    "title",
                    "customer_types",
                    "institution",
                    "profession",
                    "completeness",
                    "checked_on",
                    "refresh_on",
                    "is_unverified",
                    "archived_at",
                ),
                name="customers_professional_terr",
            ),
            models.Index(fields=["institution", "name", "id"], name="customers_professional_inst"),
            models.Index(fields=["title", "name", "id"], name="customers_professional_title"),
            models.Index(fields=["-updated_at", "-id"], name="customers_professional_recent"),
            models.Index(fields=["profession", "completeness", "checked_on"], name="customers_professional_profile"),
            models.Index(
                fields=["archived_at"], condition=Q(archived_at__isnull=False), name="customers_professional_gone"
            ),
            models.Index(fields=["completeness", "id"], name="customers_professional_compl"),
            models.Index(fields=["refresh_on", "id"], name="customers_professional_fresh"),
            models.Index(fields=["territory"], condition=Q(is_unverified=True), name="customers_professional_unver"),
            GinIndex(fields=["customer_types"], name="customers_professional_types"),
            models.Index(
                fields=["merged_into"], condition=Q(merged_into__isnull=False), name="customers_professional_merged"
            ),
            search_index("customers_professional_search"),
        )

    def __str__(self) -> str:
        return self.name


class Affiliation(ScopedModel):
    """A professional works at an institution from–to; one open affiliation is the primary one."""

    scope: ClassVar[Scope] = Scope(through="professional")
    entity: ClassVar[str] = "customers.professional"

    professional = models.ForeignKey(Professional, on_delete=models.CASCADE, related_name="affiliations")
    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), on_delete=models.PROTECT, related_name="affiliations"
    )
    department = models.ForeignKey(
        Department,
        verbose_name=_("Department"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="affiliations",
    )
    position = models.CharField(_("Post held"), max_length=64, blank=True)
    is_primary = models.BooleanField(_("Primary workplace"), default=True)
    valid_from = models.DateField(_("Valid from"))
    valid_to = models.DateField(_("Valid to"), null=True, blank=True)
    source = models.CharField(_("Source"), max_length=200, blank=True)

    class Meta(ScopedModel.Meta):
        db_table = "customers_affiliation"
        verbose_name = _("affiliation")
        verbose_name_plural = _("affiliations")
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="customers_affiliation_period",
            ),
            models.UniqueConstraint(
                fields=["professional"],
                condition=Q(valid_to__isnull=True, is_primary=True),
                name="customers_affiliation_primary",
            ),
        )

    def __str__(self) -> str:
        return f"{self.institution} {self.position}".strip()
