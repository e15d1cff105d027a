"""REST of the rule book beside the lists: what holds on a day, proposals, replaying."""

from datetime import date
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
