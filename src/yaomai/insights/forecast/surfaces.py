"""Lists of sales forecasts and of signs of stock."""

from typing import Any

from django.utils.translation import gettext_lazy

from yaomai.insights.forecast import presenting
from yaomai.insights.models.forecasts import Forecast, StockSign
from yaomai.kit.surfaces import Column, Surface, register
from yaomai.kit.surfaces.filters import Filter


def _span(row: Forecast) -> str:
    return presenting.span(row)


def _usual(row: StockSign) -> Any:
    return f"{row.usual_days:g}"


@register
class ForecastSurface(Surface):
    model = Forecast
    section = "insights"
    columns = (
        "territory",
        "product",
        "group",
        Column("next_month", kind="short_money"),
        Column("span", label=gettext_lazy("80 % between"), value=_span),
        Column("ahead", kind="short_money"),
        Column("last_year", kind="short_money"),
        Column("wrong", kind="percent"),
        Column("wrong_year", kind="percent"),
        Column("wrong_naive", kind="percent", is_default=False),
        Column("scaled", kind="number", is_default=False),
        Column("covered", kind="percent", is_default=False),
        Column("is_rough", is_default=False),
    )
    filters = ("territory", "product", "group", "ahead", Filter("is_rough", kind="flag"))
    order = ("-ahead", "-id")


@register
class StockSignSurface(Surface):
    model = StockSign
    section = "insights"
    columns = (
        "institution",
        "product",
        "kind",
        "last_on",
        Column("usual", label=gettext_lazy("Usual interval (days)"), value=_usual),
        "covered_to",
        Column("money", kind="short_money"),
        Column("bought", kind="number", is_default=False),
        Column("daily", kind="number", is_default=False),
    )
    filters = ("kind", "product", "institution", "last_on")
    order = ("-money", "-id")
