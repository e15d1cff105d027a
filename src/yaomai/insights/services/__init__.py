"""Writes of this room."""

from yaomai.insights.services.alerts import AlertSettled, alert_record, alerts_renew
from yaomai.insights.services.figures import market_figure_archive, market_figure_create, market_figure_update
from yaomai.insights.services.forecast import forecast_compute, forecast_publish, forecast_request
from yaomai.insights.services.outlook import outlook_compute, outlook_publish, outlook_request
from yaomai.insights.services.reports import value_report_create, value_report_fill
from yaomai.insights.services.targets import (
    target_item_review,
    target_items_assign,
    target_list_archive,
    target_list_create,
    target_list_update,
)

__all__ = [
    "AlertSettled",
    "alert_record",
    "alerts_renew",
    "forecast_compute",
    "forecast_publish",
    "forecast_request",
    "market_figure_archive",
    "market_figure_create",
    "market_figure_update",
    "outlook_compute",
    "outlook_publish",
    "outlook_request",
    "target_item_review",
    "target_items_assign",
    "target_list_archive",
    "target_list_create",
    "target_list_update",
    "value_report_create",
    "value_report_fill",
]
