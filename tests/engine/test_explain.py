"""Explanations: what they say by hand, and that the lifts they promise really lift."""

from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yaomai.engine.explain import TierExplanation, explain
from yaomai.engine.metrics import METRIC_TYPES
from yaomai.engine.population import Population
from yaomai.engine.schemes import SCHEME_NAMES, default_schemes
from yaomai.engine.scorecards import SchemeSpec
from yaomai.engine.scoring import evaluate_population
from yaomai.engine.wording import explanation_text, value_text

AS_OF = date(2026, 6, 30)
SCHEMES = default_schemes()
KINDS = {"date": pa.date32(), "float64": pa.float64(), "int32": pa.int32(), "int64": pa.int64()}


def population(rows: list[dict[str, Any]], attributes: list[dict[str, Any]] | None = None) -> Population:
    table: dict[str, Any] = {"customer": pa.array(range(1, len(rows) + 1), pa.int64())}
    for name, kind in METRIC_TYPES.items():
        table[name] = pa.array([row.get(name) for row in rows], KINDS.get(kind, pa.decimal128(18, 2)))
    if attributes is None:
        return Population(pa.table(table))
    names = {name for row in attributes for name in row}
    customers = {name: [row.get(name) for row in attributes] for name in sorted(names)}
    return Population(pa.table(table), pa.table({"customer": table["customer"], **customers}))


def explained(spec: SchemeSpec, people: Population) -> list[TierExplanation]:
    result = evaluate_population(people, [spec], as_of=AS_OF)[spec.name]
    inputs = people.inputs(spec.input_names()).to_pylist()
    return [
        explain(spec, result.cutoffs, row, inputs[position]) for position, row in enumerate(result.table.to_pylist())
    ]


def purchases(*amounts: str) -> list[dict[str, Any]]:
    return [{"amount_12m": Decimal(amount), "monetary": Decimal(amount)} for amount in amounts]


def test_explanation_by_hand() -> None:
    rows = purchases("9000", "8000", "7000", "6000", "5000", "4000", "3000", "2000", "1000", "500.55")
    facts: list[dict[str, Any]] = [{"market_influence": 40.0, "strategic_fit": None}] * 10
    last = explained(SCHEMES["commercial_abc"], population(rows, facts))[9]
    assert (last.tier, last.rank, last.population, last.score) == ("c", 10, 10, Decimal("22.5"))
    money, market, fit = last.measured
    assert (money.value, money.points, money.contribution) == (Decimal("500.55"), Decimal(0), Decimal(0))
    assert (market.value, market.points, market.contribution) == (40.0, Decimal(40), Decimal(10))
    assert (fit.value, fit.missing, fit.contribution) == (None, "neutral", Decimal("12.5"))
    assert [(line.tier, line.last_rank, line.lowest_score) for line in last.lines] == [
        ("a", 2, Decimal("66.94")),
        ("b", 5, Decimal("50.275")),
        ("c", 10, Decimal("22.5")),
    ]
    more = last.lifts[0]
    assert (more.input, more.needed, more.difference) == ("amount_12m", Decimal("6000.55"), Decimal(5500))
    assert explanation_text(last) == (
        "C类：得分 22.5，排名 10/10（截至 2026-06-30）。依据：近12个月采购额 ¥500.55，得 0 分 × 50%；"
        "市场影响力 40，得 40 分 × 25%。缺少数据：战略契合度（按中性值）。分界：前 5 名为B类，最低 50.28 分。"
        "升为B类：近12个月采购额增加 ¥5,500（达到 ¥6,000.55）。"
    )
    assert "To become B: amount in 12 months + ¥5,500 (to ¥6,000.55)." in explanation_text(last, "en")


def test_the_best_tier_needs_nothing() -> None:
    best = explained(SCHEMES["commercial_abc"], population(purchases("10", "5")))[0]
    assert best.next_tier is None
    assert best.lifts == ()


def test_rules_name_the_conditions_that_fail() -> None:
    facts = [{"academic_influence": 80.0, "cooperation_depth": 10.0}, {"academic_influence": 10.0}]
    kol, other = explained(SCHEMES["kol_levels"], population(purchases("10", "5"), facts))
    assert (kol.tier, other.tier) == ("potential", "basic")
    assert [(lift.input, lift.needed) for lift in kol.lifts] == [("cooperation_depth", Decimal(40))]
    assert kol.rule is not None
    assert kol.rule.tier == "potential"


def test_overrides_boosts_and_hints_are_reasons() -> None:
    facts = [{"tags": "集采核心采购单位"}, {"tags": "高毛利"}, {"tags": None}]
    buyer, tilted, _ = explained(SCHEMES["rfm"], population(purchases("1", "9", "5"), facts))
    assert buyer.tier == "highest"
    assert buyer.override is not None
    assert buyer.lifts == ()
    assert [boost.points for boost in tilted.boosts] == [Decimal(10)]
    hinted = explained(SCHEMES["four_tiers"], population([{"amount_12m": Decimal(1), "orders_12m": 2}]))[0]
    assert hinted.hint is not None
    assert hinted.hint.tier == "ordinary"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (Decimal("1234.50"), "money", "¥1,234.50"),
        (Decimal("-20.00"), "money", "¥-20"),
        (0.1534, "ratio", "15.3%"),
        (45, "days", "45 天"),
        (None, "money", "未知"),
    ],
)
def test_values_are_written_with_their_unit(value: Any, unit: Any, text: str) -> None:
    assert value_text(value, unit) == text


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "amount_12m": st.integers(-10_000, 900_000).map(lambda cents: Decimal(cents).scaleb(-2)),
            "monetary": st.integers(0, 900_000).map(lambda cents: Decimal(cents).scaleb(-2)),
            "recency_days": st.integers(0, 400),
            "tenure_days": st.integers(0, 1500),
            "frequency": st.integers(0, 40),
            "active_months_12m": st.integers(0, 12),
            "product_lines_12m": st.integers(0, 6),
            "products_12m": st.integers(0, 30),
            "growth_yearly": st.one_of(st.none(), st.floats(-1, 5)),
        }
    ),
    min_size=2,
    max_size=25,
)


@settings(max_examples=40, deadline=None)
@given(rows=ROWS, name=st.sampled_from([name for name in SCHEME_NAMES if name != "kol_levels"]))
def test_every_promised_lift_lifts(rows: list[dict[str, Any]], name: str) -> None:
    spec = SCHEMES[name]
    order = [tier.name for tier in spec.tiers]
    for position, explanation in enumerate(explained(spec, population(rows))):
        for lift in explanation.lifts:
            if lift.input not in METRIC_TYPES or not isinstance(lift.needed, Decimal):
                continue
            whole = lift.input != "growth_yearly" and lift.unit != "money"
            needed: Any = int(lift.needed) if whole else lift.needed
            changed = [dict(row) for row in rows]
            changed[position][lift.input] = float(needed) if lift.input == "growth_yearly" else needed
            after = explained(spec, population(changed))[position]
            assert order.index(after.tier) < order.index(explanation.tier), lift
