"""Market figures, target hospitals, customer value reports; what is to be expected of customers."""

from yaomai.insights.models.forecasts import Forecast, StockSign
from yaomai.insights.models.outlook import ChurnAlert, Level, Outlook
from yaomai.insights.models.reports import ValueReport
from yaomai.insights.models.targets import MarketFigure, Quadrant, TargetItem, TargetList

__all__ = [
    "ChurnAlert",
    "Forecast",
    "Level",
    "MarketFigure",
    "Outlook",
    "Quadrant",
    "StockSign",
    "TargetItem",
    "TargetList",
    "ValueReport",
]
