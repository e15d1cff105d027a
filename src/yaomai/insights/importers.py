"""Imports of this room."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from yaomai.insights import services
from yaomai.insights.models import MarketFigure
from yaomai.kit.transfer.columns import Choice, Column, ColumnKind
from yaomai.kit.transfer.registry import register_importer
from yaomai.kit.transfer.service_importer import ServiceImporter


@register_importer
class MarketFigureImporter(ServiceImporter):
    """Market figures by region, figure, disease or class, and year; the same again corrects the value."""

    name = "insights.market_figure"
    label = _("Market figures")
    results = ("insights:marketfigure_list", _("See the market figures"))
    right = "insights.marketfigure:import"
    model = MarketFigure
    keys: ClassVar[Sequence[Sequence[str]]] = (
        ("division", "kind", "indication", "year"),
        ("division", "kind", "class_name", "year"),
    )
    references: ClassVar[Mapping[str, Sequence[str]]] = {
        "division": ("code", "full_name", "name"),
        "indication": ("code", "name"),
    }
    columns: ClassVar[Sequence[Column]] = (
        Column("division", _("Region"), ColumnKind.REFERENCE, required=True, example="310000",
               synonyms=("地区", "区域", "省份", "城市", "地市", "行政区划", "省市", "区域代码", "行政区划代码", "region"),
               hint=_("Code or full name of a province or city.")),
        Column("kind", _("Figure"), ColumnKind.CHOICE, required=True,
               choices=(
                   Choice(MarketFigure.Kind.MARKET, _("Market size (CNY)"), ("市场规模", "市场容量", "销售额", "market")),
                   Choice(MarketFigure.Kind.INCIDENCE, _("New cases per 100,000"), ("发病率", "新发病例", "incidence")),
               ),
               synonyms=("指标", "数据类型", "指标类型", "口径", "数据口径", "指标名称", "figure", "indicator", "metric")),
        Column("indication", _("Disease"), ColumnKind.REFERENCE,
               synonyms=("疾病", "病种", "适应症", "适应证", "疾病名称", "疾病编码", "ICD编码", "ICD-10", "disease", "indication"),
               hint=_("Code or name, as in the catalogue; or fill in the therapeutic class.")),
        Column("class_name", _("Therapeutic class"), length=200,
               synonyms=("治疗类别", "药理分类", "治疗领域", "品类", "品类名称", "药品类别", "ATC类别", "治疗大类", "class", "therapeutic area")),
        Column("year", _("Year"), ColumnKind.INTEGER, required=True, minimum=1990, maximum=2100, example="2025",
               synonyms=("年份", "年度", "统计年份", "数据年份", "统计年度", "数据年度", "所属年份", "所属年度", "calendar year")),
        Column("value", _("Value"), ColumnKind.DECIMAL, required=True, minimum=0, digits=18, example="185000000",
               synonyms=("数值", "数据", "金额", "市场规模（元）", "发病率（1/10万）", "指标值", "数据值", "统计值", "amount", "figure value")),
        Column("source", _("Source"), required=True, length=200, example="2025年卫生健康统计年鉴，第86页",
               synonyms=("来源", "数据来源", "出处", "资料来源", "引用", "参考文献", "数据出处", "信息来源", "reference", "source of data")),
    )  # fmt: skip
    create = staticmethod(services.market_figure_create)
    update = staticmethod(services.market_figure_update)

    def find(self, values: Any, context: Any) -> Any:
        """Return the figure that a row corrects; one that was withdrawn is none."""
        found = super().find(values, context)
        return found if found is None or found.archived_at is None else None
