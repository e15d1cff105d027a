"""Rules change as dated versions: proposed by one person, in force once another approved it, never before."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import connection
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.catalog.models import Product
from yaomai.compliance import rulebook, vocabulary
from yaomai.compliance.models import Level, Pack, Rule
from yaomai.engine import rulebook as engine
from yaomai.engine.rulebook import ALONE, OPERATORS, SEVERAL
from yaomai.kit import approvals
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, save
from yaomai.kit.errors import Invalid, Refused
from yaomai.organization.models import Role, Territory

FIELDS = (
    "pack", "kinds", "text_zh", "text_en", "mend_zh", "mend_en", "source", "article", "level", "confidence", "clauses",
    "regions", "products", "roles", "valid_from", "valid_to",
)  # fmt: skip


KIND = "compliance.rule"
"""What its approval is called."""
LARGEST = 10**15
"""Beyond every amount of money and every count of a company."""


class LawStands(Refused):
    """A rule of law that Yaomai ships does not become milder here."""

    code = "law_stands"
    message = _("%(code)s is law: its level cannot be lowered, it cannot leave its pack, and it cannot be ended here.")

    def __init__(self, rule: Rule) -> None:
        super().__init__(citations=[rule.citation], code=rule.code)


@act("compliance.rule:propose", sentence=_("%(actor)s proposed the rule %(target)s: %(reason)s"))
def rule_propose(*, actor: Actor, trail: Trail, now: datetime, code: str, reason: str, **fields: Any) -> Rule:
    """Put a new rule, or a new version of one, before those whom the chain names. What is in force stays so.

    Raises:
        Invalid: by field; a clause is `clauses.<number>`.
        LawStands: it would make a shipped rule of law milder.
        NobodyDecides: nobody else could approve it.
    """
    lock(code)
    before = Rule.unscoped.filter(code=code, status=Rule.Status.APPROVED).order_by("valid_from", "number").last()
    rule = Rule(code=code, created_at=now, author_id=actor.person_id, reason=reason.strip())
    rule.number = (Rule.unscoped.filter(code=code).aggregate(last=Max("number"))["last"] or 0) + 1
    changes = change(rule, fields, allowed=FIELDS)
    if before is not None:
        rule.reference = before.reference
        changes = change(before, fields, allowed=FIELDS)  # what differs; `before` is not saved
        if not changes:
            raise Invalid(fields={"": [_("Nothing differs from the version in force.")]})
        before.refresh_from_db()
        _require_law_stands(before, rule)
    _require_sound(rule, today=local_day(now))
    save(rule)
    approvals.ask(
        actor=actor, kind=KIND, target=rule, title=_("Rule %(rule)s: %(text)s"),
        params={"rule": str(rule), "text": rule.text_zh}, facts=_facts(before, rule, local_day(now)), reason=rule.reason,
        url=reverse("compliance:rule_detail", args=[rule.pk]), now=now,
    )  # fmt: skip
    trail.note(rule, changes=changes, reason=rule.reason)
    return rule


def lock(code: str) -> None:
    """Let one person at a time change the versions of a rule; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 13))", [f"rule:{code}"])


def _facts(before: Rule | None, rule: Rule, today: date) -> list[approvals.Fact]:
    """Return what is approved, in words: what the rule says, when it strikes, how grave it is, from when."""
    resolved = rulebook.Figures(today)

    def said(of: Rule | None) -> dict[Any, str]:
        if of is None:
            return {}
        return {
            _("What it says"): of.text_zh,
            _("Strikes when"): "；".join(rulebook.sentence(each, resolved.filled(of.clauses)) for each in of.clauses),
            pgettext_lazy("compliance", "Level"): of.get_level_display(),
            _("Pack"): of.get_pack_display(),
            _("Acts"): "、".join(vocabulary.kind_label(kind) for kind in of.kinds),
            _("Territories"): "、".join(of.regions),
            _("Products"): "、".join(of.products),
            _("Roles"): "、".join(of.roles),
            _("How to do it lawfully, in Chinese"): of.mend_zh,
            _("Source"): of.citation,
            _("Confidence"): of.get_confidence_display(),
            _("In force from"): of.valid_from.isoformat(),
            _("In force until"): of.valid_to.isoformat() if of.valid_to else "",
        }

    held, wanted = said(before), said(rule)
    return [
        approvals.Fact(label, value, held.get(label, ""))
        for label, value in wanted.items()
        if value != held.get(label, "")
    ]


def _require_law_stands(before: Rule, rule: Rule) -> None:
    is_law = before.pack == Pack.LAW and before.reference
    order = Level.values
    if is_law and (rule.pack != Pack.LAW or rule.valid_to or order.index(rule.level) > order.index(before.level)):
        raise LawStands(before)


# Is it sound? ---------------------------------------------------------------------------------------------------


def _require_sound(rule: Rule, *, today: date) -> None:
    """Check what a model cannot: words of the vocabulary, codes that exist, a condition that can hold.

    Raises:
        Invalid: by field.
    """
    found: dict[str, list[Any]] = {}
    if not rule.reason:
        found["reason"] = [_("Say why: the approver and the inspection will ask.")]
    if rule.valid_from < today:
        found["valid_from"] = [_("History is frozen: choose today or a later day.")]
    known = {*vocabulary.FORESEEN, *(kind.code for kind in vocabulary.kinds())}
    if not rule.kinds or not set(rule.kinds) <= known:
        found["kinds"] = [_("Choose at least one act from the list.")]
    for name, model in (("regions", Territory), ("products", Product), ("roles", Role)):
        wanted = set(getattr(rule, name))
        if missing := wanted - set(model.unscoped.filter(code__in=wanted).values_list("code", flat=True)):
            found[name] = [_("Unknown code: %(codes)s") % {"codes": "、".join(sorted(missing))}]
    if not rule.clauses:
        found["clauses"] = [_("Say when the rule strikes: at least one condition.")]
    for number, clause in enumerate(rule.clauses):
        if problem := clause_problem(clause):
            found[f"clauses.{number}"] = [problem]
    if not found:
        resolved = rulebook.Figures(today)
        plain = engine.Rule(rule.code, "forbid", tuple(rulebook.clause_of(each, resolved) for each in rule.clauses))
        if any(each.kind == "never" for each in engine.findings([plain], vocabulary.types())):
            found["clauses"] = [rulebook.FINDINGS["never"]]
    if found:
        raise Invalid(fields=found)


def clause_problem(clause: Mapping[str, Any]) -> Any:
    """Return what is wrong with a clause, None when it is sound."""
    facts = {fact.code: fact for fact in vocabulary.facts()}
    fact, operator = facts.get(clause.get("fact", "")), clause.get("operator")
    if fact is None:
        return _("Choose what to look at.")
    if operator not in OPERATORS[fact.type]:
        return _("“%(fact)s” cannot be compared so.") % {"fact": fact.label}
    sides = [name for name in ("value", "figure", "other") if clause.get(name) not in (None, "", [])]
    if operator in ALONE:
        return (
            _("Nothing stands behind “%(operator)s”.") % {"operator": rulebook.OPERATORS[operator]} if sides else None
        )
    if len(sides) != 1:
        return _("Give one of: a value, a figure of a policy, another fact.")
    return {"value": _value_problem, "figure": _figure_problem, "other": _other_problem}[sides[0]](
        fact, str(operator), clause[sides[0]]
    )


def _value_problem(fact: vocabulary.Fact, operator: str, value: Any) -> Any:
    if fact.type == "number":
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            return _("“%(value)s” is not a number.") % {"value": value}
        if number.is_finite() and -LARGEST < number < LARGEST:
            return None
        return _("“%(value)s” is not a number that an act can have.") % {"value": value}
    values: Sequence[Any] = value if operator in SEVERAL else [value]
    if not isinstance(values, list | tuple) or not all(isinstance(each, str) and each for each in values):
        return _("Give texts.")
    known = {code for code, _label in fact.choices}
    unknown = sorted(set(values) - known) if known else []
    return _("Unknown value: %(values)s") % {"values": "、".join(unknown)} if unknown else None


def _figure_problem(fact: vocabulary.Fact, operator: str, name: Any) -> Any:
    try:
        value = rulebook.Figures(date.max).value(str(name))
    except LookupError:
        return _("There is no such figure.")
    is_list = isinstance(value, list | tuple)
    fits = is_list is (operator in SEVERAL) and (is_list or (fact.type == "number" and isinstance(value, Decimal)))
    return None if fits else _("This figure cannot be compared with “%(fact)s”.") % {"fact": fact.label}


def _other_problem(fact: vocabulary.Fact, operator: str, name: Any) -> Any:
    other = next((each for each in vocabulary.facts() if each.code == name), None)
    if (
        other is None
        or other.code == fact.code
        or other.type != fact.type
        or fact.type == "codes"
        or operator in SEVERAL
    ):
        return _("This cannot be compared with “%(fact)s”.") % {"fact": fact.label}
    return None
