"""Writes of this room."""

from yaomai.compliance.services.consents import consent_archive, consent_create, consent_update
from yaomai.compliance.services.expenses import expense_record, expense_settle, expense_update
from yaomai.compliance.services.rules import rule_propose
from yaomai.compliance.services.transfers import (
    transfer_drop,
    transfer_give,
    transfer_record,
    transfer_request,
    transfer_tried,
)

__all__ = [
    "consent_archive",
    "consent_create",
    "consent_update",
    "expense_record",
    "expense_settle",
    "expense_update",
    "rule_propose",
    "transfer_drop",
    "transfer_give",
    "transfer_record",
    "transfer_request",
    "transfer_tried",
]
