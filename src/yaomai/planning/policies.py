"""Figures of this room: what each tier is owed how often, when it is late, what a day holds."""

from collections.abc import Iterable
from typing import Any, ClassVar, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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
    minutes: int = figure(30, label=_("Takes"), origin="assumed", unit="count", ge=5, le=480, help=_("Minutes."))
    origin: str = figure("assumed", label=_("Origin"), origin="")


def _cadence(
    scheme: str, tier: str, activity: Activity, every: int, unit: Unit, origin: str, role: str = "", minutes: int = 30
) -> Cadence:
    return Cadence(
        scheme=scheme, tier=tier, activity=activity.value, every=every, unit=unit, role=role, minutes=minutes,
        origin=origin,
    )  # fmt: skip


DEFAULT_CADENCES: tuple[Cadence, ...] = (
    _cadence("four_tiers", "strategic", Activity.EXECUTIVE_FORUM, 3, "month", "S1 高层互访计划：每季度", minutes=180),
    _cadence("four_tiers", "strategic", Activity.EXECUTIVE_VISIT, 2, "month", "S1 高层拜访：每两个月", minutes=60),
    _cadence("four_tiers", "core", Activity.CORE_VISIT, 2, "week", "S1 区域经理每两周上门拜访", minutes=45),
    _cadence("four_tiers", "potential", Activity.FEEDBACK_VISIT, 1, "week", "S1 每周上门收集用药反馈", minutes=30),
    _cadence("four_tiers", "ordinary", Activity.TOUCH, 1, "month", "S1 每月推送产品资讯", minutes=5),
    _cadence("kol_levels", "core_kol", Activity.ACADEMIC_SERVICE, 3, "month", "S2 定制化学术服务：每季度", minutes=60),
    _cadence("kol_levels", "core_kol", Activity.LITERATURE_PACK, 1, "month", "S2 领域文献包：每月", minutes=15),
    _cadence("kol_levels", "core_kol", Activity.CASE_SALON, 3, "month", "S2 区域病例沙龙：每季度", minutes=180),
    _cadence("kol_levels", "potential", Activity.CLINICAL_NEWS, 1, "month", "S2 科室相关临床资讯：每月", minutes=10),
    _cadence("kol_levels", "potential", Activity.CASE_SALON, 6, "month", "S2 青年医师病例沙龙：每半年", minutes=180),
    _cadence("kol_levels", "basic", Activity.CLINICAL_NEWS, 6, "month", "S2 线上工具低频触达；频次 assumed", minutes=5),
    _cadence("kam_abc", "a", Activity.CORE_VISIT, 2, "week", "S3 按重要性定频次；频次 assumed", minutes=45),
    _cadence("commercial_abc", "a", Activity.SALES_REPORT, 1, "month", "S4 专属商务经理：每月销售分析报告", minutes=60),
    _cadence("commercial_abc", "b", Activity.NEEDS_SURVEY, 3, "month", "S4 需求调研：每季度", minutes=30),
    _cadence("commercial_abc", "c", Activity.CALLBACK, 6, "month", "S4 标准回访；频次 assumed", minutes=10),
    _cadence("visit_classes", "key", Activity.ACADEMIC_VISIT, 2, "week", "S3 按重要性定频次；频次 assumed", minutes=20),
    _cadence("visit_classes", "potential", Activity.ACADEMIC_VISIT, 1, "month", "S3 按重要性定频次；频次 assumed", minutes=20),
    _cadence("visit_classes", "general", Activity.ACADEMIC_VISIT, 3, "month", "S3 按重要性定频次；频次 assumed", minutes=15),
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

    def of(self, scheme: str, tier: str) -> list[Cadence]:
        """Return what a tier is owed."""
        return [each for each in self.cadences if each.scheme == scheme and each.tier == tier]

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


def activities(rows: Iterable[Cadence]) -> frozenset[str]:
    """Return the activities of some rows."""
    return frozenset(row.activity for row in rows)
