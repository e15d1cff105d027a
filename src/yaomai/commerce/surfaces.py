"""Lists of sales flow: files, lines, names."""

from django.utils.translation import gettext_lazy as _

from yaomai.commerce.importers import SalesFlowImporter, SourceNameImporter
from yaomai.commerce.models import FlowBatch, SalesLine, SourceName
from yaomai.kit.surfaces import Column, Panel, Surface, register
from yaomai.kit.surfaces.filters import Filter


@register
class FlowBatchSurface(Surface):
    model = FlowBatch
    section = "supply"
    slug = "batches"
    columns = (
        "file_name",
        "distributor",
        "first_day",
        "last_day",
        Column("lines", kind="number"),
        Column("amount", kind="money"),
        "state",
        "taken_in_at",
    )
    filters = ("distributor", "state", "first_day", "taken_in_at")
    order = ("-taken_in_at", "-id")
    panels = (
        Panel(
            "file",
            label=_("File"),
            fields=("distributor", "first_day", "last_day", "lines", "amount", "state", "taken_in_at"),
        ),
    )
    importer = SalesFlowImporter


@register
class SalesLineSurface(Surface):
    model = SalesLine
    section = "supply"
    slug = "lines"
    columns = (
        "sold_on",
        Column("institution", label=_("Institution")),
        Column("buyer", label=_("Name in the file")),
        Column("product", label=_("Product")),
        Column("quantity", kind="number"),
        Column("amount", kind="money"),
        Column("batch__distributor", label=_("Distributor")),
        "lot",
        Column("batch", is_default=False),
    )
    filters = ("institution", "product", "sold_on", "batch", Filter("is_active", label=_("Counts")))
    order = ("-sold_on", "-id")
    importer = SalesFlowImporter


@register
class SourceNameSurface(Surface):
    model = SourceName
    section = "supply"
    slug = "names"
    columns = (
        "name",
        "place",
        Column("distributor", is_default=False),
        "kind",
        "decision",
        Column("institution", label=_("Institution")),
        Column("product", label=_("Product")),
        Column("amount", kind="money"),
        Column("lines", kind="number"),
        "decided_at",
    )
    filters = ("kind", "decision", "institution", "product", "distributor")
    order = ("-amount", "-id")
    importer = SourceNameImporter
