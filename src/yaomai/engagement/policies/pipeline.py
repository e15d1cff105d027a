"""Figures of this room: who is a key account, what each stage asks for, and when one has stalled."""

from decimal import Decimal
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from pydantic import model_validator

from yaomai.customers.measures import measures
from yaomai.engagement.rules import STAGES
from yaomai.kit.policies import Policy, figure
from yaomai.kit.policies.schema import Document
from yaomai.segmentation.policies import scheme_words, tier_words

_ORIGIN = "S0：客户识别→客户分层→需求挖掘→沟通升级→优化合作"


def _measure_words(_document: Any) -> dict[str, Promise | str]:
    return {each.code: each.label for each in measures()}


def _stage_words(_document: Any) -> dict[str, Promise | str]:
    from yaomai.engagement.models import Stage

    return {stage.value: stage.label for stage in Stage}


class KeyTier(Document):
    """A tier whose institutions are key accounts."""

    scheme: str = figure(label=_("Scheme"), origin="", choices=scheme_words)
    tier: str = figure(label=_("Tier"), origin="", choices=tier_words)


class Criterion(Document):
    """What must be known or done before an account leaves a stage."""

    measure: str = figure(label=_("Measure"), origin="", choices=_measure_words)
    at_least: Decimal = figure(Decimal(1), label=_("At least"), origin="assumed", ge=0)
    is_required: bool = figure(
        True, label=_("Holds the account back"), origin="assumed",
        help=_("Otherwise it is only shown as missing, and kept with the move."),
    )  # fmt: skip


class StageFigures(Document):
    """One stage."""

    stage: str = figure(label=pgettext_lazy("key account", "Stage"), origin=_ORIGIN, choices=_stage_words)
    stalled_days: int = figure(
        label=_("Stalled after"), origin="assumed", unit="days", ge=0, le=1000, help=_("0: never.")
    )
    criteria: tuple[Criterion, ...] = figure((), label=_("Criteria to move on"), origin="assumed")


def _stages() -> tuple[StageFigures, ...]:
    told: dict[str, tuple[int, tuple[tuple[str, int, bool], ...]]] = {
        "identification": (60, (("customers.completeness", 50, True), ("customers.professionals", 3, True))),
        "tiering": (30, (("segmentation.tiers", 1, True), ("listing.deciders", 1, False))),
        "needs": (90, (("customers.needs", 1, True), ("listing.supporters", 1, False))),
        "communication": (120, (("listing.next_steps", 1, False), ("segmentation.contacts", 6, True))),
        "cooperation": (0, ()),
    }
    return tuple(
        StageFigures(
            stage=stage,
            stalled_days=told[stage][0],
            criteria=tuple(
                Criterion(measure=measure, at_least=Decimal(at_least), is_required=is_required)
                for measure, at_least, is_required in told[stage][1]
            ),
        )
        for stage in STAGES
    )


class PipelinePolicy(Policy):
    """F1: who is a key account, and what leads from stage to stage."""

    name: ClassVar[str] = "engagement.pipeline"
    label: ClassVar[Promise | str] = _("Key account stages")
    help: ClassVar[Promise | str] = _("Which tiers make a key account, what each stage asks for, and when one stalls.")

    tiers: tuple[KeyTier, ...] = figure(
        default_factory=lambda: (
            KeyTier(scheme="four_tiers", tier="strategic"),
            KeyTier(scheme="kam_abc", tier="a"),
        ),
        label=_("Tiers of key accounts"), origin="S0；等级选择 assumed",
    )  # fmt: skip
    stages: tuple[StageFigures, ...] = figure(default_factory=_stages, label=_("The five stages"), origin=_ORIGIN)

    @model_validator(mode="after")
    def _whole_way(self) -> "PipelinePolicy":
        if tuple(each.stage for each in self.stages) != tuple(STAGES):
            raise ValueError(str(_("Name every one of the five stages once, in their order.")))
        return self

    def of(self, stage: str) -> StageFigures:
        """Return the figures of a stage."""
        return next(each for each in self.stages if each.stage == stage)

    def criteria(self, stages: Any) -> list[tuple[str, Decimal, bool]]:
        """Return (measure, at least, is required) of the criteria of some stages, in their order."""
        return [(each.measure, each.at_least, each.is_required) for stage in stages for each in self.of(stage).criteria]
