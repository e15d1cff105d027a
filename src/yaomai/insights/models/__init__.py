"""Market figures, target hospitals, customer value reports; outlooks; effect studies, signals, policy events."""

from yaomai.insights.models.effects import EffectCheck, EffectStudy
from yaomai.insights.models.evaluations import Evaluation, Improvement, ImprovementCheck
from yaomai.insights.models.events import PolicyEvent, PolicyImpact
from yaomai.insights.models.forecasts import Forecast, StockSign
from yaomai.insights.models.outlook import ChurnAlert, Level, Outlook
from yaomai.insights.models.reports import ValueReport
from yaomai.insights.models.signals import PurchaseSignal
from yaomai.insights.models.targets import MarketFigure, Quadrant, TargetItem, TargetList

__all__ = [
    "ChurnAlert",
    "EffectCheck",
    "EffectStudy",
    "Evaluation",
    "Forecast",
    "Improvement",
    "ImprovementCheck",
    "Level",
    "MarketFigure",
    "Outlook",
    "PolicyEvent",
    "PolicyImpact",
    "PurchaseSignal",
    "Quadrant",
    "StockSign",
    "TargetItem",
    "TargetList",
    "ValueReport",
]
