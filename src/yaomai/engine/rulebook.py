"""Rules over the facts of an act: what strikes, what never can, and the same over a million acts at once.

A rule strikes when every one of its clauses holds. A clause compares one fact with a value or with another fact; there
is nothing else, so a rule can neither compute nor call anything, and whether two rules overlap can be decided.

Facts are numbers (Decimal, int), texts, flags (bool) or codes (a collection of texts); None is unknown. A comparison
with something unknown does not hold: who wants unknown to count says `missing`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import and_, or_
from typing import Any, Literal

FactType = Literal["number", "text", "flag", "codes"]
Level = Literal["forbid", "avoid", "watch"]
LEVELS: tuple[Level, ...] = ("forbid", "avoid", "watch")
"""The gravest first: 禁止, 避免, 关注."""

COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "above": lambda fact, value: fact > value,
    "at_least": lambda fact, value: fact >= value,
    "below": lambda fact, value: fact < value,
    "at_most": lambda fact, value: fact <= value,
    "is": lambda fact, value: fact == value,
    "is_not": lambda fact, value: fact != value,
    "one_of": lambda fact, value: fact in value,
    "none_of": lambda fact, value: fact not in value,
}
OPERATORS: Mapping[FactType, tuple[str, ...]] = {
    "number": ("above", "at_least", "below", "at_most", "is", "is_not", "missing", "present"),
    "text": ("is", "is_not", "one_of", "none_of", "missing", "present"),
    "flag": ("yes", "no", "missing"),
    "codes": ("one_of", "none_of", "missing", "present"),
}
"""What may be asked of a fact. Of codes, `one_of` holds when they share any, `none_of` when they share none."""
ALONE = frozenset({"yes", "no", "missing", "present"})
SEVERAL = frozenset({"one_of", "none_of"})
APART = "|"
"""In a column of the mirror, codes stand between these: |HD|HD-01|."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison: `fact operator value`, or with `other` the value of that fact."""

    fact: str
    operator: str
    value: Any = None
    other: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """Clauses that must all hold, and how grave it is when they do."""

    code: str
    level: Level
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a rule.

    kind: "never" its clauses exclude one another; "overtaken" whenever it strikes, `by` strikes at least as gravely, so
          it decides nothing; "contradicts" `by` has the same clauses and another level.
    """

    kind: Literal["never", "overtaken", "contradicts"]
    code: str
    by: str = ""


# One act --------------------------------------------------------------------------------------------------------

Test = Callable[[Mapping[str, Any]], bool]


def compiled(rules: Sequence[Rule]) -> "Book":
    """Return the rules ready to be asked many times."""
    return Book(tuple((rule, tuple(_test(clause) for clause in rule.clauses)) for rule in rules))


@dataclass(frozen=True, slots=True)
class Book:
    """Rules with their tests."""

    tests: tuple[tuple[Rule, tuple[Test, ...]], ...]

    def struck(self, facts: Mapping[str, Any]) -> list[Rule]:
        """Return the rules that strike, the gravest first."""
        found = [rule for rule, tests in self.tests if all(test(facts) for test in tests)]
        found.sort(key=lambda rule: LEVELS.index(rule.level))
        return found


def _test(clause: Clause) -> Test:
    fact, operator, value, other = clause.fact, clause.operator, clause.value, clause.other
    if operator == "yes":
        return lambda facts: facts.get(fact) is True
    if operator == "no":
        return lambda facts: facts.get(fact) is False
    if operator == "missing":
        return lambda facts: _is_missing(facts.get(fact))
    if operator == "present":
        return lambda facts: not _is_missing(facts.get(fact))
    compare = COMPARISONS[operator]
    if other:
        return lambda facts: (
            (ours := facts.get(fact)) is not None and (theirs := facts.get(other)) is not None and compare(ours, theirs)
        )
    if operator in SEVERAL:
        wanted, shares = frozenset(value), operator == "one_of"

        def meets(facts: Mapping[str, Any]) -> bool:
            found = facts.get(fact)
            if found is None:
                return False
            has = found in wanted if isinstance(found, str) else not wanted.isdisjoint(found)
            return has is shares

        return meets
    return lambda facts: (found := facts.get(fact)) is not None and compare(found, value)


def _is_missing(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, list | tuple | frozenset) and not value)


# Many acts ------------------------------------------------------------------------------------------------------


def replayed(acts: Any, rules: Sequence[Rule], types: Mapping[str, FactType]) -> Any:
    """Return the acts with what the rules say of each.

    Args:
        acts: an Ibis table with one column per fact; codes as text between bars (see `APART`).
        types: fact -> type.

    Returns:
        the table with `strikes_0` … `strikes_n` (bool, in the order of the rules) and `gravity` (int: 2 forbid,
        1 avoid, 0 nothing or watch).

    Raises:
        KeyError: a rule asks for a fact that has no type.
    """
    import ibis

    struck = {f"strikes_{number}": _strikes(acts, rule, types) for number, rule in enumerate(rules)}
    judged = acts.mutate(**struck)
    false = ibis.literal(False)

    def any_of(level: Level) -> Any:
        return reduce(or_, (judged[f"strikes_{n}"] for n, rule in enumerate(rules) if rule.level == level), false)

    return judged.mutate(gravity=ibis.cases((any_of("forbid"), 2), (any_of("avoid"), 1), else_=0))


def _strikes(acts: Any, rule: Rule, types: Mapping[str, FactType]) -> Any:
    import ibis

    held = [_holds(acts, clause, types[clause.fact]) for clause in rule.clauses]
    return reduce(and_, held).fill_null(False) if held else ibis.literal(True)


def _holds(acts: Any, clause: Clause, kind: FactType) -> Any:
    column = acts[clause.fact]
    match clause.operator:
        case "yes":
            return column
        case "no":
            return ~column
        case "missing" | "present":
            missing = column.isnull()
            if kind in ("text", "codes"):
                missing = missing | column.isin(["", APART * 2])
            return missing if clause.operator == "missing" else ~missing
    if kind == "codes":
        found = reduce(or_, (column.contains(f"{APART}{code}{APART}") for code in clause.value))
        return found if clause.operator == "one_of" else ~found
    if clause.operator in SEVERAL:
        return column.isin(list(clause.value)) if clause.operator == "one_of" else column.notin(list(clause.value))
    value = acts[clause.other] if clause.other else clause.value
    compare: Mapping[str, Callable[[Any, Any], Any]] = COMPARISONS
    return compare[clause.operator](column, value)


# The rules themselves -------------------------------------------------------------------------------------------


def findings(rules: Sequence[Rule], types: Mapping[str, FactType]) -> Iterator[Finding]:
    """Yield what is wrong with rules that hold for the same acts, in their order."""
    spaces = {rule.code: _space(rule.clauses, types) for rule in rules}
    possible = [rule for rule in rules if not any(map(_is_impossible, spaces[rule.code].values()))]
    for rule in rules:
        if rule not in possible:
            yield Finding("never", rule.code)
            continue
        for other in possible:
            if other is rule or not _within(spaces[rule.code], spaces[other.code]):
                continue
            same = _within(spaces[other.code], spaces[rule.code])
            if same and other.level != rule.level:
                yield Finding("contradicts", rule.code, other.code)
                break
            ours, theirs = LEVELS.index(rule.level), LEVELS.index(other.level)
            # Of two that say the same, the first decides.
            if theirs < ours or (theirs == ours and (not same or rules.index(other) < rules.index(rule))):
                yield Finding("overtaken", rule.code, other.code)
                break


@dataclass(slots=True)
class _Range:
    """Which values of one fact the clauses leave: an interval, a set, what is excluded; whether it is known."""

    low: tuple[Decimal, bool] | None = None
    """The bound, and whether it is excluded itself."""
    high: tuple[Decimal, bool] | None = None
    among: frozenset[Any] | None = None
    excluded: frozenset[Any] = frozenset()
    known: bool = False
    filled: bool = False
    """Known, and neither an empty text nor no codes at all: both count as missing, and share no code with any list."""
    unknown: bool = False
    opaque: frozenset[tuple[str, Any]] = frozenset()
    """What other facts and lists of codes it is compared with: never impossible, implied by what is as narrow."""


def _space(clauses: Sequence[Clause], types: Mapping[str, FactType]) -> dict[str, _Range]:
    found: dict[str, _Range] = {}
    for clause in clauses:
        space = found.setdefault(clause.fact, _Range())
        space.unknown |= clause.operator == "missing"
        space.known |= clause.operator != "missing"
        space.filled |= clause.operator != "missing" and not _takes_empty(clause, types[clause.fact])
        if clause.operator not in ("missing", "present"):
            _narrow(space, clause, types[clause.fact])
    return found


def _takes_empty(clause: Clause, kind: FactType) -> bool:
    """Tell whether an empty text, or no codes at all, can meet a clause."""
    if kind == "codes":
        return clause.operator == "none_of"
    if kind != "text" or clause.operator in ALONE:
        return False
    if clause.operator in ("is_not", "none_of") or clause.other:
        return True
    return "" in clause.value if clause.operator == "one_of" else clause.value == ""


def _narrow(space: _Range, clause: Clause, kind: FactType) -> None:
    operator, value = clause.operator, clause.value
    if clause.other:
        space.opaque |= {(operator, clause.other)}
    elif kind == "codes":
        space.opaque |= {(operator, frozenset(value))}
    elif operator in ("yes", "no", "is", "one_of"):
        values = (
            frozenset(value) if operator == "one_of" else frozenset({operator == "yes" if kind == "flag" else value})
        )
        space.among = values if space.among is None else space.among & values
    elif operator in ("is_not", "none_of"):
        space.excluded |= frozenset(value) if operator == "none_of" else {value}
    elif operator in ("above", "at_least"):
        bound = (Decimal(value), operator == "above")
        space.low = bound if space.low is None else max(space.low, bound)
    else:
        bound = (Decimal(value), operator == "below")
        space.high = bound if space.high is None else min(space.high, bound, key=_height)


def _height(bound: tuple[Decimal, bool]) -> tuple[Decimal, bool]:
    """Order upper bounds: one that excludes itself is lower."""
    return bound[0], not bound[1]


def _is_impossible(space: _Range) -> bool:
    if space.filled and space.unknown:
        return True
    if space.among is not None:
        return not any(value not in space.excluded and _inside(value, space) for value in space.among)
    if space.low is None or space.high is None:
        return False
    return space.low[0] > space.high[0] or (space.low[0] == space.high[0] and (space.low[1] or space.high[1]))


def _inside(value: Any, space: _Range) -> bool:
    if space.low is not None and not (value > space.low[0] or (value == space.low[0] and not space.low[1])):
        return False
    return space.high is None or value < space.high[0] or (value == space.high[0] and not space.high[1])


def _within(inner: Mapping[str, _Range], outer: Mapping[str, _Range]) -> bool:
    """Tell whether whatever meets `inner` meets `outer` too; False where that is not certain."""
    return all(fact in inner and _range_within(inner[fact], wanted) for fact, wanted in outer.items())


def _range_within(inner: _Range, outer: _Range) -> bool:
    if (
        (outer.unknown and not inner.unknown)
        or (outer.known and not inner.known)
        or (outer.filled and not inner.filled)
    ):
        return False
    if not all(any(_implies(ours, theirs) for ours in inner.opaque) for theirs in outer.opaque):
        return False
    if inner.among is not None:
        return all(
            (outer.among is None or value in outer.among) and value not in outer.excluded and _inside(value, outer)
            for value in inner.among
        )
    if outer.among is not None or not outer.excluded <= inner.excluded:
        return False
    if outer.low is not None and (inner.low is None or inner.low < outer.low):
        return False
    return outer.high is None or (inner.high is not None and _height(inner.high) <= _height(outer.high))


def _implies(ours: tuple[str, Any], theirs: tuple[str, Any]) -> bool:
    if ours == theirs:
        return True
    if ours[0] != theirs[0] or not isinstance(ours[1], frozenset) or not isinstance(theirs[1], frozenset):
        return False
    return ours[1] <= theirs[1] if ours[0] == "one_of" else ours[1] >= theirs[1]
