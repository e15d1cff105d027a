"""Who decides: chains by kind, amount, tier and risk, as a policy (K7)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.kit.approvals.registry import kind_of, kinds, role_words
from yaomai.kit.phrases import Text
from yaomai.kit.policies import Policy, figure
from yaomai.kit.policies.schema import Document
from yaomai.kit.policies.selectors import policy_on

ASSUMED = "assumed"


def _kind_words(_document: Mapping[str, Any]) -> dict[str, Text]:
    return {code: kind.label for code, kind in kinds().items()}


def _role_words(_document: Mapping[str, Any]) -> dict[str, Text]:
    return role_words()


def _risk_words(_document: Mapping[str, Any]) -> dict[str, Text]:
    return {"": _("any"), "low": _("low"), "medium": _("medium"), "high": _("high")}


class StepSpec(Document):
    """One step: who decides, until when, and what if nobody does."""

    role: str = figure(label=_("Who decides"), origin=ASSUMED, choices=_role_words)
    days: int = figure(3, label=_("Working days to decide"), origin=ASSUMED, unit="count", ge=1, le=60)
    together: bool = figure(False, label=_("Together with the step before"), origin=ASSUMED)
    everybody: bool = figure(False, label=_("Everybody has to approve"), origin=ASSUMED)
    signature: bool = figure(False, label=_("Signed with the password"), origin=ASSUMED)
    escalates_to: str = figure("", label=_("Who decides when it is late"), origin=ASSUMED, choices=_role_words)


class Chain(Document):
    """The steps for requests of one kind, from an amount on, for a tier or a risk."""

    kind: str = figure("", label=_("What is approved"), origin=ASSUMED, choices=_kind_words)
    from_amount: Decimal = figure(
        Decimal(0), label=_("From an amount of"), origin=ASSUMED, unit="CNY", ge=0, le=10_000_000_000, decimal_places=2
    )
    tier: str = figure("", label=_("Only for the tier"), origin=ASSUMED, max_length=40)
    risk: str = figure("", label=_("Only at the risk"), origin=ASSUMED, choices=_risk_words)
    steps: list[StepSpec] = figure(label=_("Steps"), origin=ASSUMED, min_length=1, max_length=12)

    def fits(self, *, amount: Decimal, tier: str, risk: str) -> bool:
        """Tell whether a request goes this way."""
        return amount >= self.from_amount and self.tier in ("", tier) and self.risk in ("", risk)


class ChainPolicy(Policy):
    """K7: 客户资质核验, 推广材料预审, 费用报销追溯 … by type and amount."""

    name = "approvals.chains"
    label = _("Approval chains")
    help = _("The chain that says most about a request holds: its tier and risk first, then the highest amount.")

    chains: list[Chain] = figure(
        label=_("Chains"),
        origin="S4 §四",
        default_factory=lambda: [
            chain.model_copy(update={"kind": code}) for code, kind in kinds().items() for chain in kind.chains()
        ],
    )


class DelegationPolicy(Policy):
    """How long somebody may decide for another."""

    name = "approvals.delegation"
    label = _("Delegation of approvals")

    longest: int = figure(60, label=_("Longest delegation"), origin=ASSUMED, unit="days", ge=1, le=366)
    signature_minutes: int = figure(
        5, label=_("A password signs for"), origin=ASSUMED, unit="count", ge=1, le=30,
        help=_("Minutes after the password was typed in which a decision counts as signed."),
    )  # fmt: skip


def chain_for(kind: str, *, on: date, amount: Decimal | None = None, tier: str = "", risk: str = "") -> Chain:
    """Return the chain of a request: the policy's, or the kind's own when the policy has none for it.

    Raises:
        LookupError: neither has one.
    """
    policy, _version = policy_on(ChainPolicy, on=on)
    for chains in ([chain for chain in policy.chains if chain.kind == kind], kind_of(kind).chains()):
        fitting = [chain for chain in chains if chain.fits(amount=amount or Decimal(0), tier=tier, risk=risk)]
        if fitting:
            return max(fitting, key=_precision)
    raise LookupError(kind)


def _precision(chain: Chain) -> tuple[int, Decimal]:
    return bool(chain.tier) + bool(chain.risk), chain.from_amount


def check(policy: Policy) -> dict[str, list[Any]]:
    """Return what contradicts itself in the chains, by field."""
    assert isinstance(policy, ChainPolicy)
    found: dict[str, list[Any]] = {}
    seen: set[tuple[Any, ...]] = set()
    for number, chain in enumerate(policy.chains):
        if not chain.kind:
            found[f"chains.{number}.kind"] = [_("Say what is approved this way.")]
        key = (chain.kind, chain.from_amount, chain.tier, chain.risk)
        if key in seen:
            found[f"chains.{number}.from_amount"] = [_("Another chain holds for exactly the same requests.")]
        seen.add(key)
        found |= {f"chains.{number}.steps.{at}.{field}": [text] for at, field, text in _steps(chain.steps)}
    return found


def _steps(steps: Sequence[StepSpec]) -> Iterable[tuple[int, str, Any]]:
    for number, step in enumerate(steps):
        if number == 0 and step.together:
            yield number, "together", _("There is no step before the first.")
        if step.escalates_to == step.role:
            yield number, "escalates_to", _("Name somebody else: whoever is late is late for this as well.")
