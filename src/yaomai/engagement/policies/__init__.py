"""Figures of this room."""

from yaomai.engagement.policies.pipeline import PipelinePolicy, StageFigures
from yaomai.engagement.policies.strategy import StrategyPolicy
from yaomai.engagement.policies.truth import TruthPolicy
from yaomai.engagement.policies.visits import AdversePolicy, VisitPolicy

__all__ = ["AdversePolicy", "PipelinePolicy", "StageFigures", "StrategyPolicy", "TruthPolicy", "VisitPolicy"]
