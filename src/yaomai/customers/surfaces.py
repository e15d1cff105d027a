"""Lists, forms, import, export and REST of institutions, professionals and departments."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from ninja.orm import register_field

from yaomai.catalog.models import Division, Product, ProductLine, StandardDepartment
from yaomai.customers import selectors, services
from yaomai.customers.importers import (
    DepartmentImporter,
    InstitutionImporter,
    PatientPopulationImporter,
    ProfessionalImporter,
)
from yaomai.customers.models import CustomerType, Department, Institution, PatientPopulation, Professional
from yaomai.customers.services.bulk import institutions_archive, professionals_archive
from yaomai.kit.surfaces import BulkAction, Column, Surface, register
from yaomai.kit.surfaces.filters import ARCHIVED, Filter
from yaomai.organization.models import Territory

register_field("SeveralChoices", list[str])


def _below(rows: Sequence[Any], model: type[Any]) -> list[int]:
    """Return the chosen nodes of a tree and everything below them: a list walks place by place."""
    condition = Q(pk__in=[])
    for row in rows:
        condition |= Q(path__startswith=row.path)
    return list(model.unscoped.filter(condition).values_list("pk", flat=True))


def _in_territory(rows: Sequence[Territory]) -> Q:
    return Q(territory__in=_below(rows, Territory))


def _in_division(rows: Sequence[Division]) -> Q:
    return Q(division__in=_below(rows, Division))


def _unassigned(chosen: bool) -> Q:
    return Q(territory__isnull=chosen)


def _unverified(chosen: bool) -> Q:
    return Q(is_unverified=chosen)


def _of_types(chosen: Sequence[str]) -> Q:
    return Q(customer_types__overlap=list(chosen))


def _for_lines(lines: Sequence[ProductLine]) -> Q:
    """Return who works in a target department of the lines' products, or below one; by specialty where none is known."""
    rows = dict(StandardDepartment.unscoped.order_by("pk").values_list("pk", "parent"))
    products = Product.unscoped.filter(product_line__in=lines, archived_at=None)
    wanted = set(products.filter(departments__isnull=False).values_list("departments", flat=True))
    while found := {pk for pk, parent in rows.items() if parent in wanted} - wanted:
        wanted |= found
    wards = Department.unscoped.filter(standard__in=wanted).values("pk")
    names = StandardDepartment.unscoped.filter(pk__in=wanted).values("name")
    return Q(department__in=wards) | Q(department=None, specialty__in=names)


def _types(row: Any) -> str:
    return "、".join(selectors.customer_type_labels(row))


def _portraits(entity: str) -> BulkAction:
    right, url_name = f"customers.{entity}:export", f"customers:{entity}_portraits"
    return BulkAction("portraits", _("Portraits (PDF)"), None, right, icon="file-text", url_name=url_name)


TERRITORY = Filter("territory", label=_("Territory"), condition=_in_territory)
UNASSIGNED = Filter("unassigned", label=_("No territory"), kind="flag", condition=_unassigned)
UNVERIFIED = Filter("unverified", label=_("Not verified yet"), kind="flag", condition=_unverified)


@register
class InstitutionSurface(Surface):
    # Sorted only by what an index can walk: a list of a million rows never sorts them all.
    model = Institution
    section = "customers"
    columns = (
        "name",
        "kind",
        "grade",
        Column("division", label=_("Place")),
        "territory",
        Column("completeness", label=_("Profile (%)")),
        Column("updated_at", label=_("Changed"), kind="date", is_default=False),
        Column("code", sortable=False, is_default=False),
        Column("ownership", sortable=False, is_default=False),
        Column("status", sortable=False, is_default=False),
        Column("parent", is_default=False),
        Column("address", sortable=False, is_default=False),
        Column("phone", sortable=False, is_default=False),
        Column("outlets", sortable=False, is_default=False),
        Column("beds", sortable=False, is_default=False),
        Column("outpatients", sortable=False, is_default=False),
        Column("checked_on", sortable=False, is_default=False),
        Column("refresh_on", label=_("Refresh by"), kind="date", is_default=False),
    )
    filters = (
        "kind",
        "grade",
        TERRITORY,
        Filter("division", label=_("Place"), condition=_in_division),
        "ownership",
        "status",
        "parent",
        "beds",
        "completeness",
        "checked_on",
        "refresh_on",
        UNVERIFIED,
        UNASSIGNED,
        ARCHIVED,
    )
    search = True
    order = ("name", "id")
    form = (
        "name",
        "code",
        "kind",
        "grade",
        "ownership",
        "status",
        "division",
        "territory",
        "address",
        "phone",
        "parent",
        "outlets",
        "beds",
        "outpatients",
    )
    importer = InstitutionImporter
    actions = (
        _portraits("institution"),
        BulkAction(
            "assign",
            _("Assign territory"),
            services.institution_assign,
            "customers.institution:edit",
            form_fields=("territory",),
            icon="map-pin",
        ),
        BulkAction(
            "archive",
            _("Archive"),
            institutions_archive,
            "customers.institution:archive",
            icon="archive",
            is_danger=True,
        ),
    )
    services = {
        "create": services.institution_create,
        "update": services.institution_update,
        "archive": services.institution_archive,
    }


@register
class ProfessionalSurface(Surface):
    model = Professional
    section = "customers"
    columns = (
        "name",
        "institution",
        "department",
        Column("position", sortable=False),
        "title",
        Column("customer_types", label=_("Customer types"), value=_types, sortable=False),
        "territory",
        Column("completeness", label=_("Profile (%)")),
        Column("code", sortable=False, is_default=False),
        Column("profession", sortable=False, is_default=False),
        Column("specialty", sortable=False, is_default=False),
        Column("checked_on", sortable=False, is_default=False),
        Column("refresh_on", label=_("Refresh by"), kind="date", is_default=False),
        Column("updated_at", label=_("Changed"), kind="date", is_default=False),
    )
    filters = (
        "title",
        Filter(
            "customer_types",
            label=_("Customer types"),
            kind="choice",
            choices=tuple(CustomerType.choices),
            condition=_of_types,
        ),
        "institution",
        Filter(
            "product_line",
            label=_("Treats for product line"),
            kind="relation",
            related=ProductLine,
            condition=_for_lines,
        ),
        TERRITORY,
        "profession",
        "completeness",
        "checked_on",
        "refresh_on",
        UNVERIFIED,
        UNASSIGNED,
        ARCHIVED,
    )
    search = True
    order = ("name", "id")
    form = (
        "name",
        "code",
        "profession",
        "title",
        "specialty",
        "sex",
        "customer_types",
        "institution",
        "position",
    )
    importer = ProfessionalImporter
    actions = (
        _portraits("professional"),
        BulkAction(
            "archive",
            _("Archive"),
            professionals_archive,
            "customers.professional:archive",
            icon="archive",
            is_danger=True,
        ),
    )
    services = {
        "create": services.professional_create,
        "update": services.professional_update,
        "archive": services.professional_archive,
    }


@register
class DepartmentSurface(Surface):
    model = Department
    section = "customers"
    columns = ("name", "institution", "standard", "beds", Column("updated_at", label=_("Changed"), kind="date"))
    filters = ("institution", "standard", ARCHIVED)
    order = ("name", "id")
    form = ("institution", "name", "standard", "beds")
    importer = DepartmentImporter
    services = {
        "create": services.department_create,
        "update": services.department_update,
        "archive": services.department_archive,
    }


@register
class PatientPopulationSurface(Surface):
    model = PatientPopulation
    section = "customers"
    columns = (
        "institution",
        "department",
        "indication",
        "patients",
        "basis",
        "estimated_on",
        Column("source", sortable=False),
        Column("recorded_by", label=_("Recorded by"), sortable=False, is_default=False),
        Column("updated_at", label=_("Changed"), kind="date", is_default=False),
    )
    filters = ("institution", "indication", "basis", "estimated_on", ARCHIVED)
    order = ("-estimated_on", "-id")
    form = ("department", "indication", "patients", "basis", "source", "estimated_on")
    importer = PatientPopulationImporter
    services = {
        "create": services.patient_population_create,
        "update": services.patient_population_update,
        "archive": services.patient_population_archive,
    }
