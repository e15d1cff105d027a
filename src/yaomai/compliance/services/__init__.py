"""Writes of this room."""

from yaomai.compliance.services.consents import consent_archive, consent_create, consent_update
from yaomai.compliance.services.rules import rule_propose

__all__ = ["consent_archive", "consent_create", "consent_update", "rule_propose"]
