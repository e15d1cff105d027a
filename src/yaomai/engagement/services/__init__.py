"""Writes of this room."""

from yaomai.engagement.services.accounts import (
    account_archive,
    account_create,
    account_move,
    account_undo_move,
    account_update,
    accounts_gather,
)
from yaomai.engagement.services.adverse import adverse_report, adverse_take_over
from yaomai.engagement.services.coaching import coaching_write
from yaomai.engagement.services.devices import device_register, device_seen, device_wipe
from yaomai.engagement.services.judging import audit_decide, locations_forget, visit_explain
from yaomai.engagement.services.nudging import stalled_sync
from yaomai.engagement.services.proofs import (
    NOTICE,
    consent_give,
    consent_of,
    consent_withdraw,
    photo_add,
    photos_catch_up,
)
from yaomai.engagement.services.steps import step_add, step_close, step_update
from yaomai.engagement.services.strategies import stage_move, strategy_choose
from yaomai.engagement.services.visits import visit_archive, visit_bring_in, visit_join, visit_report, visit_update

__all__ = [
    "NOTICE",
    "account_archive",
    "account_create",
    "account_move",
    "account_undo_move",
    "account_update",
    "accounts_gather",
    "adverse_report",
    "adverse_take_over",
    "audit_decide",
    "coaching_write",
    "consent_give",
    "consent_of",
    "consent_withdraw",
    "device_register",
    "device_seen",
    "device_wipe",
    "locations_forget",
    "photo_add",
    "photos_catch_up",
    "stage_move",
    "stalled_sync",
    "step_add",
    "step_close",
    "step_update",
    "strategy_choose",
    "visit_archive",
    "visit_bring_in",
    "visit_explain",
    "visit_join",
    "visit_report",
    "visit_update",
]
