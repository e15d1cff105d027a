"""The acts of contracts for the gate: later rooms register none of these again, they ask `gate.check`.

A rebate, a referral reward, professional support and a third party come into being as contracts; each asks here.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from yaomai.compliance import gate
from yaomai.compliance.policies import TransferPolicy
from yaomai.compliance.vocabulary import FORESEEN
from yaomai.integrity import rules
from yaomai.integrity.models import Contract, Provider
from yaomai.kit.access import Actor
from yaomai.kit.policies.selectors import policy_on

GATES: Mapping[str, str] = {"service": "provider", "rebate": "rebate", "referral": "referral", "support": "support"}
"""The kind of act that a contract of a kind is."""
FACTS: Mapping[str, tuple[str, ...]] = {
    "provider": ("due_diligence", "purpose_stated", "amount"),
    "rebate": ("contract_reference", "booking_reference", "recipient", "amount"),
    "referral": ("contract_reference", "recipient", "item", "amount", "tied_to_use"),
    "support": ("purpose_stated", "institution", "amount", "tied_to_use"),
}


def register() -> None:
    """Register the kinds."""
    for kind, facts in FACTS.items():
        gate.register_kind(kind, label=FORESEEN[kind], facts=facts)


def _everywhere(on: date) -> dict[str, Any]:
    return {"territory": None, "products": [], "noted_on": on}


def contract_verdict(contract: Contract, actor: Actor, on: date) -> gate.Verdict | None:
    """Return what the gate says of a contract; None for kinds that no rule speaks of."""
    kind = GATES.get(contract.kind)
    if kind is None:
        return None
    policy, _version = policy_on(TransferPolicy, on=on)
    said = f"{contract.purpose} {contract.title} {contract.text}"
    facts = {
        "due_diligence": is_cleared(contract.provider, on),
        "purpose_stated": bool(contract.purpose.strip()),
        "amount": contract.amount,
        "contract_reference": contract.number,
        "booking_reference": contract.booking or None,
        "recipient": contract.recipient,
        "item": None,
        "institution": contract.institution_id,
        "tied_to_use": bool(rules.affirmed("|".join(map(re.escape, policy.tied_words)), said))
        if policy.tied_words
        else False,
    }
    return gate.check(kind, {name: facts[name] for name in FACTS[kind]} | _everywhere(on), actor, on)


def is_cleared(provider: Provider | None, on: date) -> bool:
    """Tell whether due diligence holds on a day."""
    if provider is None or provider.checked_on is None or provider.archived_at is not None:
        return False
    holds = provider.checked_on <= on and (provider.valid_to is None or provider.valid_to > on)
    return holds and provider.finding in (Provider.Finding.CLEARED, Provider.Finding.CONDITIONS)
