"""Figures of visits: what is academic, how long a report may wait, what the brief asks, what each stage prompts."""

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import model_validator

from yaomai.engagement.rules.visits import STAGES
from yaomai.engine.inputs import Label
from yaomai.kit.policies import Policy, figure
from yaomai.kit.policies.schema import Document

_STAGES = "S2 三阶段沟通（D9）"


def _type_words(_document: Any) -> dict[str, Promise | str]:
    from yaomai.engagement.models import Visit

    return {each.value: each.label for each in Visit.ContentType}


def _stage_words(_document: Any) -> dict[str, Promise | str]:
    from yaomai.engagement.models import CommunicationStage

    return {each.value: each.label for each in CommunicationStage}


class StagePrompts(Document):
    """What to do at one stage of communication."""

    stage: str = figure(label=_("Stage of communication"), origin=_STAGES, choices=_stage_words)
    prompts: tuple[Label, ...] = figure(label=_("Prompts"), origin=_STAGES)


def _prompts() -> tuple[StagePrompts, ...]:
    told: dict[str, tuple[tuple[str, str], ...]] = {
        "first": (
            ("从临床问题谈起，不从产品谈起：他最近最难处理的是哪类患者？", "Begin with a clinical question, not the product: which patients are hardest to treat?"),
            ("听完再说，记下原话；约好下次带来什么。", "Listen first and note the words; agree on what to bring next time."),
        ),
        "deep": (
            ("谈解决方案，不谈参数：把证据放到他的患者身上。", "Speak of a solution, not of parameters: relate the evidence to these patients."),
            ("同时说明研究局限性与不良反应。", "State limitations and adverse reactions as well."),
        ),
        "trust": (
            ("看学术与职业发展上能合规支持什么：文献、会议、研究。", "See which lawful academic support helps: literature, meetings, research."),
            ("请他评价我们答应的事做得怎样。", "Ask how well we kept what we promised."),
        ),
    }  # fmt: skip
    return tuple(
        StagePrompts(stage=stage, prompts=tuple(Label(zh=zh, en=en) for zh, en in told[stage])) for stage in STAGES
    )


class VisitPolicy(Policy):
    """D9, D15, D18, E7: how visits are reported and prepared."""

    name: ClassVar[str] = "engagement.visits"
    label: ClassVar[Promise | str] = _("Visits")
    help: ClassVar[Promise | str] = _("How visits are reported and prepared.")

    academic: tuple[str, ...] = figure(
        ("key_message", "experience", "science", "problem"), label=_("Academic contents"),
        origin="S3（D18）；《医药代表备案管理办法（试行）》第十三条", choices=_type_words,
        help=_("Take an active filing, products in scope and the institution's consent. Others name no product and show no material."),
    )  # fmt: skip
    longest_back_days: int = figure(
        60, label=_("A visit may be reported for"), origin="assumed", unit="days", ge=1, le=400,
        help=_("A phone may have been without a network for weeks."),
    )  # fmt: skip
    ahead_minutes: int = figure(
        10, label=_("Clocks may differ by"), origin="assumed", unit="minute", ge=1, le=120
    )  # fmt: skip
    longest_hours: int = figure(8, label=_("Longest visit"), origin="assumed", unit="hour", ge=1, le=24)
    correct_hours: int = figure(
        72, label=_("A report may be corrected for"), origin="assumed", unit="hour", ge=0, le=720
    )
    same_minutes: int = figure(
        30, label=_("Two reports of one contact within this are taken for one visit"), origin="assumed", unit="minute",
        ge=0, le=480,
    )  # fmt: skip
    next_days: int = figure(
        14, label=_("A next step without a day is due after"), origin="assumed", unit="days", ge=1, le=90
    )
    repeat_days: int = figure(
        90, label=_("Warn of the same content within"), origin="S3（D15）；天数 assumed", unit="days", ge=1, le=365
    )
    alike: int = figure(85, label=_("Texts are the same from (%)"), origin="assumed", unit="%", ge=50, le=100)
    brief_days: int = figure(7, label=_("Briefs on the phone for the next"), origin="assumed", unit="days", ge=1, le=31)
    coach_days: int = figure(
        14, label=_("Joint visits to coach on the phone, of the last"), origin="assumed（D7）", unit="days", ge=1, le=60
    )  # fmt: skip
    photo_edge: int = figure(
        1600, label=_("Longest edge of a photo (pixels)"), origin="assumed", ge=400, le=4000,
        help=_("The phone makes larger ones smaller before they are sent."),
    )  # fmt: skip
    stages: tuple[StagePrompts, ...] = figure(
        default_factory=_prompts, label=_("Prompts of the stages"), origin=_STAGES
    )

    @model_validator(mode="after")
    def _every_stage(self) -> "VisitPolicy":
        if tuple(each.stage for each in self.stages) != STAGES:
            raise ValueError(str(_("Name every one of the three stages once, in their order.")))
        return self

    def prompts(self, stage: str) -> tuple[Label, ...]:
        """Return the prompts of a stage."""
        return next(each.prompts for each in self.stages if each.stage == stage)


class AdversePolicy(Policy):
    """PV7: how fast an adverse event is taken over."""

    name: ClassVar[str] = "engagement.adverse"
    label: ClassVar[Promise | str] = _("Adverse events heard of")

    hand_over_hours: int = figure(
        24, label=_("To be taken over within"), origin="PV7（内部移交 ≤24 小时，assumed）", unit="hour", ge=1, le=72
    )
    keep_years: int = figure(
        10, label=_("Who told of it is kept for at least"), origin="PV11（记录保存至注册证书注销后十年；自获知日起算为下限，assumed）",
        unit="years", ge=10, le=50,
    )  # fmt: skip
