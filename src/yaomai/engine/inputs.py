"""What a scheme may measure (metrics of sales lines and shares of them, with labels and units), and what it may not."""

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, model_validator

Unit = Literal["money", "days", "ratio", "count", "months", "points", "date", "text", "tags", "flag"]


class Label(BaseModel):
    """A name in both languages of the product; one text alone serves for both."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: str
    en: str

    @model_validator(mode="before")
    @classmethod
    def _one_for_both(cls, given: Any) -> Any:
        return {"zh": given, "en": given} if isinstance(given, str) else given

    def in_language(self, language: str) -> str:
        """Give the name in "zh" or "en"."""
        return self.zh if language.startswith("zh") else self.en


class Labelled(BaseModel):
    """A part with a name for the code and a label for people; without a label it is shown by its name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    label: Label

    @model_validator(mode="before")
    @classmethod
    def _shown_by_its_name(cls, given: Any) -> Any:
        return {"label": given["name"], **given} if isinstance(given, dict) and "name" in given else given


class Attribute(Labelled):
    """An input: a metric, or a fact about the customer that sales lines do not hold."""

    unit: Unit = "count"
    note: str = ""


def _metric(name: str, zh: str, en: str, unit: Unit) -> tuple[str, Attribute]:
    return name, Attribute(name=name, label=Label(zh=zh, en=en), unit=unit)


METRICS: Final[dict[str, Attribute]] = dict(
    [
        _metric("recency_days", "距最近一次采购天数", "days since the last order", "days"),
        _metric("tenure_days", "合作天数", "days since the first order", "days"),
        _metric("frequency", "累计采购天数", "order days, ever", "count"),
        _metric("monetary", "累计采购额", "amount, ever", "money"),
        _metric("orders_12m", "近12个月采购天数", "order days in 12 months", "count"),
        _metric("active_months_12m", "近12个月有采购的月数", "months with an order in 12 months", "months"),
        _metric("amount_12m", "近12个月采购额", "amount in 12 months", "money"),
        _metric("amount_prior_12m", "上一个12个月采购额", "amount in the 12 months before", "money"),
        _metric("amount_3m", "近3个月采购额", "amount in 3 months", "money"),
        _metric("amount_prior_3m", "之前3个月采购额", "amount in the 3 months before", "money"),
        _metric("quantity_12m", "近12个月采购数量", "quantity in 12 months", "count"),
        _metric("margin_12m", "近12个月毛利", "margin in 12 months", "money"),
        _metric("products_12m", "近12个月采购产品数", "products in 12 months", "count"),
        _metric("product_lines_12m", "近12个月产品线数", "product lines in 12 months", "count"),
        _metric("growth_monthly", "月均增速", "growth per month", "ratio"),
        _metric("growth_yearly", "年增速", "growth per year", "ratio"),
        _metric("margin_rate", "毛利率", "margin rate", "ratio"),
        _metric("interval_days", "平均采购间隔天数", "days between orders", "days"),
        _metric("share", "占全部采购额比例", "share of all purchases", "ratio"),
        _metric("channel_share", "占同类机构采购额比例", "share of purchases of its kind", "ratio"),
    ]
)
"""The inputs that every scheme has: `yaomai.engine.metrics`, and two shares of `amount_12m`, of all customers and of
those with the same `institution_type`."""
