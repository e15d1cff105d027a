"""Writes of this room."""

from yaomai.insights.services.alerts import AlertSettled, alert_record, alerts_renew
from yaomai.insights.services.effects import (
    effect_check_fill,
    effect_study_archive,
    effect_study_check,
    effect_study_create,
    effect_study_update,
)
from yaomai.insights.services.evaluations import (
    evaluation_close,
    evaluation_compute,
    evaluation_create,
    evaluation_refresh,
    evaluation_update,
    evaluations_open,
)
from yaomai.insights.services.events import (
    policy_event_archive,
    policy_event_assess,
    policy_event_compare,
    policy_event_create,
    policy_event_update,
)
from yaomai.insights.services.figures import market_figure_archive, market_figure_create, market_figure_update
from yaomai.insights.services.forecast import forecast_compute, forecast_publish, forecast_request
from yaomai.insights.services.improvements import (
    improvement_answer,
    improvement_conclude,
    improvement_create,
    improvement_done,
    improvement_measure,
    improvements_to_measure,
    strategy_reviews_open,
)
from yaomai.insights.services.outlook import outlook_compute, outlook_publish, outlook_request
from yaomai.insights.services.reports import value_report_create, value_report_fill
from yaomai.insights.services.signals import (
    purchase_signal_triage,
    purchase_signals_dismiss,
    purchase_signals_find,
)
from yaomai.insights.services.targets import (
    quadrants_compute,
    quadrants_renew,
    quadrants_request,
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
    "effect_check_fill",
    "effect_study_archive",
    "effect_study_check",
    "effect_study_create",
    "effect_study_update",
    "evaluation_close",
    "evaluation_compute",
    "evaluation_create",
    "evaluation_refresh",
    "evaluation_update",
    "evaluations_open",
    "forecast_compute",
    "forecast_publish",
    "forecast_request",
    "improvement_answer",
    "improvement_conclude",
    "improvement_create",
    "improvement_done",
    "improvement_measure",
    "improvements_to_measure",
    "market_figure_archive",
    "market_figure_create",
    "market_figure_update",
    "outlook_compute",
    "outlook_publish",
    "outlook_request",
    "policy_event_archive",
    "policy_event_assess",
    "policy_event_compare",
    "policy_event_create",
    "policy_event_update",
    "purchase_signal_triage",
    "purchase_signals_dismiss",
    "purchase_signals_find",
    "quadrants_compute",
    "quadrants_renew",
    "quadrants_request",
    "strategy_reviews_open",
    "target_item_review",
    "target_items_assign",
    "target_list_archive",
    "target_list_create",
    "target_list_update",
    "value_report_create",
    "value_report_fill",
]
