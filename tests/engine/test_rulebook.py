"""Rules over facts: one act, a million acts, and the rules themselves."""

import itertools
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yaomai.engine import backends
from yaomai.engine.rulebook import OPERATORS, Clause, Finding, Rule, compiled, findings, replayed

TYPES: dict[str, Any] = {"amount": "number", "limit": "number", "form": "text", "filed": "flag", "places": "codes"}


def rule(code: str, *clauses: Clause, level: Any = "forbid") -> Rule:
    return Rule(code, level, clauses)


ABOVE = rule("above", Clause("amount", "above", Decimal(100)))


@pytest.mark.parametrize(
    ("clause", "facts", "strikes"),
    [
        (Clause("amount", "above", Decimal(100)), {"amount": Decimal("100.01")}, True),
        (Clause("amount", "above", Decimal(100)), {"amount": Decimal(100)}, False),
        (Clause("amount", "at_least", Decimal(100)), {"amount": 100}, True),
        (Clause("amount", "below", Decimal(100)), {"amount": None}, False),
        (Clause("amount", "missing"), {"amount": None}, True),
        (Clause("amount", "above", other="limit"), {"amount": 10, "limit": 9}, True),
        (Clause("amount", "above", other="limit"), {"amount": 10, "limit": None}, False),
        (Clause("form", "one_of", ("cash", "card")), {"form": "card"}, True),
        (Clause("form", "none_of", ("cash", "card")), {"form": "card"}, False),
        (Clause("form", "none_of", ("cash", "card")), {"form": None}, False),
        (Clause("form", "missing"), {"form": ""}, True),
        (Clause("filed", "no"), {"filed": False}, True),
        (Clause("filed", "no"), {"filed": None}, False),
        (Clause("places", "one_of", ("HD",)), {"places": ["CN", "HD"]}, True),
        (Clause("places", "none_of", ("HD",)), {"places": ["CN", "HB"]}, True),
        (Clause("places", "missing"), {"places": []}, True),
    ],
)
def test_a_clause_holds_as_its_operator_says(clause: Clause, facts: dict[str, Any], strikes: bool) -> None:
    assert bool(compiled([rule("one", clause)]).struck(facts)) is strikes


def test_every_clause_must_hold_and_the_gravest_comes_first() -> None:
    both = rule("both", Clause("amount", "above", Decimal(5)), Clause("filed", "no"), level="watch")
    book = compiled([both, ABOVE])
    assert [each.code for each in book.struck({"amount": 200, "filed": False})] == ["above", "both"]
    assert [each.code for each in book.struck({"amount": 50, "filed": False})] == ["both"]
    assert book.struck({"amount": 50, "filed": True}) == []


values: dict[str, Any] = {
    "number": st.one_of(st.none(), st.integers(0, 4).map(Decimal)),
    "text": st.one_of(st.none(), st.sampled_from(["", "a", "b", "c"])),
    "flag": st.one_of(st.none(), st.booleans()),
    "codes": st.one_of(st.none(), st.lists(st.sampled_from(["HD", "HB", "CN"]), unique=True)),
}


@st.composite
def clauses(draw: Any) -> Clause:
    fact = draw(st.sampled_from(sorted(TYPES)))
    kind = TYPES[fact]
    operator = draw(st.sampled_from(OPERATORS[kind]))
    if operator in ("yes", "no", "missing", "present"):
        return Clause(fact, operator)
    if kind == "number":
        if draw(st.booleans()):
            return Clause(fact, operator, other="limit" if fact == "amount" else "amount")
        return Clause(fact, operator, Decimal(draw(st.integers(0, 4))))
    among = ["HD", "HB", "CN"] if kind == "codes" else ["a", "b", "c"]
    if operator in ("one_of", "none_of"):
        return Clause(fact, operator, tuple(draw(st.lists(st.sampled_from(among), min_size=1, unique=True))))
    return Clause(fact, operator, draw(st.sampled_from(among)))


rules = st.lists(
    st.tuples(st.sampled_from(["forbid", "avoid", "watch"]), st.lists(clauses(), min_size=1, max_size=3)),
    min_size=1,
    max_size=5,
).map(lambda many: [Rule(f"r{number}", level, tuple(some)) for number, (level, some) in enumerate(many)])
acts = st.lists(st.fixed_dictionaries({fact: values[kind] for fact, kind in TYPES.items()}), min_size=1, max_size=8)


@given(rules, acts)
def test_a_rule_called_impossible_or_overtaken_is_so_for_every_act(
    some: list[Rule], many: list[dict[str, Any]]
) -> None:
    by_code = {each.code: each for each in some}
    for finding in findings(some, TYPES):
        for facts in many:
            struck = {each.code for each in compiled(some).struck(facts)}
            if finding.kind == "never":
                assert finding.code not in struck
            elif finding.code in struck:
                assert finding.by in struck
                if finding.kind == "overtaken":
                    order = ("forbid", "avoid", "watch")
                    assert order.index(by_code[finding.by].level) <= order.index(by_code[finding.code].level)


SCHEMA = pa.schema(
    [
        ("amount", pa.decimal128(16, 2)),
        ("limit", pa.decimal128(16, 2)),
        ("form", pa.string()),
        ("filed", pa.bool_()),
        ("places", pa.string()),
    ]
)


def test_many_acts_are_judged_as_each_alone(tmp_path: Path) -> None:
    """Every operator over every combination of values, unknown ones included."""
    domain: dict[str, list[Any]] = {
        "amount": [None, Decimal(1), Decimal(2)],
        "limit": [None, Decimal(2)],
        "form": [None, "a", "b"],
        "filed": [None, True, False],
        "places": [None, [], ["HD"], ["HD", "CN"]],
    }
    many = [dict(zip(domain, row, strict=True)) for row in itertools.product(*domain.values())]
    some = [
        Rule(f"{fact}-{operator}-{number}", level, (Clause(fact, operator, value),))
        for number, (fact, kind) in enumerate(TYPES.items())
        for operator, level in zip(OPERATORS[kind], itertools.cycle(["forbid", "avoid", "watch"]), strict=False)
        for value in [_value(kind, operator)]
    ]
    some.append(Rule("other", "avoid", (Clause("amount", "at_least", other="limit"), Clause("filed", "no"))))
    stored = [row | {"places": _joined(row["places"])} for row in many]
    with backends.connected() as connection:
        table = backends.arrow_table(connection, pa.Table.from_pylist(stored, SCHEMA), tmp_path, "acts")
        found = replayed(table, some, TYPES).to_pyarrow().to_pylist()
    key = list(domain)
    judged = {tuple(row[name] for name in key): row for row in found}
    for row, kept in zip(many, stored, strict=True):
        ours = judged[tuple(kept[name] for name in key)]
        struck = {each.code for each in compiled(some).struck(row)}
        assert {each.code for number, each in enumerate(some) if ours[f"strikes_{number}"]} == struck, row
        gravest = {each.level for each in some if each.code in struck}
        assert ours["gravity"] == (2 if "forbid" in gravest else 1 if "avoid" in gravest else 0)


def _value(kind: str, operator: str) -> Any:
    if operator in ("one_of", "none_of"):
        return ("HD",) if kind == "codes" else ("a", "c")
    return {"number": Decimal(1), "text": "a"}.get(kind)


def _joined(codes: list[str] | None) -> str | None:
    return None if codes is None else f"|{'|'.join(codes)}|"


def test_rules_that_can_never_strike_or_decide_nothing_are_found() -> None:
    never = rule("never", Clause("amount", "above", Decimal(100)), Clause("amount", "below", Decimal(50)))
    narrower = rule("narrower", Clause("amount", "above", Decimal(300)), Clause("filed", "no"), level="avoid")
    other_level = rule("other_level", Clause("amount", "above", Decimal(100)), level="watch")
    listed = rule("listed", Clause("form", "one_of", ("a", "b")))
    shorter = rule("shorter", Clause("form", "is", "a"))
    neither = rule("neither", Clause("form", "one_of", ("a",)), Clause("form", "one_of", ("b",)))
    found = list(findings([ABOVE, never, narrower, other_level, listed, shorter, neither], TYPES))
    assert found == [
        Finding("contradicts", "above", "other_level"),
        Finding("never", "never"),
        Finding("overtaken", "narrower", "above"),
        Finding("contradicts", "other_level", "above"),
        Finding("overtaken", "shorter", "listed"),
        Finding("never", "neither"),
    ]
