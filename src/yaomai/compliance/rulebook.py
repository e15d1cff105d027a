"""The rules in force on a day, ready to be asked: read once, kept until a rule, a figure or a pack changes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from django.db import connection
from django.utils.translation import gettext_lazy

from yaomai.compliance import vocabulary
from yaomai.compliance.models import Pack, Rule
from yaomai.compliance.policies import PackPolicy
from yaomai.engine import rulebook as engine
from yaomai.engine.rulebook import ALONE, SEVERAL, Book, Clause
from yaomai.kit.errors import Unavailable
from yaomai.kit.explain import PolicyReference
from yaomai.kit.memo import kept
from yaomai.kit.policies.figures import unit_label, written
from yaomai.kit.policies.models import Version
from yaomai.kit.policies.schema import Policy, facts_of, registered
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.policies.shapes import shape_of
from yaomai.organization.models import Territory

P = TypeVar("P", bound=Policy)
SCOPES = (("regions", "territories"), ("products", "products"), ("roles", "roles"))
"""Fields of a rule that narrow it, with the fact that each is compared with."""


class RulesMissing(Unavailable):
    """There are no rules of law to ask: nothing may pass."""

    code = "rules_missing"
    message = gettext_lazy(
        "The rule book holds no rule of law for this day, so nothing can be checked and nothing passes. Ask your"
        " administrator to bring the database up to date."
    )


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules of a day, by kind of act, with the figures they compare with."""

    on: date
    packs: frozenset[str]
    rules: tuple[Rule, ...]
    broken: Mapping[str, str]
    """Code of a rule that cannot be asked -> the fact or figure it names that is gone."""
    figures: Mapping[str, Any]
    versions: Mapping[str, Version | None]
    above: Mapping[int, Sequence[str]]
    """Id of a territory -> the codes of it and of all above it."""
    _books: Mapping[str, Book] = field(repr=False)
    _by_code: Mapping[str, Rule] = field(repr=False)
    _policies: dict[str, Policy] = field(repr=False, default_factory=dict)

    def struck(self, kind: str, facts: Mapping[str, Any]) -> list[Rule]:
        """Return the rules that strike an act, the gravest first."""
        book = self._books.get(kind)
        return [] if book is None else [self._by_code[each.code] for each in book.struck(facts)]

    def policy(self, policy: type[P]) -> P:
        """Return a policy as it holds on the day; read once for the book."""
        if policy.name not in self._policies:
            self._policies[policy.name], _version = policy_on(policy, on=self.on)
        found = self._policies[policy.name]
        assert isinstance(found, policy)
        return found

    def unasked(self, rule: Rule) -> list[str]:
        """Return the kinds of act that a rule concerns and that it is not asked of: they do not tell its facts yet."""
        return [kind for kind in rule.kinds if rule.code not in {each.code for each in self.plain(kind)}]

    def plain(self, kind: str) -> list[engine.Rule]:
        """Return the rules of a kind as the engine reads them, figures filled in."""
        book = self._books.get(kind)
        return [] if book is None else [rule for rule, _tests in book.tests]

    def findings(self) -> list[tuple[Rule, str]]:
        """Return what is wrong with the rules, in the reader's language."""
        found = [(self._by_code[code], str(FINDINGS["broken"]) % {"by": name}) for code, name in self.broken.items()]
        types, seen = vocabulary.types(), set()
        for kind in dict.fromkeys(kind for rule in self.rules for kind in rule.kinds):
            for each in engine.findings(self.plain(kind), types):
                if (each.code, each.kind) in seen or (each.kind != "never" and not self._always(each, kind)):
                    continue
                seen.add((each.code, each.kind))
                found.append((self._by_code[each.code], str(FINDINGS[each.kind]) % {"by": each.by}))
        return found

    def _always(self, finding: engine.Finding, kind: str) -> bool:
        """Tell whether a rule is overtaken for every kind that it concerns, not for this one alone."""
        return set(self._by_code[finding.code].kinds) <= set(self._by_code[finding.by].kinds)

    def reference(self, rule: Rule) -> PolicyReference | None:
        """Return the policy whose figures a rule compares with; None when it compares with none."""
        names = [clause["figure"].partition(":")[0] for clause in rule.clauses if clause.get("figure")]
        if not names or names[0] not in registered():
            return None
        return _reference(registered()[names[0]], self.versions.get(names[0]))


FINDINGS = {
    "broken": gettext_lazy("It names something that does not exist: %(by)s"),
    "never": gettext_lazy("Its conditions exclude one another, so it can never strike."),
    "overtaken": gettext_lazy("Whenever it strikes, %(by)s strikes at least as gravely: it decides nothing."),
    "contradicts": gettext_lazy("%(by)s has the same condition and another level."),
}


def _reference(policy: type[Policy], version: Version | None) -> PolicyReference:
    from django.urls import reverse

    return PolicyReference(
        name=policy.name,
        label=str(policy.label),
        version=version.number if version else None,
        valid_from=version.valid_from if version else None,
        url=reverse("policies:policy_detail", args=[policy.name]),
    )


# Reading --------------------------------------------------------------------------------------------------------

_STAMP = """
SELECT (SELECT (count(*) FILTER (WHERE status = 'approved'), max(id), max(decided_at))::text FROM compliance_rule),
       (SELECT (count(*), max(id), max(published_at))::text FROM policies_version WHERE status = 'published'),
       (SELECT (count(*), max(id), sum(version))::text FROM organization_territory)
"""


def on_day(on: date) -> Rulebook:
    """Return the rule book of a day.

    Raises:
        RulesMissing: it holds no rule of law.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STAMP)
        stamp = (*cursor.fetchone(), len(vocabulary.kinds()))
    book = _read(stamp, on)
    if not any(rule.pack == Pack.LAW for rule in book.rules):
        raise RulesMissing
    return book


@kept(most=64)
def _read(_stamp: tuple[str, str, str, int], on: date) -> Rulebook:
    packs, _version = policy_on(PackPolicy, on=on)
    return of_rules(in_force(on=on, packs=packs.active), on=on, packs=packs.active)


def in_force(*, on: date, packs: Iterable[str]) -> list[Rule]:
    """Return the approved rules of some packs that hold on a day, one version of each."""
    begun = Rule.unscoped.filter(status=Rule.Status.APPROVED, valid_from__lte=on).order_by(
        "code", "valid_from", "number"
    )
    latest = {rule.code: rule for rule in begun}
    wanted = frozenset(packs)
    order = {pack: number for number, pack in enumerate(Pack.values)}
    held = [rule for rule in latest.values() if rule.pack in wanted and (rule.valid_to is None or rule.valid_to > on)]
    return sorted(held, key=lambda rule: (order[rule.pack], rule.pk))


def of_rules(rules: Sequence[Rule], *, on: date, packs: Iterable[str]) -> Rulebook:
    """Return some rules as a book, with the figures of a day."""
    resolved = Figures(on)
    by_kind: dict[str, list[engine.Rule]] = {}
    broken: dict[str, str] = {}
    for rule in rules:
        try:
            ready = engine.Rule(rule.code, rule.level, tuple(_clauses(rule, resolved)))  # type: ignore[arg-type]
        except LookupError as error:
            broken[rule.code] = str(error.args[0])
            continue
        for kind in rule.kinds:
            if _can_ask(kind, ready):
                by_kind.setdefault(kind, []).append(ready)
    return Rulebook(
        on=on,
        packs=frozenset(packs),
        rules=tuple(rules),
        broken=broken,
        figures=resolved.values,
        versions=resolved.versions,
        above=_above(),
        _books={kind: engine.compiled(some) for kind, some in by_kind.items()},
        _by_code={rule.code: rule for rule in rules},
    )


def _above() -> dict[int, list[str]]:
    """Return the codes of each territory and of all above it; the tree is small and read with the rules."""
    rows = {pk: (code, path) for pk, code, path in Territory.unscoped.values_list("pk", "code", "path")}
    return {
        pk: [rows[int(each)][0] for each in path.strip("/").split("/") if int(each) in rows]
        for pk, (_code, path) in rows.items()
        if path.strip("/")
    }


def _can_ask(kind: str, rule: engine.Rule) -> bool:
    """Tell whether the acts of a kind have every fact that a rule speaks of; no room may bring the kind yet."""
    known = {each.code: frozenset(each.facts) for each in vocabulary.kinds()}
    named = {name for clause in rule.clauses for name in (clause.fact, clause.other) if name}
    return kind in known and named <= known[kind]


class Figures:
    """Figures of policies as they hold on a day: "policy:field" -> value."""

    def __init__(self, on: date) -> None:
        self.on = on
        self.values: dict[str, Any] = {}
        self.versions: dict[str, Version | None] = {}
        self._documents: dict[str, Policy] = {}

    def filled(self, clauses: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        """Return the figures that clauses name."""
        for name in {clause["figure"] for clause in clauses if clause.get("figure")}:
            self.value(name)
        return self.values

    def value(self, name: str) -> Any:
        """Return a figure.

        Raises:
            LookupError: there is no such policy or field.
        """
        policy, _colon, path = name.partition(":")
        if policy not in registered() or path not in registered()[policy].model_fields:
            raise LookupError(name)
        if policy not in self._documents:
            self._documents[policy], self.versions[policy] = policy_on(registered()[policy], on=self.on)
        found = getattr(self._documents[policy], path)
        self.values[name] = Decimal(str(found)) if isinstance(found, int | float) else found
        return self.values[name]


def _clauses(rule: Rule, resolved: Figures) -> Iterator[Clause]:
    """Yield what a rule compares: its scope, then its clauses, with figures filled in."""
    for name, fact in SCOPES:
        codes = getattr(rule, name)
        if codes:
            yield Clause(fact, "one_of", tuple(codes))
    for clause in rule.clauses:
        yield clause_of(clause, resolved)


def clause_of(kept: Mapping[str, Any], resolved: Figures) -> Clause:
    """Return a clause as the engine reads it.

    Raises:
        LookupError: it names a fact or a figure that does not exist.
    """
    fact = vocabulary.fact_of(kept["fact"])
    operator = kept["operator"]
    if operator in ALONE:
        return Clause(fact.code, operator)
    if kept.get("other"):
        return Clause(fact.code, operator, other=vocabulary.fact_of(kept["other"]).code)
    value = resolved.value(kept["figure"]) if kept.get("figure") else kept["value"]
    if fact.type == "number":
        value = Decimal(str(value))
    return Clause(fact.code, operator, tuple(value) if operator in SEVERAL else value)


# In words -------------------------------------------------------------------------------------------------------

OPERATORS = {
    "above": gettext_lazy("is above"),
    "at_least": gettext_lazy("is at least"),
    "below": gettext_lazy("is below"),
    "at_most": gettext_lazy("is at most"),
    "is": gettext_lazy("is"),
    "is_not": gettext_lazy("is not"),
    "one_of": gettext_lazy("is one of"),
    "none_of": gettext_lazy("is none of"),
    "yes": gettext_lazy("holds"),
    "no": gettext_lazy("does not hold"),
    "missing": gettext_lazy("is unknown"),
    "present": gettext_lazy("is known"),
}


def sentence(kept: Mapping[str, Any], figures: Mapping[str, Any]) -> str:
    """Return a clause in words, with the figures known: "Amount is above 100 yuan (Gifts › Highest value of one gift)"."""
    fact = vocabulary.fact_of(kept["fact"])
    said = f"{fact.label} {OPERATORS[kept['operator']]}"
    if kept["operator"] in ALONE:
        return said
    if kept.get("other"):
        return f"{said} {vocabulary.fact_of(kept['other']).label}"
    if kept.get("figure"):
        label = figure_label(kept["figure"])
        value = figures.get(kept["figure"])
        shown = _figure_shown(kept["figure"], value) if value is not None else ""
        return f"{said} {shown}（{label}）" if shown else f"{said} {label}"
    value = kept["value"]
    return f"{said} {fact.shown(value)} {unit_label(fact.unit)}".strip()


def figure_label(name: str) -> str:
    """Return what a figure is called, with its policy."""
    policy, _colon, path = name.partition(":")
    if policy not in registered() or path not in registered()[policy].model_fields:
        return name
    return f"{registered()[policy].label} › {facts_of(registered()[policy], path)['label']}"


def _figure_shown(name: str, value: Any) -> str:
    policy, _colon, path = name.partition(":")
    facts = facts_of(registered()[policy], path)
    words = facts["choices"]({}) if facts["choices"] else {}
    if isinstance(value, list | tuple):
        return "、".join(str(words.get(each, each)) for each in value)
    return written(value, facts["unit"])


def figure_choices() -> list[tuple[str, str]]:
    """Return the figures that rules may compare with: numbers and lists of codes, of every policy."""
    return [
        (f"{name}:{path}", figure_label(f"{name}:{path}"))
        for name, policy in registered().items()
        for path in policy.model_fields
        if shape_of(policy, path).kind in ("number", "integer", "texts")
    ]
