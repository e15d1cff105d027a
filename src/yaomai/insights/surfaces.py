"""Lists of this room."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from yaomai.insights import services
from yaomai.insights.evaluations import surfaces as evaluation_surfaces  # noqa: F401 — declarations
from yaomai.insights.events import surfaces as event_surfaces  # noqa: F401 — declarations
from yaomai.insights.findings import surfaces as findings_surfaces  # noqa: F401 — declarations
from yaomai.insights.forecast import surfaces as forecast_surfaces  # noqa: F401 — declarations
from yaomai.insights.importers import MarketFigureImporter
from yaomai.insights.models import MarketFigure, TargetItem, TargetList, ValueReport
from yaomai.insights.outlook import surfaces as outlook_surfaces  # noqa: F401 — declarations
from yaomai.insights.targets.analysis import SEE
from yaomai.kit.surfaces import BulkAction, Column, Panel, Surface, register
from yaomai.kit.surfaces.filters import ARCHIVED, Filter


def _growth(item: TargetItem) -> Decimal:
    return item.growth


@register
class MarketFigureSurface(Surface):
    model = MarketFigure
    section = "insights"
    columns = (
        "division",
        "kind",
        "indication",
        "class_name",
        Column("year", kind="text"),
        Column("value", kind="number"),
        Column("source", sortable=False),
        Column("updated_at", label=_("Changed"), kind="date", is_default=False),
    )
    filters = ("division", "kind", "indication", "year", ARCHIVED)
    order = ("-year", "id")
    form = ("division", "kind", "indication", "class_name", "year", "value", "source")
    importer = MarketFigureImporter
    services = {
        "create": services.market_figure_create,
        "update": services.market_figure_update,
        "archive": services.market_figure_archive,
    }


@register
class TargetListSurface(Surface):
    model = TargetList
    section = "insights"
    columns = ("name", "product", "product_line", "as_of", "review_on", "made_by")
    filters = ("product", "product_line", "as_of", "review_on", ARCHIVED)
    order = ("-as_of", "-id")
    form = ("name", "review_on")
    services = {"update": services.target_list_update, "archive": services.target_list_archive}


@register
class TargetItemSurface(Surface):
    model = TargetItem
    section = "insights"
    columns = (
        "institution",
        "target_list",
        "product",
        "region",
        # Computed, so that they are no fields over REST, which knows no rights of columns (X2).
        Column("quadrant_seen", label=_("Quadrant"), value=TargetItem.get_quadrant_display, right=SEE),
        Column("growth_seen", label=_("Growth of the region"), kind="percent", value=_growth, right=SEE),
        Column("basis_seen", label=_("Growth by"), value=TargetItem.get_basis_display, right=SEE),
        "match",
        "position",
        "decision",
        "reason",
        "review_on",
        Column("decided_at", kind="date", is_default=False),
    )
    filters = (
        "target_list",
        "institution",
        "product",
        "region",
        Filter("quadrant", right=SEE),
        "position",
        "decision",
        "review_on",
    )
    order = ("-match", "id")
    actions = (
        BulkAction(
            "assign",
            _("Assign"),
            services.target_items_assign,
            "insights.targetitem:edit",
            form_fields=("position",),
            icon="user",
        ),
    )


@register
class ValueReportSurface(Surface):
    model = ValueReport
    section = "insights"
    columns = (
        "title",
        "selection",
        "as_of",
        "customers",
        "made_by",
        Column("created_at", kind="date", is_default=False),
    )
    filters = ("as_of",)
    order = ("-id",)
    panels = (Panel("facts", fields=("title", "selection", "as_of", "customers")),)
