"""Rules, checked acts, consents."""

from yaomai.compliance.models.consents import Consent
from yaomai.compliance.models.rules import Check, Level, Outcome, Pack, Rule

__all__ = ["Check", "Consent", "Level", "Outcome", "Pack", "Rule"]
