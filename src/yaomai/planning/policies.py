"""Figures of this room: what each tier is owed how often, when it is late, what a day holds."""

from calendar import monthrange
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import model_validator

from yaomai.kit.policies import Policy, figure
from yaomai.kit.policies.schema import Document
from yaomai.kit.ui import formats
from yaomai.organization.roles import ROLES
from yaomai.planning.models.words import Activity
from yaomai.segmentation.policies import scheme_words, tier_words

Unit = Literal["week", "month"]


def _activity_words(_document: Any) -> dict[str, Promise | str]:
    return {activity.value: activity.label for activity in Activity}


def _role_words(_document: Any) -> dict[str, str]:
    return {"": str(_("Owner of the tier")), **{
        role.code: role.name if formats.language() == "zh" else role.name_en for role in ROLES
    }}  # fmt: skip


def _unit_words(_document: Any) -> dict[str, Promise | str]:
    return {"week": _("weeks"), "month": _("months")}


class Cadence(Document):
    """How often customers of a tier are owed an activity, and by whom."""

    scheme: str = figure(label=_("Scheme"), origin="", choices=scheme_words)
    tier: str = figure(label=_("Tier"), origin="", choices=tier_words)
    activity: str = figure(label=_("Activity"), origin="", choices=_activity_words)
    every: int = figure(label=_("Once every"), origin="", ge=1, le=52)
    unit: Unit = figure(label=_("Weeks or months"), origin="", choices=_unit_words)
    role: str = figure(
        "", label=_("Owed by"), origin="S1 §五", choices=_role_words,
        help=_("Whoever holds the role nearest above the customer's territory."),
    )  # fmt: skip
    minutes: int = figure(30, label=_("Takes"), origin="assumed", unit="minute", ge=5, le=480)
    topic: str = figure("", label=_("Topic"), origin="", max_length=200)
    result: str = figure("", label=_("Expected result"), origin="", max_length=200)
    origin: str = figure("assumed", label=_("Origin"), origin="")


def _cadence(
    scheme: str, tier: str, activity: Activity, every: int, unit: Unit, origin: str, minutes: int = 30, topic: str = "",
    result: str = "",
) -> Cadence:  # fmt: skip
    return Cadence(
        scheme=scheme, tier=tier, activity=activity.value, every=every, unit=unit, minutes=minutes, topic=topic,
        result=result, origin=origin,
    )  # fmt: skip


DEFAULT_CADENCES: tuple[Cadence, ...] = (
    _cadence("four_tiers", "strategic", Activity.EXECUTIVE_FORUM, 3, "month", "S1 高层互访计划：每季度", minutes=180,
             topic="品牌战略与行业趋势交流", result="双方高层确认下季度合作重点"),
    _cadence("four_tiers", "strategic", Activity.EXECUTIVE_VISIT, 2, "month", "S1 高层拜访：每两个月", minutes=60,
             topic="合作进展与需求回顾", result="确认一项待解决的需求及负责人"),
    _cadence("four_tiers", "core", Activity.CORE_VISIT, 2, "week", "S1 区域经理每两周上门拜访", minutes=45,
             topic="动销与处方趋势、客户痛点", result="找出一个痛点并约定解决办法"),
    _cadence("four_tiers", "potential", Activity.FEEDBACK_VISIT, 1, "week", "S1 每周上门收集用药反馈", minutes=30,
             topic="收集用药反馈：血压控制、不良反应", result="带回至少两条可记录的反馈"),
    _cadence("four_tiers", "ordinary", Activity.TOUCH, 1, "month", "S1 每月推送产品资讯", minutes=5),
    _cadence("kol_levels", "core_kol", Activity.ACADEMIC_SERVICE, 3, "month", "S2 定制化学术服务：每季度", minutes=60,
             topic="研究设计与共识撰写支持", result="明确下一步学术合作内容"),
    _cadence("kol_levels", "core_kol", Activity.LITERATURE_PACK, 1, "month", "S2 领域文献包：每月", minutes=15),
    _cadence("kol_levels", "core_kol", Activity.CASE_SALON, 3, "month", "S2 区域病例沙龙：每季度", minutes=180,
             topic="区域病例沙龙，专家担任主席", result="形成一份可分享的病例总结"),
    _cadence("kol_levels", "potential", Activity.CLINICAL_NEWS, 1, "month", "S2 科室相关临床资讯：每月", minutes=10),
    _cadence("kol_levels", "potential", Activity.CASE_SALON, 6, "month", "S2 青年医师病例沙龙：每半年", minutes=180,
             topic="青年医师病例沙龙", result="两位青年医师完成病例汇报"),
    _cadence("kol_levels", "basic", Activity.CLINICAL_NEWS, 6, "month", "S2 线上工具低频触达；频次 assumed", minutes=5),
    _cadence("kam_abc", "a", Activity.CORE_VISIT, 2, "week", "S3 按重要性定频次；频次 assumed", minutes=45,
             topic="准入与科室需求沟通", result="推进一个准入节点或确认一项需求"),
    _cadence("commercial_abc", "a", Activity.SALES_REPORT, 1, "month", "S4 专属商务经理：每月销售分析报告", minutes=60),
    _cadence("commercial_abc", "b", Activity.NEEDS_SURVEY, 3, "month", "S4 需求调研：每季度", minutes=30),
    _cadence("commercial_abc", "c", Activity.CALLBACK, 6, "month", "S4 标准回访；频次 assumed", minutes=10),
    _cadence("visit_classes", "key", Activity.ACADEMIC_VISIT, 2, "week", "S3 按重要性定频次；频次 assumed", minutes=20,
             topic="适应症证据与用药经验交流", result="了解一个未满足的临床需求"),
    _cadence("visit_classes", "potential", Activity.ACADEMIC_VISIT, 1, "month", "S3 按重要性定频次；频次 assumed", minutes=20,
             topic="适应症证据与用药经验交流", result="了解一个未满足的临床需求"),
    _cadence("visit_classes", "general", Activity.ACADEMIC_VISIT, 3, "month", "S3 按重要性定频次；频次 assumed", minutes=15,
             topic="最新临床证据介绍", result="补全一项客户档案信息"),
)  # fmt: skip


class CadencePolicy(Policy):
    """C1–C15: what each tier is owed, how often and by whom; from when it is late."""

    name: ClassVar[str] = "planning.cadence"
    label: ClassVar[Promise | str] = _("Service cadence")
    help: ClassVar[Promise | str] = _("How often customers of a tier are owed an activity, and by which role.")

    cadences: tuple[Cadence, ...] = figure(DEFAULT_CADENCES, label=_("Owed per tier"), origin="S1 S2 S3 S4")
    months_ahead: int = figure(
        12, label=_("Duties are laid out for"), origin="assumed", unit="months", ge=1, le=24,
        help=_("So far ahead plans can reach."),
    )  # fmt: skip
    soon_days: int = figure(
        7, label=_("Due soon within"), origin="assumed", unit="days", ge=0, le=60,
    )  # fmt: skip
    missed_after: int = figure(
        14, label=_("Counts as missed after"), origin="assumed", unit="days", ge=0, le=180,
        help=_("Until then a late report still counts, as late."),
    )  # fmt: skip
    callbacks: int = figure(
        8, label=_("Callbacks per person and month"), origin="S4 每人每月主动回访；次数原文缺失，assumed", unit="count",
        ge=0, le=200,
    )  # fmt: skip
    callbacks_from: int = figure(
        15, label=_("Whoever is short of callbacks is told from this day of the month"), origin="assumed", ge=1, le=28
    )  # fmt: skip

    def of(self, scheme: str, tier: str) -> list[Cadence]:
        """Return what a tier is owed."""
        return [each for each in self.cadences if each.scheme == scheme and each.tier == tier]

    def topic(self, scheme: str, tier: str, activity: str) -> tuple[str, str]:
        """Return what a visit of a tier is about and what it shall reach; empty where the policy says nothing."""
        return next(((row.topic, row.result) for row in self.of(scheme, tier) if row.activity == activity), ("", ""))

    def minutes(self, activity: str, *, scheme: str = "", tier: str = "") -> int:
        """Return how long an activity takes: of its tier where the policy says so."""
        same = [each for each in self.cadences if each.activity == activity]
        for each in same:
            if (each.scheme, each.tier) == (scheme, tier):
                return each.minutes
        return same[0].minutes if same else 30


def unsound(policy: CadencePolicy) -> dict[str, list[Any]]:
    """Return what contradicts itself, by field: an activity is owed to a tier by one row only."""
    found: dict[str, list[Any]] = {}
    seen: set[tuple[str, str, str]] = set()
    for number, row in enumerate(policy.cadences):
        key = (row.scheme, row.tier, row.activity)
        if key in seen:
            found[f"cadences.{number}.activity"] = [_("This tier is owed this activity by another row already.")]
        seen.add(key)
    return found


_CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"


class DayPolicy(Policy):
    """C16, E6: what a working day holds, and what a good plan is."""

    name: ClassVar[str] = "planning.day"
    label: ClassVar[Promise | str] = _("Working day and plan")
    help: ClassVar[Promise | str] = _(
        "What a day of visits holds, and how plans weigh value, ways, spacing and change."
    )

    morning_from: str = figure("08:30", label=_("Morning from"), origin="assumed", pattern=_CLOCK)
    morning_to: str = figure("12:00", label=_("Morning to"), origin="assumed", pattern=_CLOCK)
    afternoon_from: str = figure("13:30", label=_("Afternoon from"), origin="assumed", pattern=_CLOCK)
    afternoon_to: str = figure("17:30", label=_("Afternoon to"), origin="assumed", pattern=_CLOCK)
    visits: int = figure(8, label=_("Visits a day at most"), origin="assumed", unit="count", ge=1, le=20)
    visits_per_half: int = figure(5, label=_("Visits a half-day at most"), origin="assumed", unit="count", ge=1, le=10)
    speed: Decimal = figure(
        Decimal(25), label=_("Kilometres an hour"), origin="assumed", gt=0, le=200, help=_("Door to door.")
    )
    speed_between: Decimal = figure(
        Decimal(200), label=_("Kilometres an hour between cities"), origin="assumed", gt=0, le=900,
        help=_("By train, door to door."),
    )  # fmt: skip
    best_value: Decimal = figure(
        Decimal(4), label=_("Points of a visit of the highest tier"), origin="S3 按重要性；分值 assumed", gt=0, le=100
    )
    lowest_value: Decimal = figure(
        Decimal(1), label=_("Points of a visit of the lowest tier"), origin="S3 按重要性；分值 assumed", gt=0, le=100
    )
    spacing: Decimal = figure(
        Decimal("0.4"), label=_("Apart at least"), origin="assumed", unit="ratio", ge=0, le=1,
        help=_("Of the length of the window, from one visit of an activity to the next."),
    )  # fmt: skip
    travel_hour: Decimal = figure(
        Decimal("0.5"), label=_("An hour on the way costs"), origin="assumed", unit="points", ge=0, le=100
    )
    off_middle: Decimal = figure(
        Decimal("0.3"),
        label=_("A visit at the edge of its window costs"),
        origin="assumed",
        unit="points",
        ge=0,
        le=100,
    )
    crowded: Decimal = figure(
        Decimal("0.05"), label=_("A visit in a crowded week costs"), origin="assumed", unit="points", ge=0, le=100
    )
    change: Decimal = figure(
        Decimal("0.5"), label=_("Moving an agreed visit costs"), origin="assumed", unit="points", ge=0, le=100
    )
    most_moved: Decimal = figure(
        Decimal("0.1"), label=_("Of the other visits of the next weeks may move"), origin="assumed", unit="ratio", ge=0, le=1,
        help=_("When a plan is made anew after a disturbance."),
    )  # fmt: skip
    seconds: int = figure(
        20, label=_("A plan is computed for"), origin="assumed", unit="count", ge=1, le=600, help=_("Seconds at most.")
    )
    meeting_minutes: int = figure(
        30, label=_("A half-day is lost beyond"), origin="assumed", unit="count", ge=0, le=240,
        help=_("Minutes of leave or meetings in it."),
    )  # fmt: skip
    near: Decimal = figure(
        Decimal("0.01"), label=_("Good enough when this close to the bound"), origin="assumed", unit="ratio", ge=0, le=1
    )

    @model_validator(mode="after")
    def _in_order(self) -> "DayPolicy":
        if not self.morning_from < self.morning_to <= self.afternoon_from < self.afternoon_to:
            raise ValueError(str(_("Morning and afternoon must follow each other.")))
        return self

    def hours(self) -> float:
        """Return how many hours of visits a working day has."""
        first, second, third, fourth = (
            time.fromisoformat(text)
            for text in (self.morning_from, self.morning_to, self.afternoon_from, self.afternoon_to)
        )
        minutes = (second.hour - first.hour + fourth.hour - third.hour) * 60
        return (minutes + second.minute - first.minute + fourth.minute - third.minute) / 60


HEAVIEST_MONTH = 1000


class GoalPolicy(Policy):
    """E2, E4: how a year is broken down, and when a goal says enough."""

    name: ClassVar[str] = "planning.goals"
    label: ClassVar[Promise | str] = _("Goals")
    help: ClassVar[Promise | str] = _(
        "The seasons by which goals are broken down, and when a goal says enough to be final."
    )

    months: tuple[Decimal, ...] = figure(
        tuple(Decimal(weight) for weight in ("85", "70", "105", "100", "105", "100", "95", "95", "105", "90", "110", "110")),
        label=_("Weight of the months"), origin="S3 年→季→月→周；权重 assumed", min_length=12, max_length=12,
        help=_("January to December; only their proportions count."),
    )  # fmt: skip
    shortest_text: int = figure(
        6, label=_("Shortest text that says anything"), origin="assumed", unit="count", ge=1, le=100
    )

    @model_validator(mode="after")
    def _above_zero(self) -> "GoalPolicy":
        if any(not 0 < weight <= HEAVIEST_MONTH for weight in self.months):
            raise ValueError(str(_("Every month has a weight above zero, of 1,000 at most.")))
        return self

    def season(self, since: date, until: date) -> Decimal:
        """Return the weight of a period: of its months, or of its part of a month."""
        total, day = Decimal(0), since
        while day < until:
            total += self.months[day.month - 1] / Decimal(monthrange(day.year, day.month)[1])
            day += timedelta(days=1)
        return total
