"""Market figures, target hospitals, customer value reports."""

from yaomai.insights.models.reports import ValueReport
from yaomai.insights.models.targets import MarketFigure, Quadrant, TargetItem, TargetList

__all__ = ["MarketFigure", "Quadrant", "TargetItem", "TargetList", "ValueReport"]
