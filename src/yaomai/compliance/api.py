"""REST of the rule book beside the lists: what holds on a day, proposals, replaying."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from yaomai.compliance import replays, rulebook, services
from yaomai.kit import approvals
from yaomai.kit.access import current_actor, require
from yaomai.kit.surfaces.api import PROBLEMS

router = Router(tags=["compliance"])


class RuleClause(Schema):
    """One comparison: with a value, a figure of a policy ("policy:field"), or another fact."""

    fact: str
    operator: str
    value: str | list[str] | None = None
    figure: str | None = None
    other: str | None = None


class HeldRule(Schema):
    """A rule in force."""

    id: int
    code: str
    number: int
    pack: str
    kinds: list[str]
    level: str
    text: str
    citation: str
    confidence: str
    clauses: list[dict[str, Any]]
    regions: list[str]
    products: list[str]
    roles: list[str]
    valid_from: date
    valid_to: date | None


class RuleFinding(Schema):
    """Something wrong with a rule."""

    code: str
    text: str


class RulebookOut(Schema):
    """The rule book of a day."""

    on: date
    packs: list[str]
    rules: list[HeldRule]
    findings: list[RuleFinding]


@router.get("/rulebook/", response={200: RulebookOut, **PROBLEMS}, summary="The rules in force on a day",
            operation_id="compliance_rulebook_get")  # fmt: skip
def rulebook_get(request: HttpRequest, on: date | None = None) -> Any:
    require(current_actor(), "compliance.rule:view")
    book = rulebook.on_day(on or timezone.localdate())
    return {
        "on": book.on,
        "packs": sorted(book.packs),
        "rules": list(book.rules),
        "findings": [{"code": rule.code, "text": text} for rule, text in book.findings()],
    }


class RuleProposalIn(Schema):
    """A rule, or the next version of one."""

    code: str
    reason: str
    pack: str
    level: str
    confidence: str
    kinds: list[str]
    text_zh: str
    text_en: str = ""
    mend_zh: str = ""
    mend_en: str = ""
    source: str
    article: str = ""
    clauses: list[RuleClause]
    regions: list[str] = []
    products: list[str] = []
    roles: list[str] = []
    valid_from: date
    valid_to: date | None = None


class RuleVersionOut(Schema):
    """A version of a rule and where it stands."""

    id: int
    code: str
    number: int
    status: str
    valid_from: date
    request_id: int | None
    """Where it is approved: `/api/approvals/{request_id}`."""


@router.post("/rulebook/proposals/", response={201: RuleVersionOut, **PROBLEMS}, summary="Propose a rule or its next version",
             operation_id="compliance_rule_propose")  # fmt: skip
def rule_propose(request: HttpRequest, body: RuleProposalIn) -> Any:
    said = body.model_dump(exclude={"clauses"})
    clauses = [clause.model_dump(exclude_none=True) for clause in body.clauses]
    rule = services.rule_propose(actor=current_actor(), now=timezone.now(), clauses=clauses, **said)
    request_ = approvals.standing(rule)
    rule.request_id = request_.pk if request_ is not None else None  # type: ignore[attr-defined]
    return Status(201, rule)


class ReplayIn(Schema):
    """Which packs, over which acts; packs left out are those in force."""

    packs: list[str] | None = None
    start: date | None = None
    end: date | None = None


class StruckRule(Schema):
    """A rule and how many acts it strikes."""

    code: str
    acts: int


class ReplayOut(Schema):
    """How past acts fare."""

    acts: int
    refused: int
    newly_refused: int
    newly_approved: int
    rules: list[StruckRule]


@router.post("/replay/", response={200: ReplayOut, **PROBLEMS}, summary="What would fail today, or under other packs",
             operation_id="compliance_replay")  # fmt: skip
def replay_acts(request: HttpRequest, body: ReplayIn) -> Any:
    require(current_actor(), "compliance.check:view")
    today = timezone.localdate()
    book = rulebook.on_day(today) if body.packs is None else replays.with_packs(body.packs, on=today)
    done = replays.replay(book, actor=current_actor(), start=body.start, end=body.end)
    return {
        "acts": done.acts,
        "refused": done.refused,
        "newly_refused": done.newly_refused,
        "newly_approved": done.newly_approved,
        "rules": [{"code": rule.code, "acts": count} for rule, count in done.struck],
    }


# The ledger -----------------------------------------------------------------------------------------------------


class TransferAsked(Schema):
    """What somebody means to ask for, as `POST /compliance/transfers/` takes it."""

    form: str
    item: str
    institution: int
    professionals: list[int] = []
    on: date
    amount: Decimal
    recipient: str = "professional"
    description: str = ""
    quantity: int = 1
    own_heads: int = 0
    hours: Decimal | None = None
    paid_as: str = "in_kind"
    purpose: str = ""
    event: str = ""
    agenda: str = ""
    place: str = ""
    is_overseas: bool = False


class VerdictOut(Schema):
    """What the gate says, before anything is asked for."""

    outcome: str
    texts: list[str]
    citations: list[str]
    mends: list[str]


@router.post("/ledger/check", response={200: VerdictOut, **PROBLEMS}, summary="What the gate would say of a transfer",
             operation_id="compliance_transfer_check")  # fmt: skip
def transfer_check(request: HttpRequest, body: TransferAsked) -> Any:
    said = body.model_dump()
    verdict = services.transfer_tried(
        actor=current_actor(), now=timezone.now(), institution_id=said.pop("institution"),
        professional_ids=said.pop("professionals"), **said,
    )  # fmt: skip
    return {
        "outcome": verdict.outcome,
        "texts": [rule.text for rule in verdict.rules],
        "citations": verdict.citations,
        "mends": [rule.mend for rule in verdict.rules if rule.mend],
    }


class TransferGiven(Schema):
    spent: Decimal
    given_on: date
    evidence: str


class TransferStateOut(Schema):
    """A transfer and how far it is."""

    id: int
    state: str
    on: date
    amount: Decimal
    spent: Decimal | None
    evidence: str


class TransferReason(Schema):
    reason: str


@router.post("/ledger/{int:pk}/give", response={200: TransferStateOut, **PROBLEMS},
             summary="Note that an approved transfer was given", operation_id="compliance_transfer_give")  # fmt: skip
def transfer_give(request: HttpRequest, pk: int, body: TransferGiven) -> Any:
    return services.transfer_give(actor=current_actor(), pk=pk, now=timezone.now(), **body.model_dump())


@router.post("/ledger/{int:pk}/drop", response={200: TransferStateOut, **PROBLEMS},
             summary="Say that a transfer will not be given", operation_id="compliance_transfer_drop")  # fmt: skip
def transfer_drop(request: HttpRequest, pk: int, body: TransferReason) -> Any:
    return services.transfer_drop(actor=current_actor(), pk=pk, now=timezone.now(), **body.model_dump())


class ExpenseNote(Schema):
    note: str


class ExpenseFound(Schema):
    """A line of a claim and what was found of it."""

    id: int
    finding: str
    transfer_id: int | None
    note: str


@router.post("/ledger/expenses/{int:pk}/settle", response={200: ExpenseFound, **PROBLEMS},
             summary="Say how an expense was settled", operation_id="compliance_expense_settle")  # fmt: skip
def expense_settle(request: HttpRequest, pk: int, body: ExpenseNote) -> Any:
    return services.expense_settle(actor=current_actor(), pk=pk, now=timezone.now(), **body.model_dump())
