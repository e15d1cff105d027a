"""Figures of evaluations: when a figure is odd, goals of tiers, how soon is re-checked; what a strategy review weighs."""

from decimal import Decimal
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.engine.inputs import Label
from yaomai.insights.evaluations.rules import Limits
from yaomai.kit.policies import Policy, figure
from yaomai.kit.policies.schema import Document

NO_GOAL = Decimal(1)


class TierGoal(Document):
    """What a tier is to reach."""

    tier: str = figure(label=_("Tier"), origin="", min_length=1, max_length=60)
    satisfaction: Decimal = figure(label=_("Satisfaction at least"), origin="", unit="points", ge=0, le=100)
    lost: Decimal = figure(label=_("Churn at most"), origin="", unit="ratio", ge=0, le=1)


def _tier(tier: str, satisfaction: int, lost: str) -> TierGoal:
    return TierGoal(tier=tier, satisfaction=Decimal(satisfaction), lost=Decimal(lost))


class EvaluationPolicy(Policy):
    """J10–J13: what an evaluation calls odd, and when an improvement is re-checked."""

    name: ClassVar[str] = "insights.evaluations"
    label: ClassVar[Promise | str] = _("Evaluations")
    help: ClassVar[Promise | str] = _(
        "From which move a figure is to be explained, and how soon an improvement is due and re-checked."
    )

    purchases_fall: Decimal = figure(
        Decimal("0.10"), label=_("Purchases fell by at least"), unit="ratio", origin="assumed", ge=0, le=1,
        help=_("Against the period before and against the same period last year: a season is no anomaly."),
    )  # fmt: skip
    visits_fall: Decimal = figure(
        Decimal("0.20"), label=_("Visits per customer fell by at least"), unit="ratio", origin="assumed", ge=0, le=1
    )
    lost_rise: Decimal = figure(
        Decimal("0.02"), label=_("Churn rose by at least"), unit="ratio", origin="assumed", ge=0, le=1,
        help=_("Of all customers who bought before; 0.02 is two in a hundred."),
    )  # fmt: skip
    satisfaction_fall: Decimal = figure(
        Decimal(5), label=_("Satisfaction fell by at least"), unit="points", origin="assumed", ge=0, le=100
    )
    needs_rise: Decimal = figure(
        Decimal("0.20"), label=_("Needs nobody followed up rose by at least"), unit="ratio", origin="assumed", ge=0,
        le=10,
    )  # fmt: skip
    goals: tuple[TierGoal, ...] = figure(
        default_factory=lambda: (
            _tier("strategic", 90, "0.02"), _tier("core", 85, "0.05"), _tier("potential", 80, "0.08"),
            _tier("ordinary", 75, "1"),
        ),
        label=_("Goals of tiers"), origin="J1、J3：各层级满意度与流失率目标",
        help=_("A churn of 1 is no goal."),
    )  # fmt: skip
    fewest: int = figure(
        5, label=_("A tier is judged from so many customers"), unit="count", origin="assumed", ge=1, le=1000
    )
    due_days: int = figure(30, label=_("A measure is due after"), unit="days", origin="assumed", ge=1, le=365)
    recheck_days: int = figure(
        60, label=_("It is re-checked after"), unit="days", origin="J13；assumed", ge=7, le=730,
        help=_("Counted from the day on which it is due: one whole period should have passed."),
    )  # fmt: skip
    recheck_least: Decimal = figure(
        Decimal("0.05"), label=_("A re-check counts as better or worse from"), unit="ratio", origin="assumed", ge=0,
        le=1,
    )  # fmt: skip
    recheck_points: Decimal = figure(
        Decimal("0.01"), label=_("The same of churn"), unit="ratio", origin="assumed", ge=0, le=1
    )

    def limits(self, measure: str, tier: str, value_goal: Decimal) -> Limits:
        """Return when a figure of a tier is odd."""
        goals = next((each for each in self.goals if each.tier == tier), None)
        if measure == "lost":
            has_goal = goals is not None and goals.lost < NO_GOAL
            return Limits(float(self.lost_rise), float(goals.lost) if goals and has_goal else None, self.fewest)
        if measure == "satisfaction":
            goal = float(goals.satisfaction) if goals is not None else None
            return Limits(float(self.satisfaction_fall), goal, 1)
        if measure == "value":
            # J12: value is to grow by the goal, so less growth than that is odd.
            return Limits(-float(value_goal), None, self.fewest)
        falls = {"purchases": self.purchases_fall, "visits": self.visits_fall, "needs": self.needs_rise}
        return Limits(float(falls[measure]), None, self.fewest)


class Alternative(Document):
    """One answer that a strategy review weighs."""

    code: str = figure(
        label=pgettext_lazy("strategy", "Alternative"), origin="", min_length=1, max_length=40, pattern="^[a-z_]+$"
    )
    text: Label = figure(label=pgettext_lazy("advice", "What to do"), origin="assumed")
    occasion: str = figure(
        label=_("After events of this kind"), origin="", pattern="^(|vbp|nrdl|drg|other|competitor)$",
        help=_("vbp, nrdl, drg, other or competitor; empty: after all."),
    )  # fmt: skip
    origin: str = figure("assumed", label=_("Origin"), origin="")


def _alternative(code: str, occasion: str, zh: str, en: str, origin: str = "assumed") -> Alternative:
    return Alternative(code=code, occasion=occasion, text=Label(zh=zh, en=en), origin=origin)


class StrategyPolicy(Policy):
    """J14: what a market, policy or competitor event asks the strategy."""

    name: ClassVar[str] = "insights.strategy"
    label: ClassVar[Promise | str] = _("Strategy reviews")
    help: ClassVar[Promise | str] = _(
        "Which alternatives a review weighs after which event, and how soon it is decided."
    )

    decide_days: int = figure(14, label=_("Decided within"), unit="days", origin="assumed", ge=1, le=180)
    fewest_signals: int = figure(
        2, label=_("Customers at which competitors gained, from which a region reviews its strategy"), unit="count",
        origin="assumed", ge=1, le=1000,
    )  # fmt: skip
    alternatives: tuple[Alternative, ...] = figure(
        default_factory=lambda: (
            _alternative("academic", "nrdl", "医保新增：加大对战略客户的学术支持，优先安排科室会和病例讨论",
                         "Newly reimbursed: more academic support for strategic customers, meetings of departments first",
                         "J14：医保新增→更多战略学术支持"),
            _alternative("listing", "nrdl", "把资源集中到尚未进院的目标医院，推动药事会评审",
                         "Put resources where the product is not listed yet, and bring it to the committees"),
            _alternative("volume", "vbp", "按协议量重排拜访与供货，保障中选品种完成进度",
                         "Rearrange visits and supply by agreed volumes"),
            _alternative("shift", "vbp", "把投入转向院外渠道与非集采品种",
                         "Move resources to retail and to products outside the procurement"),
            _alternative("cost", "drg", "以病组费用和日均治疗成本重做科室沟通方案",
                         "Rework what departments are told: cost of the group and of a day of treatment"),
            _alternative("defend", "competitor", "守住战略与核心客户：提高拜访频次，复核价格与商务条款",
                         "Hold strategic and core customers: more visits, check prices and terms"),
            _alternative("differ", "competitor", "用差异化临床证据回应竞品，重点科室开展学术活动",
                         "Answer with evidence that sets us apart, in the departments that matter"),
            _alternative("retier", "", "复核受影响客户的分层与目标，必要时调整",
                         "Check tiers and goals of the affected customers"),
            _alternative("keep", "", "维持现有策略，约定日期再看", "Keep the strategy and look again on a day"),
        ),
        label=pgettext_lazy("strategy", "Alternatives"), origin="J14",
    )  # fmt: skip

    def of(self, occasion: str) -> list[Alternative]:
        """Return what is weighed after an event."""
        return [each for each in self.alternatives if each.occasion in ("", occasion)]
