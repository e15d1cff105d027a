"""Writes of this room."""

from yaomai.integrity.services.dossiers import dossier_ask, dossier_make, dossier_take, dossiers_delete
from yaomai.integrity.services.reports import (
    letterbox_empty,
    report_accept,
    report_close,
    report_keep,
    report_reply,
    reports_delete,
)
from yaomai.integrity.services.watch import case_close, case_reopen, case_take, cases_open, weights_propose

__all__ = [
    "case_close",
    "case_reopen",
    "case_take",
    "cases_open",
    "dossier_ask",
    "dossier_make",
    "dossier_take",
    "dossiers_delete",
    "letterbox_empty",
    "report_accept",
    "report_close",
    "report_keep",
    "report_reply",
    "reports_delete",
    "weights_propose",
]
