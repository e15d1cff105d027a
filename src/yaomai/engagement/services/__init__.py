"""Writes of this room."""

from yaomai.engagement.services.accounts import (
    account_archive,
    account_create,
    account_move,
    account_undo_move,
    account_update,
    accounts_gather,
)
from yaomai.engagement.services.nudging import stalled_sync

__all__ = [
    "account_archive",
    "account_create",
    "account_move",
    "account_undo_move",
    "account_update",
    "accounts_gather",
    "stalled_sync",
]
