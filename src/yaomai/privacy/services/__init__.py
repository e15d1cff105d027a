"""Writes of this room."""

from yaomai.privacy.services.registers import (
    assessment_ask,
    consent_give,
    consent_withdraw,
    processing_archive,
    processing_create,
    processing_update,
    release_ask,
)
from yaomai.privacy.services.requests import (
    request_answer,
    request_erase,
    request_refuse,
    request_restrict,
    request_take,
    request_withdraw,
)
from yaomai.privacy.services.retention import retention_run

__all__ = [
    "assessment_ask",
    "consent_give",
    "consent_withdraw",
    "processing_archive",
    "processing_create",
    "processing_update",
    "release_ask",
    "request_answer",
    "request_erase",
    "request_refuse",
    "request_restrict",
    "request_take",
    "request_withdraw",
    "retention_run",
]
