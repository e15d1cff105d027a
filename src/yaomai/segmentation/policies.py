"""The figures of segmentation: one policy per scheme, and what each tier is served with."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Literal

from django.utils.translation import gettext_lazy as _

from yaomai.engine.schemes import default_schemes
from yaomai.engine.scorecards import SchemeSpec
from yaomai.kit.policies import Policy, figure
from yaomai.kit.policies.schema import Document
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.ui import formats
from yaomai.organization.roles import ROLES


def _spec(scheme: str) -> Any:
    return figure(
        label=_("Scheme"), origin=default_schemes()[scheme].origin, default_factory=lambda: default_schemes()[scheme]
    )


class SchemePolicy(Policy):
    """A tier scheme whose figures are in force from a date."""

    scheme: ClassVar[str] = ""

    spec: SchemeSpec = figure(label=_("Scheme"), origin="")


class FourTiers(SchemePolicy):
    """B1–B5: 战略, 核心, 潜力, 普通."""

    name = "segmentation.four_tiers"
    label = _("Scheme 1: four tiers")
    scheme = "four_tiers"

    spec: SchemeSpec = _spec("four_tiers")


class KeyAccountAbc(SchemePolicy):
    """B6–B7: ABC of key account management."""

    name = "segmentation.kam_abc"
    label = _("Scheme 2: key account ABC")
    scheme = "kam_abc"

    spec: SchemeSpec = _spec("kam_abc")


class KolLevels(SchemePolicy):
    """B8: KOL, potential, basic."""

    name = "segmentation.kol_levels"
    label = _("Scheme 3: KOL levels")
    scheme = "kol_levels"

    spec: SchemeSpec = _spec("kol_levels")


class VisitClasses(SchemePolicy):
    """B9: classes of the visit plan."""

    name = "segmentation.visit_classes"
    label = _("Scheme 4: visit-plan classes")
    scheme = "visit_classes"

    spec: SchemeSpec = _spec("visit_classes")


class CommercialAbc(SchemePolicy):
    """B10: ABC by purchases, influence and fit."""

    name = "segmentation.commercial_abc"
    label = _("Scheme 5: commercial ABC")
    scheme = "commercial_abc"

    spec: SchemeSpec = _spec("commercial_abc")


class StrategicOpportunityBase(SchemePolicy):
    """B11: strategic, opportunity, base."""

    name = "segmentation.strategic_opportunity_base"
    label = _("Scheme 6: strategic, opportunity, base")
    scheme = "strategic_opportunity_base"

    spec: SchemeSpec = _spec("strategic_opportunity_base")


class Rfm(SchemePolicy):
    """B12–B14: RFM with the policy overlay, short and long term."""

    name = "segmentation.rfm"
    label = _("RFM with policy overlay")
    scheme = "rfm"

    spec: SchemeSpec = _spec("rfm")


class PrescriberPotential(SchemePolicy):
    """A3, X1: patients of the department × match with the label × stated willingness."""

    name = "segmentation.prescriber_potential"
    label = _("Scorecard: high-potential customers")
    scheme = "prescriber_potential"

    spec: SchemeSpec = _spec("prescriber_potential")


class AcademicInfluence(SchemePolicy):
    """A4: offices, publications, studies, guidelines."""

    name = "segmentation.academic_influence"
    label = _("Scorecard: academic influence")
    scheme = "academic_influence"

    spec: SchemeSpec = _spec("academic_influence")


class DecisionPower(SchemePolicy):
    """A5: seats, places in the purchasing path, voice per product."""

    name = "segmentation.decision_power"
    label = _("Scorecard: administrative decision power")
    scheme = "decision_power"

    spec: SchemeSpec = _spec("decision_power")


SCHEME_POLICIES: tuple[type[SchemePolicy], ...] = (
    FourTiers,
    KeyAccountAbc,
    KolLevels,
    VisitClasses,
    CommercialAbc,
    StrategicOpportunityBase,
    Rfm,
    PrescriberPotential,
    AcademicInfluence,
    DecisionPower,
)


def scheme_words(_document: Any) -> dict[str, str]:
    """Return what a policy calls each scheme, for its choices."""
    return {name: spec.label.in_language(formats.language()) for name, spec in default_schemes().items()}


def tier_words(_document: Any) -> dict[str, str]:
    """Return what a policy calls each tier, for its choices."""
    tiers = [tier for spec in default_schemes().values() for tier in spec.tiers]
    return {tier.name: tier.label.in_language(formats.language()) for tier in reversed(tiers)}


def _role_words(_document: Any) -> dict[str, str]:
    return {role.code: role.name if formats.language() == "zh" else role.name_en for role in ROLES}


class TierService(Document):
    """What one tier is served with in a year."""

    scheme: str = figure(label=_("Scheme"), origin="", choices=scheme_words)
    tier: str = figure(label=_("Tier"), origin="", choices=tier_words)
    owner_role: str = figure("", label=_("Owner role"), origin="", choices=_role_words)
    contacts: int = figure(label=_("Contacts per year"), origin="", unit="count", ge=0, le=366)
    budget: Decimal = figure(Decimal(0), label=_("Budget per year"), origin="", unit="CNY", ge=0, le=100_000_000)
    level_zh: str = figure("", label=_("Service level (Chinese)"), origin="")
    level_en: str = figure("", label=_("Service level (English)"), origin="")
    origin: str = figure("assumed", label=_("Origin"), origin="")


def _service(
    scheme: str, tier: str, role: str, contacts: int, budget: int, zh: str, en: str, origin: str
) -> TierService:
    return TierService(
        scheme=scheme, tier=tier, owner_role=role, contacts=contacts, budget=Decimal(budget), level_zh=zh, level_en=en,
        origin=origin,
    )  # fmt: skip


# Cadence and owner from the documents; budgets are not given there.
DEFAULT_SERVICE: tuple[TierService, ...] = (
    _service("four_tiers", "strategic", "sales_director", 10, 60000, "高层联动 + 定制化价值输出：专属服务小组，每两月高层拜访，每季高层互访",
             "Executive alignment and tailored value: dedicated team, executive visit every two months, forum every quarter",
             "S1 §三(一), §五; 预算 assumed"),
    _service("four_tiers", "core", "area_manager", 26, 24000, "深度需求挖掘 + 销售支持：区域经理每两周上门拜访",
             "Needs and sales support: the area manager visits every two weeks", "S1 §三(二); 预算 assumed"),
    _service("four_tiers", "potential", "representative", 52, 10000, "教育引导 + 资源倾斜：每周上门收集用药反馈",
             "Education and tilted resources: weekly visit collecting feedback", "S1 §三(三); 预算 assumed"),
    _service("four_tiers", "ordinary", "customer_service", 12, 1000, "标准化服务 + 效率优化：每月触达，24小时热线",
             "Standard service: monthly touch, hotline within 24 hours", "S1 §三(四); 预算 assumed"),
    _service("kam_abc", "a", "key_account_manager", 24, 40000, "项目组服务，高层对接", "Project team, executive access", "assumed"),
    _service("kam_abc", "b", "area_manager", 12, 15000, "重点维护", "Priority care", "assumed"),
    _service("kam_abc", "c", "representative", 4, 3000, "标准维护", "Standard care", "assumed"),
    _service("kol_levels", "core_kol", "medical_manager", 16, 30000, "定制化学术服务每季一次，文献包每月一份",
             "Tailored academic service every quarter, literature pack every month", "S2; 预算 assumed"),
    _service("kol_levels", "potential", "representative", 14, 8000, "临床资讯每月一次，青年医师病例沙龙每半年一次",
             "Clinical news monthly, case salon half-yearly", "S2; 预算 assumed"),
    _service("kol_levels", "basic", "representative", 2, 500, "线上工具低频触达", "Online tools, low touch", "S2; 频次 assumed"),
    _service("visit_classes", "key", "representative", 24, 12000, "重点拜访", "Key visits", "assumed"),
    _service("visit_classes", "potential", "representative", 12, 5000, "培育拜访", "Development visits", "assumed"),
    _service("visit_classes", "general", "representative", 4, 1000, "常规拜访", "Routine visits", "assumed"),
    _service("commercial_abc", "a", "commerce_manager", 12, 30000, "专属商务经理与医学团队，每月销售分析报告",
             "Dedicated commercial manager and medical team, sales analysis monthly", "S4; 预算 assumed"),
    _service("commercial_abc", "b", "commerce_manager", 4, 8000, "每季需求调研，订单问题优先处理",
             "Needs survey every quarter, order problems first", "S4; 预算 assumed"),
    _service("commercial_abc", "c", "customer_service", 2, 1000, "线上自助与标准回访", "Self-service and standard callbacks", "S4; 频次 assumed"),
    _service("strategic_opportunity_base", "strategic", "key_account_manager", 24, 40000, "战略合作", "Strategic cooperation", "assumed"),
    _service("strategic_opportunity_base", "opportunity", "area_manager", 12, 15000, "机会培育", "Opportunity development", "assumed"),
    _service("strategic_opportunity_base", "base", "representative", 4, 2000, "基础覆盖", "Base coverage", "assumed"),
    _service("prescriber_potential", "high", "representative", 24, 6000, "重点学术拜访，科室会优先", "Priority academic visits and department meetings", "assumed"),
    _service("prescriber_potential", "medium", "representative", 12, 2000, "定期学术拜访", "Regular academic visits", "assumed"),
    _service("prescriber_potential", "low", "representative", 4, 300, "线上资讯为主", "Mostly online information", "assumed"),
    _service("academic_influence", "leading", "medical_manager", 16, 20000, "学术经理对接，学术合作优先", "Medical manager, academic cooperation first", "assumed"),
    _service("academic_influence", "active", "medical_manager", 8, 5000, "学术会议与文献服务", "Meetings and literature", "assumed"),
    _service("academic_influence", "other", "representative", 4, 500, "文献推送", "Literature by mail", "assumed"),
    _service("decision_power", "decides", "key_account_manager", 12, 8000, "KA经理对接，合规级别最高", "Key account manager, strictest compliance", "assumed"),
    _service("decision_power", "takes_part", "key_account_manager", 6, 2000, "按准入进程沟通", "Contact as the listing process needs", "assumed"),
    _service("decision_power", "other", "representative", 2, 300, "常规维护", "Routine care", "assumed"),
    _service("rfm", "highest", "commerce_manager", 24, 20000, "最高优先级", "Highest priority", "assumed"),
    _service("rfm", "high", "commerce_manager", 12, 8000, "高优先级", "High priority", "assumed"),
    _service("rfm", "medium", "representative", 6, 3000, "中优先级", "Medium priority", "assumed"),
    _service("rfm", "low", "customer_service", 2, 500, "低优先级", "Low priority", "assumed"),
)  # fmt: skip


class PotentialPolicy(Policy):
    """A3, X1: how well a department matches a product's label, in points."""

    name = "segmentation.potential"
    label = _("Match with the label")
    help = _("Points of a department that sees patients with a disease on the label of one of our products.")

    target_points: Decimal = figure(
        Decimal(100), label=_("Target department of the product"), unit="points", origin="assumed", ge=0, le=100
    )
    related_points: Decimal = figure(
        Decimal(60), label=_("Related to a target department"), unit="points", origin="assumed", ge=0, le=100,
        help=_("Above, below or beside it in the list of standard departments."),
    )  # fmt: skip
    other_points: Decimal = figure(
        Decimal(20), label=_("Any other department"), unit="points", origin="assumed", ge=0, le=100
    )


class FastUpgrade(Document):
    """When a customer of a tier is proposed for a better one at once."""

    scheme: str = figure(label=_("Scheme"), origin="", choices=scheme_words)
    tier_before: str = figure(label=_("From tier"), origin="", choices=tier_words)
    tier: str = figure(label=_("To tier"), origin="", choices=tier_words)
    measure: Literal["surge", "growth"] = figure(
        label=_("Measured by"), origin="",
        choices=lambda _document: {
            "surge": _("the month against the average of the three before"),
            "growth": _("the month against the month before"),
        },
    )  # fmt: skip
    at_least: Decimal = figure(label=_("Rise of at least"), origin="", unit="ratio", ge=0, le=100)
    least_money: Decimal = figure(
        Decimal(1000), label=_("Rise in money of at least"), origin="assumed", unit="CNY", ge=0, le=100_000_000
    )
    origin: str = figure("assumed", label=_("Origin"), origin="")


class ReviewPolicy(Policy):
    """B15–B18: when a customer counts as a mover, which ones are lifted at once, and how long a decision holds."""

    name = "segmentation.review"
    label = _("Review of tiers")
    help = _("Thresholds of the monthly signals, fast upgrades, and how long a decided tier holds against new runs.")

    swing: Decimal = figure(
        Decimal("0.3"), label=_("Purchases moved by at least"), unit="ratio", origin="S4 采购波动；界限 assumed",
        ge=0, le=10, help=_("The month against the average of the three before."),
    )  # fmt: skip
    least_money: Decimal = figure(
        Decimal(5000), label=_("Moves below this are left out"), unit="CNY", origin="assumed", ge=0, le=100_000_000,
        help=_("Difference in the month."),
    )  # fmt: skip
    competitor_rise: Decimal = figure(
        Decimal(10), label=_("Competitors gained at least"), unit="points", origin="S4 竞品渗透率；界限 assumed",
        ge=1, le=100,
    )  # fmt: skip
    satisfaction_fall: Decimal = figure(
        Decimal(10), label=_("Satisfaction fell at least"), unit="points", origin="S4 合作满意度；界限 assumed",
        ge=1, le=100,
    )  # fmt: skip
    satisfied: Decimal = figure(
        Decimal(70), label=_("Content from"), unit="points", origin="assumed", ge=0, le=100,
        help=_("Satisfaction from here on is shown as good."),
    )  # fmt: skip
    dissatisfied: Decimal = figure(
        Decimal(40), label=_("Discontent below"), unit="points", origin="assumed", ge=0, le=100,
        help=_("Satisfaction below is shown as bad."),
    )  # fmt: skip
    hold_months: int = figure(
        3, label=_("A decided tier holds for"), unit="months", origin="S4 每季度", ge=1, le=24,
        help=_("Until then no run changes it; afterwards the tier of the run in force returns."),
    )  # fmt: skip
    fast: tuple[FastUpgrade, ...] = figure(
        (
            FastUpgrade(scheme="commercial_abc", tier_before="c", tier="b", measure="surge", at_least=Decimal(1),
                        origin="S4 C类升B类；倍数 assumed"),
            FastUpgrade(scheme="four_tiers", tier_before="potential", tier="core", measure="growth",
                        at_least=Decimal("0.2"), origin="S1 月增长≥20%"),
        ),
        label=_("Fast upgrades"),
        origin="S4, S1",
    )  # fmt: skip
    most_on_agenda: int = figure(
        200, label=_("Most changes of a run on the agenda of a meeting"), unit="count", origin="assumed", ge=1, le=2_000,
        help=_("The best ranked first; the rest follows the run when it is published."),
    )  # fmt: skip
    most_proposals: int = figure(
        500, label=_("Most type proposals of one type at a time"), unit="count", origin="assumed", ge=1, le=20_000,
        help=_("The best ranked first."),
    )  # fmt: skip


class ServicePolicy(Policy):
    """B21, M1: service level, owner, cadence and budget per tier; and when service counts as off."""

    name = "segmentation.service"
    label = _("Service per tier")
    help = _("What each tier is owed in a year, who owns it, and when a customer counts as over- or under-served.")

    tiers: tuple[TierService, ...] = figure(DEFAULT_SERVICE, label=_("Service per tier"), origin="")
    under_served: Decimal = figure(
        Decimal("0.7"),
        label=_("Under-served below this share of the contacts owed"),
        unit="ratio",
        origin="assumed",
        ge=0,
        le=1,
    )
    over_served: Decimal = figure(
        Decimal("1.5"),
        label=_("Over-served above this share of the contacts owed"),
        unit="ratio",
        origin="assumed",
        ge=1,
        le=20,
    )

    def of(self, scheme: str, tier: str) -> TierService | None:
        """Return the service of a tier, None when the policy says nothing of it."""
        return next((item for item in self.tiers if item.scheme == scheme and item.tier == tier), None)


def unsound(policy: ServicePolicy, schemes: Iterable[SchemeSpec]) -> dict[str, list[Any]]:
    """Return what is inconsistent, by field: every tier of the schemes in force is served by exactly one row."""
    tiers = {(spec.name, tier.name): tier for spec in schemes for tier in spec.tiers}
    roles = {"", *_role_words(None)}
    found: dict[str, list[Any]] = {}
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(policy.tiers):
        if (row.scheme, row.tier) not in tiers:
            found[f"tiers.{number}.tier"] = [_("The scheme has no such tier. Choose another, or remove the row.")]
        elif (row.scheme, row.tier) in seen:
            found[f"tiers.{number}.tier"] = [_("This tier has a row already. Keep one of them.")]
        if row.owner_role not in roles:
            found[f"tiers.{number}.owner_role"] = [_("There is no such role.")]
        seen.add((row.scheme, row.tier))
    schemes_said = scheme_words(None)
    if missing := [key for key in tiers if key not in seen]:
        names = formats.listed(
            f"{schemes_said.get(scheme, scheme)} · {tiers[scheme, tier].label.in_language(formats.language())}"
            for scheme, tier in missing
        )
        found["tiers"] = [
            _("These tiers have no row, so nobody would owe their customers anything: %(tiers)s.") % {"tiers": names}
        ]
    return found


def unsound_review(policy: ReviewPolicy, schemes: Iterable[SchemeSpec]) -> dict[str, list[Any]]:
    """Return what is inconsistent, by field: a fast upgrade lifts from a tier of its scheme to a better one, and nobody
    is content and discontent at once.
    """
    orders = {spec.name: [tier.name for tier in spec.tiers] for spec in schemes}
    found: dict[str, list[Any]] = {}
    if policy.dissatisfied > policy.satisfied:
        found["dissatisfied"] = [_("This lies above the points from which a customer is content.")]
    for number, rule in enumerate(policy.fast):
        order = orders.get(rule.scheme, [])
        for name in ("tier_before", "tier"):
            if getattr(rule, name) not in order:
                found[f"fast.{number}.{name}"] = [_("The scheme has no such tier. Choose another, or remove the row.")]
        if rule.tier in order and rule.tier_before in order and order.index(rule.tier) >= order.index(rule.tier_before):
            found[f"fast.{number}.tier"] = [_("Choose a tier above the one that it begins from.")]
    return found


def service_on(day: date) -> ServicePolicy:
    """Return what tiers are owed on a day."""
    policy, _version = policy_on(ServicePolicy, on=day)
    return policy
