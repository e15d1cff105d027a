"""Writes of this room."""

from yaomai.integrity.services.watch import case_close, case_reopen, case_take, cases_open, weights_propose

__all__ = ["case_close", "case_reopen", "case_take", "cases_open", "weights_propose"]
