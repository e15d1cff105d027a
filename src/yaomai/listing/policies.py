"""Figures of this room: how long a stage takes, which step is lawful there, and what a seat counts."""

from decimal import Decimal
from typing import Annotated, Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import Field, model_validator

from yaomai.engine.inputs import Label
from yaomai.kit.policies import Policy, figure
from yaomai.kit.policies.schema import Document
from yaomai.listing.rules import STAGES

_PATH = "S0 二.2 采购流程关键节点"


class StageFigures(Document):
    """One stage of the path."""

    stage: str = figure(label=_("Stage"), origin=_PATH)
    expected_days: int = figure(label=_("Usual duration"), origin="assumed", unit="days", ge=1, le=1000)
    step: Label = figure(
        label=_("Lawful next step"), origin="《医药代表备案管理办法（试行）》；《医药企业防范商业贿赂风险合规指引》"
    )


def _stages() -> tuple[StageFigures, ...]:
    told = {
        "application": (20, "请临床科室按医院流程提交新药申请，提供说明书与获批证据",
                        "Ask the department to apply by the hospital's procedure; hand over label and approved evidence"),
        "department": (30, "在备案与医院许可下召开科室会，介绍适应症、证据与研究局限性",
                       "Hold a department meeting with filing and consent on file: indication, evidence, limitations"),
        "pharmacy": (30, "向药剂科提交完整资料：资质、医保、集采、供应保障；不得提供任何利益",
                     "Give the pharmacy complete papers: licences, reimbursement, procurement, supply; no benefit of any kind"),
        "committee": (60, "由药剂科统一提交评审资料；不得单独影响评审委员",
                      "The pharmacy submits the papers; committee members may not be influenced one by one"),
        "purchasing": (30, "核对挂网价格、配送商与合同条款，按院方采购程序办理",
                       "Check platform price, distributor and contract terms; follow the hospital's purchasing procedure"),
        "insurance": (20, "与医保办核对支付标准、限定支付范围与编码",
                      "Check payment standard, limits of payment and codes with the insurance office"),
    }  # fmt: skip
    return tuple(
        StageFigures(stage=stage, expected_days=told[stage][0], step=Label(zh=told[stage][1], en=told[stage][2]))
        for stage in STAGES
    )


class PipelinePolicy(Policy):
    """How a product moves into a hospital, and when forecasts may be trusted."""

    name: ClassVar[str] = "listing.pipeline"
    label: ClassVar[Promise | str] = _("Listing pipeline")
    help: ClassVar[Promise | str] = _("Stages with usual durations and lawful steps; figures of the forecast.")

    stages: tuple[StageFigures, ...] = figure(default_factory=_stages, label=_("Stages"), origin=_PATH)
    fewest_cases: int = figure(
        5, label=_("Cases from which a stage's own durations count"), origin="assumed", ge=1, le=1000,
        help=_("With fewer, the usual duration is taken."),
    )  # fmt: skip
    stuck_factor: Decimal = figure(
        Decimal("1.5"), label=_("Stuck after this multiple of the usual duration"), origin="assumed", ge=1, le=20
    )

    @model_validator(mode="after")
    def _whole_path(self) -> "PipelinePolicy":
        if tuple(each.stage for each in self.stages) != tuple(STAGES):
            raise ValueError(str(_("Name every stage of the path once, in its order.")))
        return self

    def of(self, stage: str) -> StageFigures:
        """Return the figures of a stage."""
        return next(each for each in self.stages if each.stage == stage)


Points = Annotated[int, Field(ge=0, le=100)]
Factor = Annotated[Decimal, Field(ge=0, le=1)]


class DecisionPolicy(Policy):
    """What a seat, a place on the path and a voice count for decision power (A5)."""

    name: ClassVar[str] = "listing.decision"
    label: ClassVar[Promise | str] = _("Decision power")
    help: ClassVar[Promise | str] = _("Points from 0 to 100 for seats, places on the path and voices.")

    seat_points: dict[str, Points] = figure(
        default_factory=lambda: {"chair": 100, "vice_chair": 80, "secretary": 60, "member": 50},
        label=_("Points of a seat"), origin="S0 二.2 药事会成员构成；分值 assumed",
    )  # fmt: skip
    stage_points: dict[str, Points] = figure(
        default_factory=lambda: {
            "application": 30, "department": 50, "pharmacy": 80, "committee": 70, "purchasing": 70, "insurance": 60,
        },
        label=_("Points of a place on the path"), origin=f"{_PATH}；分值 assumed",
    )  # fmt: skip
    voice_factor: dict[str, Factor] = figure(
        default_factory=lambda: {"decisive": Decimal(1), "strong": Decimal("0.8"), "ordinary": Decimal("0.6")},
        label=_("Factor of the voice"), origin="assumed",
    )  # fmt: skip


def unsound(policy: DecisionPolicy) -> dict[str, list[Any]]:
    """Return what is inconsistent, by field: a seat, stage or voice that has no figure, or does not exist."""
    known = {name: set(figures) for name, figures in DecisionPolicy().model_dump().items()}
    found: dict[str, list[Any]] = {}
    for name, figures in policy.model_dump().items():
        for code in sorted(set(figures) - known[name]):
            found[f"{name}.{code}"] = [_("There is no such entry. Remove it.")]
        if missing := sorted(known[name] - set(figures)):
            found[name] = [_("Needed here: %(names)s.") % {"names": ", ".join(missing)}]
    return found
