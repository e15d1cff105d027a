"""Explanations: what they say by hand, and that the lifts they promise really lift."""

from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from yaomai.engine.explain import TierExplanation, explain
from yaomai.engine.lifts import Lift
from yaomai.engine.metrics import METRIC_TYPES
from yaomai.engine.population import Population
from yaomai.engine.schemes import SCHEME_NAMES, default_schemes
from yaomai.engine.scorecards import Choices, SchemeSpec
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


def test_a_customer_of_whom_nothing_is_known_is_told_so() -> None:
    buyer, prospect = explained(SCHEMES["commercial_abc"], population([*purchases("10"), {}]))
    assert (buyer.rank, buyer.population, buyer.tier) == (1, 1, "a")
    assert (prospect.rank, prospect.tier, prospect.measured[0].value) == (None, "c", 0)
    assert explanation_text(prospect) == (
        "C类：没有采购记录，也没有评估，不参与排名（截至 2026-06-30）。分界：前 1 名为A类，最低 75 分。"
        "有采购或评估后参与排名。"
    )


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


METRICS = st.fixed_dictionaries(
    {
        "amount_12m": st.integers(-10_000, 900_000).map(lambda cents: Decimal(cents).scaleb(-2)),
        "monetary": st.integers(0, 900_000).map(lambda cents: Decimal(cents).scaleb(-2)),
        "margin_12m": st.one_of(st.none(), st.integers(0, 90_000).map(lambda cents: Decimal(cents).scaleb(-2))),
        "recency_days": st.integers(0, 400),
        "tenure_days": st.integers(0, 1500),
        "frequency": st.integers(0, 40),
        "active_months_12m": st.integers(0, 12),
        "product_lines_12m": st.integers(0, 6),
        "products_12m": st.integers(0, 30),
        "growth_yearly": st.one_of(st.none(), st.integers(-10, 50).map(lambda tenths: tenths / 10), st.floats(-1, 5)),
    }
)
NOTHING = dict.fromkeys(("recency_days", "tenure_days", "frequency", "active_months_12m"), 0) | {
    "amount_12m": Decimal(0),
    "monetary": Decimal(0),
}


def facts(spec: SchemeSpec) -> st.SearchStrategy[dict[str, Any]]:
    """Draw the attributes of a scheme: whole points, or words that its components and conditions know."""
    words = {part.input: tuple(part.scoring.points) for part in spec.components if isinstance(part.scoring, Choices)}
    rules = (*spec.rules, *spec.hints, *spec.overrides, *spec.boosts)
    words |= {test.input: test.one_of for rule in rules for test in rule.when if test.one_of}
    kinds: dict[str, st.SearchStrategy[Any]] = {
        attribute.name: st.sampled_from(words[attribute.name]) if attribute.name in words else st.integers(0, 100)
        for attribute in spec.attributes
        if attribute.unit != "text" or attribute.name in words
    }
    return st.fixed_dictionaries({name: st.one_of(st.none(), kind) for name, kind in kinds.items()})


@st.composite
def companies(draw: st.DrawFn) -> tuple[str, list[dict[str, Any]], list[dict[str, Any]]]:
    """Draw a scheme, and metrics and attributes of some customers for it."""
    name = draw(st.sampled_from(SCHEME_NAMES))
    customers = st.tuples(st.one_of(METRICS, METRICS, METRICS, st.just({})), facts(SCHEMES[name]))
    rows = draw(st.lists(customers, min_size=2, max_size=25))
    return name, [row for row, _ in rows], [fact for _, fact in rows]


def grown(*growth: float | None) -> list[dict[str, Any]]:
    return [NOTHING | {"growth_yearly": rate} for rate in growth]


@example(("kam_abc", grown(*[None] * 5, 0.3, *[None] * 5), [{}] * 11))  # 0.3 as a float is less than 0.300
@example(("kam_abc", grown(0.5, 0.9, None, None, 0.7, 0.1), [{}] * 6))  # who becomes known lifts those above
@given(companies())
def test_every_promised_lift_lifts(company: tuple[str, list[dict[str, Any]], list[dict[str, Any]]]) -> None:
    name, rows, attributes = company
    spec = SCHEMES[name]
    order = [tier.name for tier in spec.tiers]
    for position, explanation in enumerate(explained(spec, population(rows, attributes))):
        together = [explanation.lifts] if spec.assign == "rules" else [(lift,) for lift in explanation.lifts]
        for lifts in filter(None, together):
            changed, described = [dict(row) for row in rows], [dict(fact) for fact in attributes]
            for lift in lifts:
                (changed if lift.input in METRIC_TYPES else described)[position][lift.input] = written(lift)
            after = explained(spec, population(changed, described))[position]
            assert order.index(after.tier) < order.index(explanation.tier), lifts


def written(lift: Lift) -> Any:
    """Give the value that a lift asks for as the tables hold it."""
    if not isinstance(lift.needed, Decimal) or lift.unit == "money":
        return lift.needed
    return float(lift.needed) if lift.unit in ("ratio", "points") else int(lift.needed)


def test_a_scheme_by_score_is_lifted_to_its_threshold() -> None:
    spec = SchemeSpec.model_validate(
        {
            "name": "depth",
            "label": {"zh": "深度", "en": "depth"},
            "attributes": [{"name": "depth", "unit": "ratio", "label": {"zh": "深度", "en": "depth"}}],
            "components": [{"name": "d", "input": "depth", "weight": 1, "scoring": {"method": "scale", "high": "0.3"}}],
            "assign": "score",
            "tiers": [
                {"name": "deep", "label": {"zh": "深", "en": "deep"}, "at_least": 41},
                {"name": "flat", "label": {"zh": "浅", "en": "flat"}, "at_least": 0},
            ],
        }
    )
    for depth in (0.0, 0.1, 0.122):
        (lift,) = explained(spec, population([{}], [{"depth": depth}]))[0].lifts
        assert explained(spec, population([{}], [{"depth": float(str(lift.needed))}]))[0].tier == "deep"
        assert lift.needed in (Decimal("0.123"), Decimal("0.124"))


def test_a_lift_that_costs_a_boost_is_not_promised() -> None:
    (bought,) = purchases("1")
    spec = SchemeSpec.model_validate(
        {
            "name": "small",
            "label": {"zh": "小", "en": "small"},
            "components": [
                {"name": "orders", "input": "frequency", "weight": 1, "scoring": {"method": "scale", "high": 10}}
            ],
            "boosts": [{"points": 50, "when": [{"input": "frequency", "below": 6}]}],
            "assign": "score",
            "tiers": [
                {"name": "top", "label": {"zh": "高", "en": "top"}, "at_least": 100},
                {"name": "rest", "label": {"zh": "低", "en": "rest"}, "at_least": 60},
                {"name": "none", "label": {"zh": "无", "en": "none"}, "at_least": 0},
            ],
        }
    )
    assert [lift.needed for lift in explained(spec, population([{**bought, "frequency": 0}]))[0].lifts] == [Decimal(1)]
    assert [lift.needed for lift in explained(spec, population([{**bought, "frequency": 1}]))[0].lifts] == [Decimal(5)]
    assert [lift.needed for lift in explained(spec, population([{**bought, "frequency": 6}]))[0].lifts] == [Decimal(10)]
    capped = spec.model_copy(update={"boosts": (spec.boosts[0].model_copy(update={"points": Decimal(40)}),)})
    assert explained(capped, population([{**bought, "frequency": 2}]))[0].lifts == ()
