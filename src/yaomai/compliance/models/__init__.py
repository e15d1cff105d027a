"""Rules, checked acts, consents, and the ledger of everything of value."""

from yaomai.compliance.models.consents import Consent
from yaomai.compliance.models.rules import Check, Level, Outcome, Pack, Rule
from yaomai.compliance.models.transfers import Expense, Share, Transfer

__all__ = ["Check", "Consent", "Expense", "Level", "Outcome", "Pack", "Rule", "Share", "Transfer"]
