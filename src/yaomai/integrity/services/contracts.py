"""Contracts before they are signed: their words, the gate, the checks of high-risk scenes, the approvals (K16, K8)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.compliance.models import Level
from yaomai.integrity import dealings, rules
from yaomai.integrity.models import Contract
from yaomai.integrity.services.registers import moved
from yaomai.integrity.words import CHECKS, CLAUSES, HIGH_RISK
from yaomai.kit import approvals
from yaomai.kit.access import Actor, current_actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, save
from yaomai.kit.approvals.models import Request
from yaomai.kit.audit.trail import Changes
from yaomai.kit.errors import Invalid, Refused

KIND = "integrity.contract"
FIELDS = (
    "kind", "number", "title", "provider", "institution", "recipient", "amount", "purpose", "booking", "checks", "text",
    "is_public", "begins_on", "ends_on",
)  # fmt: skip


class BenefitsPassedOn(Refused):
    """A contract of a high-risk scene leaves checks unanswered."""

    code = "benefits_passed_on"
    message = _("This kind of contract is a high-risk scene. Answer every check with yes first: %(checks)s")

    def __init__(self, checks: Iterable[str]) -> None:
        told = "、".join(str(CHECKS[code]) for code in checks)
        super().__init__(citations=["《营销合规手册》S4 高风险场景（K8、H22）"], checks=told)


@act("integrity.contract:create", sentence=_("%(actor)s put the contract %(target)s before its approvers"))
def contract_ask(*, actor: Actor, trail: Trail, now: datetime, **fields: Any) -> Contract:
    """Look through a contract, ask the gate, and put it before those who approve it.

    Raises:
        Invalid: by field. RuleForbids: a rule forbids it. BenefitsPassedOn: a high-risk scene with open checks.
        NobodyDecides.
    """
    contract = Contract(author_id=actor.person_id, created_at=now, updated_at=now)
    given = fields | {"checks": sorted(set(fields.get("checks") or ()) & set(CHECKS))}
    changes = change(contract, given, allowed=FIELDS)
    if contract.provider is None and contract.institution is None:
        raise Invalid(fields={"provider": [_("Name the other party: a third party or an institution.")]})
    flaws = rules.reviewed(contract.kind, contract.text) if contract.kind in rules.NEEDED else []
    contract.findings = [[flaw.kind, flaw.what] for flaw in flaws]
    if contract.kind in HIGH_RISK and contract.missing_checks:
        raise BenefitsPassedOn(contract.missing_checks)
    save(contract)
    verdict = dealings.contract_verdict(contract, actor, local_day(now))
    doubts: list[str] = []
    if verdict is not None:
        verdict.require(approved=True).keep(contract)
        doubts = [rule.citation for rule in verdict.rules if rule.level == Level.AVOID]
    risk = "high" if contract.kind in HIGH_RISK or doubts or any(flaw.kind != "missing" for flaw in flaws) else ""
    approvals.ask(
        actor=actor, kind=KIND, target=contract, title=_("Contract %(number)s"), params={"number": contract.number},
        facts=_contract_facts(contract, doubts), reason=contract.purpose, now=now, amount=contract.amount, risk=risk,
        url=reverse("integrity:contract_detail", args=[contract.pk]),
    )  # fmt: skip
    trail.note(contract, changes={name: pair for name, pair in changes.items() if name != "text"})
    return contract


def _contract_facts(contract: Contract, doubts: list[str]) -> list[approvals.Fact]:
    said = [
        (_("Kind"), str(contract.get_kind_display())),
        (pgettext_lazy("contract", "Title"), contract.title),
        (_("The other party"), str(contract.provider or contract.institution)),
        (_("Amount"), f"{contract.amount:.2f}"),
        (_("Money goes to"), str(contract.get_recipient_display())),
        (_("How it is booked"), contract.booking),
        (_("Clauses"), contract.text),
        (_("Found in its words"), "；".join(flaw_said(flaw) for flaw in contract.findings)),
        (_("Rules that strike"), "；".join(doubts)),
    ]
    return [approvals.Fact(label, text) for label, text in said if text]


def flaw_said(flaw: list[str]) -> str:
    """Return what is wrong with the words of a contract, in words."""
    kind, what = flaw
    if kind == "missing":
        return str(_("missing: %(what)s")) % {"what": CLAUSES[what]}
    if kind == "patient":
        return str(_("names patients: “%(what)s”")) % {"what": what}
    return str(_("forbidden words: “%(what)s”")) % {"what": what}


def contract_decided(state: str) -> Any:
    """Return what moves a contract when its request is decided."""

    def move(request: Request, *, actor: Actor, now: datetime) -> Changes:
        return moved(Contract, request, state, now)

    return move


def contract_is_current(request: Request) -> bool:
    """Tell whether the gate still lets it pass: due diligence may have run out meanwhile."""
    contract = Contract.unscoped.select_related("provider").get(pk=request.target_id)
    verdict = dealings.contract_verdict(contract, current_actor(), local_day(timezone.now()))
    return contract.state == Contract.State.ASKED and (verdict is None or verdict.outcome != "refuse")
