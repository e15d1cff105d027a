"""Writes of this room."""

from yaomai.support.services.escalating import request_escalate, requests_escalate
from yaomai.support.services.requests import (
    request_bring_in,
    request_confirm,
    request_reopen,
    request_resolve,
    request_start,
    request_take,
    request_update,
    request_wait,
)

__all__ = [
    "request_bring_in",
    "request_confirm",
    "request_escalate",
    "request_reopen",
    "request_resolve",
    "request_start",
    "request_take",
    "request_update",
    "request_wait",
    "requests_escalate",
]
