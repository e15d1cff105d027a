"""The gate: every regulated act asks first.

    verdict = gate.check("visit", {"person": 7, "institution": 3, …}, actor, on)
    verdict.require()                                  # raises RuleForbids, with its citations, where a rule forbids
    …
    verdict.keep(visit)                                # beside the act, in its transaction

A room registers its kinds of act in its `apps.py` (`gate.register_kind`), naming facts of the vocabulary. `check` costs
one query for the rule book and one for each source of facts; the rules themselves are asked in memory.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.compliance import rulebook, vocabulary
from yaomai.compliance.models import Check, Level, Outcome, Rule
from yaomai.compliance.vocabulary import register_fact, register_kind, register_source
from yaomai.kit import warehouse
from yaomai.kit.access import Actor
from yaomai.kit.errors import Refused
from yaomai.kit.explain import Explanation, Input
from yaomai.kit.policies.figures import unit_label

__all__ = [
    "ApprovalNeeded",
    "RuleForbids",
    "Verdict",
    "check",
    "explained",
    "judged",
    "register_fact",
    "register_kind",
    "register_source",
]


class RuleForbids(Refused):
    """A rule forbids the act."""

    code = "rule_forbids"
    message = gettext_lazy("%(text)s")

    def __init__(self, rules: Sequence[Rule]) -> None:
        text = " ".join(filter(None, (rules[0].text, rules[0].mend)))
        super().__init__(citations=[rule.citation for rule in rules], text=text)


class ApprovalNeeded(Refused):
    """The act is done only after somebody approved it."""

    code = "approval_needed"
    message = gettext_lazy("This needs an approval first: %(text)s")

    def __init__(self, rules: Sequence[Rule]) -> None:
        super().__init__(citations=[rule.citation for rule in rules], text=rules[0].text)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of an act: the rules that strike, the gravest first, with the facts they were asked with."""

    kind: str
    outcome: Outcome
    rules: tuple[Rule, ...]
    facts: Mapping[str, Any]
    on: date
    actor: Actor

    @property
    def citations(self) -> list[str]:
        return [rule.citation for rule in self.rules]

    @property
    def explanation(self) -> Explanation:
        """Why, in the reader's language."""
        return explained(self.kind, self.outcome, self.rules, self.facts, self.on)

    def require(self, *, approved: bool = False) -> "Verdict":
        """Return itself where the act may be done.

        Raises:
            RuleForbids: a rule forbids it.
            ApprovalNeeded: it must be approved first, and was not.
        """
        if self.outcome == Outcome.REFUSE:
            raise RuleForbids([rule for rule in self.rules if rule.level == Level.FORBID])
        if self.outcome == Outcome.NEEDS_APPROVAL and not approved:
            raise ApprovalNeeded([rule for rule in self.rules if rule.level == Level.AVOID])
        return self

    def keep(self, target: models.Model | None = None) -> Check:
        """Store the verdict beside the act, in the act's transaction."""
        kept = Check(
            kind=self.kind,
            on=self.on,
            facts=vocabulary.kept(self.facts),
            outcome=self.outcome,
            rules=[str(rule) for rule in self.rules],
            person_id=self.facts.get("person") or self.actor.person_id,
            territory_id=self.facts.get("territory"),
            target_type=target._meta.label_lower if target is not None else "",
            target_id=str(target.pk) if target is not None else "",
            target_label=str(target)[:255] if target is not None else "",
            created_at=timezone.now(),
        )
        kept.save(force_insert=True)
        warehouse.mark_changed(vocabulary.kind_of(self.kind).dataset, [self.on])
        return kept


def check(kind: str, facts: Mapping[str, Any], actor: Actor, on: date) -> Verdict:
    """Return what the rules in force on a day say of an act.

    `facts` are those of the kind that no source computes, each of them, None for what is unknown.

    Raises:
        KeyError: no room brings this kind.
        ValueError: a fact is left out, or is none of the kind: a bug in the caller.
        RulesMissing: there is no rule book to ask.
    """
    known = vocabulary.kind_of(kind)
    _require_all(known, facts)
    book = rulebook.on_day(on)
    complete = dict(facts)
    for source in known.sources:
        complete |= source.load(complete, actor, book)
    return judged(kind, complete, book.struck(kind, complete), on, actor)


def judged(kind: str, facts: Mapping[str, Any], struck: Sequence[Rule], on: date, actor: Actor) -> Verdict:
    """Return the verdict of the rules that strike."""
    levels = {rule.level for rule in struck}
    outcome = (
        Outcome.REFUSE if Level.FORBID in levels else Outcome.NEEDS_APPROVAL if Level.AVOID in levels else Outcome.ALLOW
    )
    return Verdict(kind, outcome, tuple(struck), facts, on, actor)


def _require_all(kind: vocabulary.Kind, facts: Mapping[str, Any]) -> None:
    given = kind.given
    if missing := given - facts.keys():
        raise ValueError(f"{kind.code} was asked without {sorted(missing)}; pass None for what is unknown")
    if unknown := facts.keys() - given:
        raise ValueError(f"{sorted(unknown)} are no facts that {kind.code} brings")


# In words -------------------------------------------------------------------------------------------------------

SENTENCES = {
    Outcome.ALLOW: gettext_lazy("%(kind)s: allowed"),
    Outcome.NEEDS_APPROVAL: gettext_lazy("%(kind)s: needs approval"),
    Outcome.REFUSE: gettext_lazy("%(kind)s: forbidden"),
}


def explained(kind: str, outcome: str, rules: Sequence[Rule], facts: Mapping[str, Any], on: date) -> Explanation:
    """Return why a verdict is what it is: the rules with what each compared, and what would make the act lawful."""
    head = str(SENTENCES[Outcome(outcome)]) % {"kind": vocabulary.kind_label(kind)}
    if not rules:
        head = f"{head} · {_('no rule stands against it')}"
    book = rulebook.on_day(on)
    return Explanation(
        sentence=head,
        lift=tuple(rule.mend for rule in rules if rule.mend),
        sources=tuple(rule.citation for rule in rules),
        as_of=on,
        children=tuple(_explained_rule(rule, facts, book) for rule in rules),
    )


def _explained_rule(rule: Rule, facts: Mapping[str, Any], book: "rulebook.Rulebook") -> Explanation:
    inputs: list[Input] = []
    for clause in rule.clauses:
        fact, value = vocabulary.fact_of(clause["fact"]), facts.get(clause["fact"])
        inputs.append(
            Input(label=str(fact.label), value=_said(fact, value), unit=str(unit_label(fact.unit)), missing=value is None,
                  source=rulebook.sentence(clause, book.figures))
        )  # fmt: skip
    return Explanation(
        sentence=f"{rule.get_level_display()}：{rule.text}",
        inputs=tuple(inputs),
        sources=(f"{rule.citation} · {rule.get_confidence_display()}",),
        policy=book.reference(rule),
    )


def _said(fact: vocabulary.Fact, value: Any) -> Any:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return fact.shown(value)
