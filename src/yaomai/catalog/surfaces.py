"""Lists, forms, import, export and REST of products, their lists, and administrative divisions."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yaomai.catalog import selectors, services
from yaomai.catalog.importers import (
    DivisionImporter,
    IndicationImporter,
    ProductImporter,
    ProductLineImporter,
    StandardDepartmentImporter,
)
from yaomai.catalog.models import Division, Indication, Product, ProductLine, StandardDepartment
from yaomai.kit.surfaces import Column, Panel, Surface, register
from yaomai.kit.surfaces.filters import ARCHIVED, Filter


def _below(rows: Sequence[Any]) -> Q:
    condition = Q(pk__in=[])
    for row in rows:
        condition |= Q(path__startswith=row.path)
    return condition


@register
class ProductSurface(Surface):
    model = Product
    section = "supply"
    columns = (
        "name",
        "dosage_form",
        "specification",
        "manufacturer",
        "product_line",
        "reimbursement",
        "is_centrally_procured",
        Column("is_own", label=_("Ours")),
        Column("code", is_default=False),
        Column("generic_name", is_default=False),
        Column("trade_name", is_default=False),
        Column("approval_number", is_default=False),
        Column("insurance_code", is_default=False),
        Column("class_code", is_default=False),
        Column("class_name", is_default=False),
        Column("storage", is_default=False),
        Column("presentation", is_default=False),
        Column("margin", is_default=False),
    )
    filters = (
        "is_own",
        "product_line",
        "reimbursement",
        "is_centrally_procured",
        "storage",
        "presentation",
        "margin",
        "departments",
        "indications",
        ARCHIVED,
    )
    search = True
    order = ("name", "id")
    form = (
        "generic_name",
        "trade_name",
        "name",
        "code",
        "dosage_form",
        "specification",
        "manufacturer",
        "is_own",
        "product_line",
        "approval_number",
        "insurance_code",
        "class_code",
        "class_name",
        "indications",
        "departments",
        "storage",
        "presentation",
        "margin",
        "note",
    )
    panels = (
        Panel(
            "facts",
            _("Product"),
            fields=(
                "generic_name",
                "trade_name",
                "dosage_form",
                "specification",
                "manufacturer",
                "product_line",
                "approval_number",
                "insurance_code",
                "class_name",
                "storage",
                "presentation",
                "margin",
                "note",
            ),
            order=10,
        ),
        Panel(
            "use", _("Indications and departments"), template="catalog/panels/use.html", load=selectors.use_of, order=20
        ),
        Panel(
            "standings",
            _("Reimbursement and procurement"),
            template="catalog/panels/standings.html",
            load=selectors.standings_of,
            order=30,
        ),
    )
    services = {
        "create": services.product_create,
        "update": services.product_update,
        "archive": services.product_archive,
    }
    importer = ProductImporter


@register
class ProductLineSurface(Surface):
    model = ProductLine
    section = "supply"
    columns = ("name", "code")
    filters = (ARCHIVED,)
    order = ("name", "id")
    form = ("code", "name")
    importer = ProductLineImporter
    services = {
        "create": services.product_line_create,
        "update": services.product_line_update,
        "archive": services.product_line_archive,
    }


@register
class IndicationSurface(Surface):
    model = Indication
    section = "supply"
    columns = ("name", "code")
    filters = (ARCHIVED,)
    order = ("name", "id")
    form = ("name", "code")
    importer = IndicationImporter
    services = {
        "create": services.indication_create,
        "update": services.indication_update,
        "archive": services.indication_archive,
    }


@register
class StandardDepartmentSurface(Surface):
    model = StandardDepartment
    section = "settings"
    columns = ("name", "code", "group", "parent")
    filters = ("group", "parent", ARCHIVED)
    order = ("code", "id")
    form = ("code", "name", "group", "parent")
    importer = StandardDepartmentImporter
    services = {
        "create": services.standard_department_create,
        "update": services.standard_department_update,
        "archive": services.standard_department_archive,
    }


@register
class DivisionSurface(Surface):
    model = Division
    section = "settings"
    columns = ("name", "code", "level", "full_name", "parent")
    filters = (
        "level",
        Filter("within", label=_("Within"), kind="relation", related=Division, condition=_below),
        ARCHIVED,
    )
    search = True
    order = ("code", "id")
    form = ("code", "name", "parent", "level")
    services = {
        "create": services.division_create,
        "update": services.division_update,
        "archive": services.division_archive,
    }
    importer = DivisionImporter
