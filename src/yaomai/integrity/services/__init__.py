"""Writes of this room."""

from yaomai.integrity.services.audits import audit_draw, audit_look
from yaomai.integrity.services.contracts import contract_ask
from yaomai.integrity.services.crises import crisis_close, crisis_open, crisis_task_done, crisis_write
from yaomai.integrity.services.disclosures import (
    disclosure_ask,
    disclosure_create,
    disclosure_hand_in,
    disclosure_mend,
    disclosure_update,
)
from yaomai.integrity.services.dossiers import dossier_ask, dossier_make, dossier_take, dossiers_delete
from yaomai.integrity.services.reports import (
    letterbox_empty,
    report_accept,
    report_close,
    report_keep,
    report_reply,
    reports_delete,
)
from yaomai.integrity.services.risks import risk_archive, risk_create, risk_update
from yaomai.integrity.services.third_parties import provider_archive, provider_create, provider_update
from yaomai.integrity.services.watch import case_close, case_reopen, case_take, cases_open, weights_propose

__all__ = [
    "audit_draw",
    "audit_look",
    "case_close",
    "case_reopen",
    "case_take",
    "cases_open",
    "contract_ask",
    "crisis_close",
    "crisis_open",
    "crisis_task_done",
    "crisis_write",
    "disclosure_ask",
    "disclosure_create",
    "disclosure_hand_in",
    "disclosure_mend",
    "disclosure_update",
    "dossier_ask",
    "dossier_make",
    "dossier_take",
    "dossiers_delete",
    "letterbox_empty",
    "provider_archive",
    "provider_create",
    "provider_update",
    "report_accept",
    "report_close",
    "report_keep",
    "report_reply",
    "reports_delete",
    "risk_archive",
    "risk_create",
    "risk_update",
    "weights_propose",
]
