"""Figures of this room: where the axes of target hospitals are cut, what a match is made of, and the example rules."""

from decimal import Decimal
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import model_validator

from yaomai.engine.inputs import Label
from yaomai.insights.rules import Condition, MatchFigures
from yaomai.kit.policies import Policy, figure
from yaomai.kit.policies.schema import Document

_AXES = "S4：区域市场增长率 × 产品适应症匹配度"
LARGE_CITIES = tuple(
    "北京 上海 广州 深圳 成都 重庆 杭州 武汉 苏州 西安 南京 长沙 天津 郑州 东莞 青岛 昆明 宁波 合肥 佛山 沈阳 无锡 济南 厦门"  # noqa: SIM905 — read as a list
    " 福州 温州 金华 哈尔滨 大连 贵阳 南宁 泉州 石家庄 长春 南昌 惠州 常州 嘉兴 徐州 南通 太原 保定 珠海 中山 兰州 临沂 潍坊"
    " 烟台 绍兴".split()
)


class TargetPolicy(Policy):
    """A18: the two axes of target hospitals, their cut-offs, and when a growth may be trusted."""

    name: ClassVar[str] = "insights.targets"
    label: ClassVar[Promise | str] = _("Target hospitals")
    help: ClassVar[Promise | str] = _("Regional growth × product match: cut-offs, points of a match, least volumes.")

    growth_cut: Decimal = figure(
        Decimal("0.10"), label=_("High growth from"), unit="ratio", origin=f"{_AXES}；分界 assumed", ge=-1, le=5
    )
    match_cut: int = figure(60, label=_("High match from"), unit="score", origin=f"{_AXES}；分界 assumed", ge=0, le=100)
    fewest_buyers: int = figure(
        5, label=_("Buyers from which a growth counts"), unit="count", origin="assumed", ge=1, le=1000,
        help=_("With fewer the growth of sales flow is said to be uncertain and is not used."),
    )  # fmt: skip
    least_amount: Decimal = figure(
        Decimal(50_000), label=_("Purchases of the year before from which a growth counts"), unit="CNY",
        origin="assumed", ge=0, le=1_000_000_000,
    )  # fmt: skip
    prefers_market: bool = figure(
        True, label=_("Published market figures go before own sales flow"), origin="assumed",
        help=_("Where both are known for a region."),
    )  # fmt: skip
    department_points: int = figure(
        60, label=_("Points of a target department"), unit="points", origin="assumed", ge=0, le=100
    )
    patients_points: int = figure(
        20, label=_("Points of patients of the indication"), unit="points", origin="assumed", ge=0, le=100
    )
    patients_full: int = figure(
        800, label=_("Patients per year that earn all of them"), unit="count", origin="assumed", ge=1, le=1_000_000
    )
    grade_points: dict[str, int] = figure(
        default_factory=lambda: {"3": 20, "2": 12, "1": 4}, label=_("Points of the level"), origin="assumed"
    )
    most_saved: int = figure(500, label=_("Hospitals on a list at most"), unit="count", origin="assumed", ge=1, le=5000)
    review_days: int = figure(90, label=_("A list is reviewed after"), unit="days", origin="assumed", ge=1, le=730)

    @model_validator(mode="after")
    def _a_hundred(self) -> "TargetPolicy":
        if self.department_points + self.patients_points + max(self.grade_points.values(), default=0) != 100:
            raise ValueError(str(_("The points of department and patients and the best level must add up to 100.")))
        return self

    @property
    def match_figures(self) -> MatchFigures:
        """Return what a match is made of."""
        return MatchFigures(self.department_points, self.patients_points, self.patients_full, self.grade_points)


class TargetRule(Document):
    """When a hospital fits, what to do there. Every condition that is set must hold."""

    code: str = figure(label=_("Rule"), origin="", min_length=1, max_length=40, pattern="^[a-z_]+$")
    action: Label = figure(label=_("What to do"), origin="S4")
    in_smaller_cities: bool = figure(False, label=_("Only outside the large cities"), origin="")
    disease: str = figure(
        "", label=_("Rising disease"), origin="", max_length=8, help=_("Beginning of the disease code: C for cancer.")
    )
    disease_growth: Decimal = figure(
        Decimal(0), label=_("Its incidence grows by more than"), unit="ratio", origin="assumed", ge=-1, le=5
    )
    least_beds: int = figure(0, label=_("Beds at least"), unit="count", origin="assumed", ge=0, le=20_000)
    levels: tuple[str, ...] = figure((), label=_("Levels"), origin="assumed")
    only_general: bool = figure(False, label=_("Only general hospitals"), origin="")


class TargetRulesPolicy(Policy):
    """The documents' example rules for target hospitals."""

    name: ClassVar[str] = "insights.target_rules"
    label: ClassVar[Promise | str] = _("Rules for target hospitals")
    help: ClassVar[Promise | str] = _("What to do at which hospital, as the documents give it by example.")

    rules: tuple[TargetRule, ...] = figure(
        default_factory=lambda: (
            TargetRule(
                code="rising_cancer", in_smaller_cities=True, disease="C",
                action=Label(zh="癌症发病率上升的三线城市：优先推广创新靶向药",
                             en="Cancer is rising outside the large cities: put the innovative targeted drug first"),
            ),
            TargetRule(
                code="large_general", least_beds=800, levels=("3",), only_general=True,
                action=Label(zh="大型综合医院：提供诊断+治疗联合方案",
                             en="Large general hospital: offer a combined plan of diagnosis and treatment"),
            ),
        ),
        label=_("Rules for target hospitals"), origin="S4",
    )  # fmt: skip
    large_cities: tuple[str, ...] = figure(
        LARGE_CITIES, label=_("Large cities"),
        origin="assumed（一线、新一线、二线城市的通行名单；其余地级市按三线及以下）",
    )  # fmt: skip
    specialist_words: tuple[str, ...] = figure(
        ("中医", "妇幼", "妇产", "儿童", "口腔", "眼科", "肿瘤", "精神", "传染", "骨科", "康复", "胸科", "皮肤"),
        label=_("Words that tell a specialist hospital"), origin="assumed",
        help=_("A hospital without any of them in its name counts as general."),
    )  # fmt: skip

    def conditions(self) -> list[Condition]:
        """Return the rules as plain conditions."""
        cities = frozenset(self.large_cities)
        return [
            Condition(
                each.code,
                cities if each.in_smaller_cities else None,
                each.disease,
                each.disease_growth,
                each.least_beds,
                frozenset(each.levels),
                self.specialist_words if each.only_general else (),
            )
            for each in self.rules
        ]

    def action_of(self, code: str, language: str) -> str:
        """Return what a rule says to do; its code when the policy has it no more."""
        found = next((each for each in self.rules if each.code == code), None)
        return found.action.in_language(language) if found is not None else code


class ValuePolicy(Policy):
    """N1: what a customer value report warns of."""

    name: ClassVar[str] = "insights.value"
    label: ClassVar[Promise | str] = _("Customer value report")
    help: ClassVar[Promise | str] = _("From when returns, a fall or a thin profile become something to do.")

    returns_share: Decimal = figure(
        Decimal("0.05"), label=_("Returns are much from this share of purchases"), unit="ratio", origin="assumed",
        ge=0, le=1,
    )  # fmt: skip
    rise: Decimal = figure(
        Decimal("0.20"),
        label=_("A customer rises from this growth"),
        unit="ratio",
        origin="J8：年度目标 +20%",
        ge=0,
        le=5,
    )
    one_product: Decimal = figure(
        Decimal("0.80"), label=_("One product dominates from this share"), unit="ratio", origin="assumed", ge=0, le=1
    )
    completeness: int = figure(50, label=_("A profile is thin below"), unit="percent", origin="assumed", ge=0, le=100)
    most: int = figure(
        5000, label=_("Customers in one report at most"), unit="count", origin="assumed", ge=1, le=20_000
    )
