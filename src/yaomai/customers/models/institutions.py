"""Institutions: hospitals, pharmacies, chains, distributors; their names, territories and departments."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.catalog.models import Division, StandardDepartment
from yaomai.kit.access import Scope, ScopedModel, Versioned
from yaomai.kit.search import SearchVectorField, search_index
from yaomai.organization.models import Territory

FILTERED = (
    "kind", "grade", "ownership", "status", "beds", "completeness", "checked_on", "refresh_on", "is_unverified",
    "archived_at",
)  # fmt: skip
"""What lists of institutions are filtered by, beside where they are."""


class Institution(Versioned):
    """One institution. Without a territory it is seen by those who reach the whole company only."""

    class Kind(models.TextChoices):
        HOSPITAL = "hospital", _("Hospital")
        COMMUNITY = "community", _("Community health centre")
        TOWNSHIP = "township", _("Township health centre")
        CLINIC = "clinic", _("Clinic")
        PUBLIC_HEALTH = "public_health", _("Public health body")
        CHAIN = "chain", _("Chain headquarters")
        CHAIN_STORE = "chain_store", _("Chain store")
        PHARMACY = "pharmacy", _("Single pharmacy")
        DISTRIBUTOR = "distributor", _("Distributor")
        OTHER = "other", _("Other")

    class Grade(models.TextChoices):
        THREE_SPECIAL = "3S", _("Level III special")
        THREE_A = "3A", _("Level III class A")
        THREE_B = "3B", _("Level III class B")
        THREE_C = "3C", _("Level III class C")
        THREE = "3", _("Level III, no class")
        TWO_A = "2A", _("Level II class A")
        TWO_B = "2B", _("Level II class B")
        TWO_C = "2C", _("Level II class C")
        TWO = "2", _("Level II, no class")
        ONE_A = "1A", _("Level I class A")
        ONE_B = "1B", _("Level I class B")
        ONE_C = "1C", _("Level I class C")
        ONE = "1", _("Level I, no class")
        NONE = "0", _("Not graded")

    class Ownership(models.TextChoices):
        PUBLIC = "public", _("Publicly owned")
        PRIVATE = "private", _("Privately owned")
        MILITARY = "military", _("Military")
        JOINT = "joint", _("Joint venture")
        OTHER = "other", _("Other")

    class Status(models.TextChoices):
        ACTIVE = "active", _("In operation")
        SUSPENDED = "suspended", _("Suspended")
        CLOSED = "closed", _("Closed down")

    scope: ClassVar[Scope] = Scope(territory="territory_id")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("Customer code"), max_length=64, blank=True)
    name = models.CharField(_("Name"), max_length=200)
    name_key = models.CharField(max_length=200, editable=False)
    """`rules.name_key(name)`: the same writing, however typed."""
    natural_key = models.CharField(max_length=220, editable=False)
    """`rules.institution_key`: name and place, which find the row again in a file without codes."""
    kind = models.CharField(_("Kind"), max_length=14, choices=Kind.choices, default=Kind.HOSPITAL)
    grade = models.CharField(_("Grade"), max_length=2, choices=Grade.choices, blank=True)
    ownership = models.CharField(_("Ownership"), max_length=10, choices=Ownership.choices, blank=True)
    status = models.CharField(_("Status"), max_length=10, choices=Status.choices, default=Status.ACTIVE)
    division = models.ForeignKey(
        Division,
        verbose_name=_("Place"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    address = models.CharField(_("Address"), max_length=300, blank=True)
    phone = models.CharField(_("Switchboard"), max_length=64, blank=True)
    """The published landline; a mobile number is personal data and becomes an `InstitutionContact`."""
    territory = models.ForeignKey(
        Territory,
        verbose_name=_("Territory"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    """As `InstitutionTerritory` says for today; written by the assignment services only."""
    parent = models.ForeignKey(
        "self",
        verbose_name=_("Belongs to"),
        help_text=_("The chain of a store, the main site of a branch."),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="branches",
        db_index=False,
    )
    outlets = models.PositiveIntegerField(_("Outlets"), null=True, blank=True)
    beds = models.PositiveIntegerField(_("Beds"), null=True, blank=True)
    outpatients = models.PositiveIntegerField(_("Outpatients per year"), null=True, blank=True)
    completeness = models.PositiveSmallIntegerField(_("Profile complete (%)"), default=0, editable=False)
    checked_on = models.DateField(_("Profile checked on"), null=True, editable=False)
    refresh_on = models.DateField(_("Profile to be refreshed on"), null=True, editable=False)
    """The first day on which a recorded field is stale; kept by `measure`."""
    is_unverified = models.BooleanField(_("Not verified yet"), db_default=False, default=False, editable=False)
    """Made in the field and usable at once, until a steward verifies it."""
    merged_into = models.ForeignKey(
        "self", null=True, editable=False, on_delete=models.PROTECT, related_name="merged_from", db_index=False
    )
    search = SearchVectorField(null=True, editable=False)

    class Meta(Versioned.Meta):
        db_table = "customers_institution"
        verbose_name = _("institution")
        verbose_name_plural = _("institutions")
        constraints = (
            models.UniqueConstraint(
                fields=["code"],
                condition=~Q(code=""),
                name="customers_institution_code",
                violation_error_message=_("Another institution has this code."),
            ),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="customers_institution_own_parent"),
        )
        # Every list is ordered by (name, id) within its filter, so that a page of a million rows is an index walk;
        # these indexes serve the foreign keys too. Those of places hold what lists are filtered by as well: any
        # filters of somebody who reaches some territories are answered from one part of one index.
        indexes = (
            models.Index(fields=["name", "id"], name="customers_institution_order"),
            models.Index(
                fields=["territory", "name", "id"], include=("division", *FILTERED), name="customers_institution_terr"
            ),
            models.Index(fields=["kind", "name", "id"], name="customers_institution_kind"),
            models.Index(fields=["grade", "name", "id"], name="customers_institution_grade"),
            models.Index(
                fields=["division", "name", "id"], include=("territory", *FILTERED), name="customers_institution_div"
            ),
            models.Index(fields=["name_key"], name="customers_institution_key"),
            models.Index(fields=["completeness", "id"], name="customers_institution_compl"),
            models.Index(fields=["refresh_on", "id"], name="customers_institution_fresh"),
            models.Index(fields=["territory"], condition=Q(is_unverified=True), name="customers_institution_unver"),
            # Read backwards by lists; what is written last stands at its end, where adding is quickest.
            models.Index(fields=["updated_at", "id"], name="customers_institution_recent"),
            # Filters that are seldom used alone: PostgreSQL 18 skips through the few values of what stands first.
            models.Index(fields=["ownership", "status", "beds"], name="customers_institution_traits"),
            models.Index(
                fields=["archived_at"], condition=Q(archived_at__isnull=False), name="customers_institution_gone"
            ),
            # Few belong to another or were merged.
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="customers_institution_parent"),
            models.Index(
                fields=["merged_into"], condition=Q(merged_into__isnull=False), name="customers_institution_merged"
            ),
            search_index("customers_institution_search"),
        )

    def __str__(self) -> str:
        return self.name


class InstitutionName(ScopedModel):
    """Another name of an institution, remembered for ever: written on files, in brackets, used in the past."""

    class Kind(models.TextChoices):
        ALIAS = "alias", _("Also called")
        FORMER = "former", _("Former name")
        MERGED = "merged", _("Name of a merged duplicate")

    class Source(models.TextChoices):
        ENTERED = "entered", _("Entered by hand")
        IMPORTED = "imported", _("From an import")
        REVIEWED = "reviewed", _("Decided in the review of sales flow")
        MERGED = "merged", _("From a merge")

    scope: ClassVar[Scope] = Scope(through="institution")
    entity: ClassVar[str] = "customers.institution"

    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="names", db_index=False)
    name = models.CharField(_("Name"), max_length=200)
    key = models.CharField(max_length=200, editable=False)
    kind = models.CharField(_("Kind"), max_length=8, choices=Kind.choices, default=Kind.ALIAS)
    source = models.CharField(_("Source"), max_length=10, choices=Source.choices, default=Source.ENTERED)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(_("Created at"))

    class Meta(ScopedModel.Meta):
        db_table = "customers_institutionname"
        verbose_name = _("other name")
        verbose_name_plural = _("other names")
        constraints = (models.UniqueConstraint(fields=["institution", "key"], name="customers_institutionname_once"),)
        indexes = (models.Index(fields=["key"], name="customers_institutionname_key"),)

    def __str__(self) -> str:
        return self.name


class InstitutionTerritory(ScopedModel):
    """An institution belongs to a territory from–to."""

    scope: ClassVar[Scope] = Scope(through="institution")
    entity: ClassVar[str] = "customers.institution"

    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="territories")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField(_("Valid from"))
    valid_to = models.DateField(_("Valid to"), null=True, blank=True)
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta(ScopedModel.Meta):
        db_table = "customers_institutionterritory"
        verbose_name = pgettext_lazy("record", "territory assignment")
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="customers_institutionterritory_period",
            ),
            models.UniqueConstraint(
                fields=["institution"], condition=Q(valid_to__isnull=True), name="customers_institutionterritory_open"
            ),
        )
        indexes = (models.Index(fields=["territory", "valid_from"], name="customers_instterr_territory"),)

    def __str__(self) -> str:
        return f"{self.territory} {self.valid_from}"


class Department(Versioned):
    """A department of an institution (科室), tied to the standard list where it fits."""

    scope: ClassVar[Scope] = Scope(through="institution")

    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), on_delete=models.PROTECT, related_name="departments"
    )
    standard = models.ForeignKey(
        StandardDepartment,
        verbose_name=_("Standard department"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    name = models.CharField(_("Name"), max_length=100)
    beds = models.PositiveIntegerField(_("Beds"), null=True, blank=True)

    class Meta(Versioned.Meta):
        db_table = "customers_department"
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        constraints = (
            models.UniqueConstraint(
                fields=["institution", "name"],
                condition=Q(archived_at__isnull=True),
                name="customers_department_once",
                violation_error_message=_("This institution has a department of this name."),
            ),
        )
        indexes = (models.Index(fields=["name", "id"], name="customers_department_order"),)

    def __str__(self) -> str:
        return self.name
