"""Figures of this room."""

from decimal import Decimal
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yaomai.engine.claims.settings import Settings
from yaomai.integrity.words import CRISES, DETECTORS
from yaomai.kit.approvals.registry import role_words
from yaomai.kit.policies import Policy, figure
from yaomai.kit.policies.schema import Document

_K9 = "S4 K9；数值 assumed"


class Weight(Document):
    """How much the word of a detector counts."""

    detector: str = figure(label=_("Detector"), origin=_K9, choices=lambda _document: DETECTORS)
    weight: Decimal = figure(
        Decimal(1), label=_("Weight"), origin="assumed，由处理结果学习", unit="ratio", ge=0, le=1, decimal_places=2
    )


def _weights() -> tuple[Weight, ...]:
    return tuple(Weight(detector=code, weight=Decimal(1)) for code in DETECTORS)


class WatchPolicy(Policy):
    """Where the detectors begin to speak, and how much each counts."""

    name: ClassVar[str] = "integrity.watch"
    label: ClassVar[Promise | str] = _("Watch")
    help: ClassVar[Promise | str] = _("A finding becomes a case when strength times weight reaches the least score.")

    months: int = figure(13, label=_("Looks back"), origin="assumed", unit="months", ge=1, le=60)
    least_score: Decimal = figure(
        Decimal("0.4"), label=_("Least score of a case"), origin="assumed", unit="ratio", ge=0, le=1
    )
    split_limit: Decimal = figure(
        Decimal(1000), label=_("Parts below this that exceed it together"), origin=_K9, unit="CNY", ge=1, le=10_000_000
    )
    split_days: int = figure(3, label=_("Parts lie apart at most"), origin=_K9, unit="days", ge=0, le=60)
    round_to: int = figure(
        100, label=_("An amount is round when this divides it"), origin=_K9, unit="CNY", ge=1, le=100_000
    )
    least_lines: int = figure(20, label=_("Habits are judged from"), origin=_K9, unit="count", ge=2, le=10_000,
                              help=_("Lines of a person."))  # fmt: skip
    deviation: Decimal = figure(
        Decimal(4), label=_("Standard deviations beyond what is usual"), origin=_K9, ge=1, le=20
    )
    most_cities: int = figure(3, label=_("Cities on one day that are too many"), origin=_K9, unit="count", ge=2, le=20)
    pair_share: Decimal = figure(
        Decimal("0.3"), label=_("Share of somebody's spending on one recipient"), origin=_K9, unit="ratio", ge=0, le=1
    )
    value_times: Decimal = figure(
        Decimal(5), label=_("Times the spending that purchases explain"), origin=_K9, ge=Decimal("1.1"), le=1000
    )
    value_least: Decimal = figure(
        Decimal(2000),
        label=_("Spending on an institution is compared from"),
        origin=_K9,
        unit="CNY",
        ge=0,
        le=10_000_000,
    )
    night_from: int = figure(22, label=_("Night begins at"), origin=_K9, unit="hours", ge=0, le=23)
    night_to: int = figure(6, label=_("Night ends at"), origin=_K9, unit="hours", ge=0, le=23)
    ring_links: int = figure(
        3, label=_("Invoices in a row that join two people"), origin=_K9, unit="count", ge=2, le=1000
    )
    weights: tuple[Weight, ...] = figure(
        default_factory=_weights, label=_("Weights of the detectors"), origin="assumed，由处理结果学习"
    )

    @property
    def settings(self) -> Settings:
        """The figures as the engine takes them."""
        shared = {name: getattr(self, name) for name in Settings.model_fields if hasattr(self, name)}
        return Settings.model_validate(
            {name: value if isinstance(value, int) else float(value) for name, value in shared.items()}
        )

    @property
    def weight_of(self) -> dict[str, float]:
        """The weight of every detector; one without a row counts in full."""
        return dict.fromkeys(DETECTORS, 1.0) | {each.detector: float(each.weight) for each in self.weights}


class SpeakUpPolicy(Policy):
    """The anonymous channel."""

    name: ClassVar[str] = "integrity.speak_up"
    label: ClassVar[Promise | str] = _("Anonymous reports")

    retention_days: int = figure(
        90, label=_("A closed report is deleted after"), origin="S4 K11；quality S10", unit="days", ge=30, le=3650
    )
    accept_days: int = figure(7, label=_("A report is taken on within"), origin="assumed", unit="days", ge=1, le=60)
    letters_a_day: int = figure(
        200, label=_("Most letters in a day"), origin="assumed", unit="count", ge=1, le=100_000,
        help=_("Against floods: there is nobody to block."),
    )  # fmt: skip
    most_files: int = figure(3, label=_("Files with one letter"), origin="assumed", unit="count", ge=0, le=10)


class DossierPolicy(Policy):
    """Inspection dossiers."""

    name: ClassVar[str] = "integrity.dossiers"
    label: ClassVar[Promise | str] = _("Inspection dossiers")

    keep_days: int = figure(
        180, label=_("The file of a dossier is deleted after"), origin="assumed", unit="days", ge=1, le=3650,
        help=_("It holds personal data. What was asked for and its digest stay; the file can be made again."),
    )  # fmt: skip


class PlanStep(Document):
    """A step of a plan."""

    role: str = figure(
        label=_("Who answers for it"), origin="S4 K12：法务、市场、财务联动", choices=lambda _document: role_words()
    )
    within_hours: Decimal = figure(label=_("Within"), origin="assumed", unit="hours", ge=0, le=8760)
    task: str = figure(label=_("What is done"), origin="S4 K12", min_length=1, max_length=300)


class Answer(Document):
    """A template of an answer; ［…］ marks what is filled in."""

    audience: str = figure(label=_("To whom"), origin="S4 K13", min_length=1, max_length=60)
    text: str = figure(label=_("Answer"), origin="S4 K13：标准化应答模板", min_length=1, max_length=2000)


class CrisisPlan(Document):
    """What is done when something happens."""

    kind: str = figure(
        label=_("Kind of event"), origin="S4 K12：监管问询、媒体曝光、客户投诉", choices=lambda _document: CRISES
    )
    steps: tuple[PlanStep, ...] = figure(default_factory=tuple, label=_("Steps"), origin="S4 K12")
    answers: tuple[Answer, ...] = figure(default_factory=tuple, label=_("Answers"), origin="S4 K13")


def _plan(kind: str, steps: tuple[tuple[str, str, str], ...], answers: tuple[tuple[str, str], ...]) -> CrisisPlan:
    return CrisisPlan(
        kind=kind,
        steps=tuple(PlanStep(role=role, within_hours=Decimal(hours), task=task) for role, hours, task in steps),
        answers=tuple(Answer(audience=audience, text=text) for audience, text in answers),
    )


def _plans() -> tuple[CrisisPlan, ...]:
    keep = ("compliance_officer", "1", "封存相关记录，建立证据链，通知法务与分管负责人")
    return (
        _plan("inquiry", (
            keep, ("legal", "2", "核对执法人员身份与文书，确定对接人"), ("legal", "24", "列出所需材料清单并确认提交期限"),
            ("finance", "24", "准备相关付款、发票与合同"), ("compliance_officer", "72", "提交材料并取得回执"),
        ), (("监管部门", "我公司已收到［文书编号］，指定［姓名］（［电话］）为联系人，将于［日期］前提交材料。"),)),
        _plan("media", (
            keep, ("marketing", "1", "收集报道原文与传播范围，记入舆情"), ("legal", "2", "核实事实，确定能说与不能说的内容"),
            ("marketing", "4", "按模板发布首次回应，指定唯一发言人"), ("sales_director", "8", "告知一线统一口径，不得自行回应"),
            ("compliance_officer", "24", "启动内部调查并决定是否主动披露"),
        ), (
            ("媒体", "我公司已关注到［报道］。我们高度重视，已成立调查组核实，将在［时间］前公布结果。"),
            ("客户", "关于［报道］，公司正在核实。供货与产品质量不受影响，如有问题请联系［姓名］。"),
        )),
        _plan("complaint", (
            ("sales_director", "1", "请客户服务致歉、记录诉求与联系方式，告知答复时间"), keep,
            ("medical_manager", "24", "涉及用药安全的，按不良反应流程报告"), ("sales_director", "48", "给出处理方案并确认满意"),
        ), (("客户", "非常抱歉给您带来困扰。您反映的［问题］我们已登记（［编号］），将在［时间］前答复您。"),)),
        _plan("safety", (
            ("medical_manager", "1", "核实病例，按药物警戒要求报告"), keep, ("supply_manager", "4", "锁定批号与流向，必要时停止发货"),
            ("legal", "24", "评估召回与通知义务"),
        ), (("医疗机构", "我公司收到［产品］［批号］的安全性信息，正在核实。请暂停使用该批号并联系［姓名］。"),)),
        _plan("data", (
            keep, ("compliance_officer", "1", "请系统管理员切断泄露途径、保全日志"), ("legal", "24", "判断通知监管部门与当事人的义务"),
            ("compliance_officer", "72", "通知当事人并说明补救措施"),
        ), (("当事人", "我们发现您的［信息种类］于［时间］可能被他人获知。我们已采取［措施］，建议您［建议］。"),)),
    )  # fmt: skip


class CrisisPolicy(Policy):
    """Plans for crises."""

    name: ClassVar[str] = "integrity.crises"
    label: ClassVar[Promise | str] = _("Plans for crises")

    plans: tuple[CrisisPlan, ...] = figure(
        default_factory=_plans, label=_("Plans"), origin="S4 K12、K13；步骤与时限 assumed"
    )
    drill_months: int = figure(
        6, label=_("A drill at least every"), origin="S4 K15；assumed", unit="months", ge=1, le=60
    )
    disclose_days: int = figure(
        15, label=_("A wrong is disclosed within"), origin="S4 K14；assumed", unit="days", ge=1, le=365
    )

    def plan(self, kind: str) -> CrisisPlan:
        """Return the plan for a kind of event; one without steps where there is none."""
        return next((plan for plan in self.plans if plan.kind == kind), CrisisPlan(kind=kind))


class RiskPolicy(Policy):
    """The risk register."""

    name: ClassVar[str] = "integrity.risks"
    label: ClassVar[Promise | str] = _("Risk register")

    high_from: int = figure(15, label=_("A risk is high from"), origin="assumed", unit="points", ge=2, le=25,
                            help=_("Likelihood times impact, 1 to 25."))  # fmt: skip
    middle_from: int = figure(8, label=_("A risk is middling from"), origin="assumed", unit="points", ge=2, le=25)


class DiligencePolicy(Policy):
    """Third parties."""

    name: ClassVar[str] = "integrity.third_parties"
    label: ClassVar[Promise | str] = _("Third parties")

    most_days: int = figure(
        731, label=_("Due diligence holds at most"), origin="SA6；assumed", unit="days", ge=30, le=1827
    )
    warn_days: int = figure(30, label=_("Reminder before it runs out"), origin="assumed", unit="days", ge=1, le=365)


class SamplingPolicy(Policy):
    """Audits by sample."""

    name: ClassVar[str] = "integrity.audits"
    label: ClassVar[Promise | str] = _("Audits by sample")

    every_months: int = figure(3, label=_("An audit at least every"), origin="S4 K10：定期；数值 assumed", unit="months",
                               ge=1, le=24)  # fmt: skip
    tolerable_share: Decimal = figure(
        Decimal("0.05"), label=_("Share of wrong money that can be borne"), origin="assumed", unit="ratio", ge=0, le=1
    )
