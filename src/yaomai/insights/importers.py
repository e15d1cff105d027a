"""Imports of this room."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _

from yaomai.catalog.models import Division, Product
from yaomai.insights import services
from yaomai.insights.models import MarketFigure, PolicyEvent
from yaomai.kit.transfer.columns import Choice, Column, ColumnKind
from yaomai.kit.transfer.registry import Context, register_importer
from yaomai.kit.transfer.service_importer import Doing, ServiceImporter, Values, one_of


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


SEPARATORS: Final = re.compile(r"[、,，;；\n]+")


@register_importer
class PolicyEventImporter(ServiceImporter):
    """Policy events by title and day of effect; the same again corrects what it says."""

    name = "insights.policy_event"
    label = _("Policy events")
    results = ("insights:policyevent_list", _("See the policy events"))
    right = "insights.policyevent:import"
    model = PolicyEvent
    keys: ClassVar[Sequence[Sequence[str]]] = (("title", "effective_on"),)
    columns: ClassVar[Sequence[Column]] = (
        Column("title", _("Title"), required=True, length=120, example="第十一批国家组织药品集采",
               synonyms=("事件名称", "政策名称", "政策标题", "名称", "政策事件", "文件名称", "采购批次", "title of policy")),
        Column("kind", _("Kind"), ColumnKind.CHOICE, required=True,
               choices=(
                   Choice("vbp", _("Volume-based procurement"), ("集采", "带量采购", "VBP")),
                   Choice("nrdl", _("Insurance catalogue"), ("医保目录", "医保", "NRDL")),
                   Choice("drg", _("DRG or DIP payment"), ("DRG", "DIP", "DRG/DIP", "支付方式")),
                   Choice("other", _("Other policy"), ("其他",)),
               ),
               synonyms=("政策类型", "事件类型", "类别", "政策类别", "kind of policy")),
        Column("effective_on", _("Takes effect on"), ColumnKind.DATE, required=True, example="2027-01-01",
               synonyms=("执行日期", "执行时间", "生效日期", "实施日期", "落地时间", "执行日", "effective date")),
        Column("regions", _("Regions"), length=500, example="江苏省、浙江省",
               synonyms=("适用地区", "执行地区", "省份", "执行省份", "覆盖地区", "适用范围", "region"),
               hint=_("Separated by 、; empty: the whole country.")),
        Column("products", _("Our products"), length=500, example="安衡平",
               synonyms=("涉及产品", "我方产品", "品种", "涉及品种", "产品编码", "products"),
               hint=_("Codes or names, separated by 、.")),
        Column("generic_names", _("Generic names"), length=300, synonyms=("通用名", "药品通用名", "涉及通用名", "generic name")),
        Column("price_low", _("Change of price, at worst"), ColumnKind.DECIMAL, minimum=-1, maximum=10, digits=4,
               example="-0.6", synonyms=("价格变化下限", "降价幅度（最差）", "价格变化最差", "最大降幅", "price change low")),
        Column("price_high", _("Change of price, at best"), ColumnKind.DECIMAL, minimum=-1, maximum=10, digits=4,
               example="-0.4", synonyms=("价格变化上限", "降价幅度（最好）", "价格变化最好", "最小降幅", "price change high")),
        Column("volume_low", _("Change of volume, at worst"), ColumnKind.DECIMAL, minimum=-1, maximum=10, digits=4,
               example="0", synonyms=("用量变化下限", "销量变化下限", "用量变化最差", "volume change low")),
        Column("volume_high", _("Change of volume, at best"), ColumnKind.DECIMAL, minimum=-1, maximum=10, digits=4,
               example="0.2", synonyms=("用量变化上限", "销量变化上限", "用量变化最好", "volume change high")),
        Column("source", _("Source"), required=True, length=200, example="国家医保局公告2026年第12号",
               synonyms=("来源", "文件号", "发文机关", "出处", "政策文件", "发布机构", "文号", "source of policy")),
        Column("source_url", _("Link to the source"), length=500, synonyms=("原文链接", "链接", "网址", "来源链接", "url", "link")),
        Column("note", _("Note"), length=2000, synonyms=("备注", "说明", "备注说明", "remark")),
    )  # fmt: skip
    create = staticmethod(services.policy_event_create)
    update = staticmethod(services.policy_event_update)

    def _told(self, values: Values) -> dict[str, Any]:
        """Return what a row says, with regions and products as rows."""
        told = {name: value for name, value in values.items() if value not in (None, "")}
        several: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
            ("regions", Division, ("code", "full_name", "name")), ("products", Product, ("code", "name")),
        )  # fmt: skip
        for name, model, lookups in several:
            if name in told:
                parts = [part for text in SEPARATORS.split(told[name]) if (part := text.strip())]
                told[name] = [one_of(model, lookups, part, name) for part in parts]
        return told

    def find(self, values: Values, context: Context) -> Any:
        """Return the event that a row corrects; a closed one is none."""
        found = super().find(values, context)
        return found if found is None or found.archived_at is None else None

    def make(self, values: Values, context: Context, doing: Doing) -> Any:
        """Record an event."""
        return services.policy_event_create(actor=context.actor, now=context.now, **self._told(values))

    def differing(self, row: Any, values: Values) -> Values:
        """Return what a row says differently, regions and products included."""
        told = self._told(values)
        found = super().differing(
            row, {name: value for name, value in told.items() if name not in ("regions", "products")}
        )
        for name in ("regions", "products"):
            if name in told and set(getattr(row, name).all()) != set(told[name]):
                found[name] = told[name]
        return found
