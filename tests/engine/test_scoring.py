"""Scores, ranks and tiers: hand-computed figures and what must hold for any population."""

from bisect import bisect_right
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yaomai.engine.inputs import METRICS
from yaomai.engine.metrics import METRIC_TYPES
from yaomai.engine.rfm import rfm_table
from yaomai.engine.schemes import default_schemes
from yaomai.engine.scorecards import SchemeSpec
from yaomai.engine.scoring import SchemeResult, evaluate

AS_OF = date(2026, 6, 30)
SCHEMES = default_schemes()


def metrics(amounts: list[int], **columns: list[Any]) -> pa.Table:
    """Metrics of customers 1, 2, … with these amounts of twelve months, in cents; what is not given is unknown."""
    money = pa.array([Decimal(amount).scaleb(-2) for amount in amounts], pa.decimal128(18, 2))
    given_columns = {"amount_12m": money, "monetary": money, **columns}
    table: dict[str, Any] = {"customer": pa.array(range(1, len(amounts) + 1), pa.int64())}
    for name, kind in METRIC_TYPES.items():
        arrow = {"date": pa.date32(), "float64": pa.float64(), "int32": pa.int32(), "int64": pa.int64()}.get(kind)
        table[name] = pa.array(given_columns.get(name, [None] * len(amounts)), arrow or pa.decimal128(18, 2))
    return pa.table(table)


def scheme(*components: dict[str, Any], **changes: Any) -> SchemeSpec:
    base: dict[str, Any] = {
        "name": "trial",
        "label": {"zh": "试", "en": "trial"},
        "attributes": [
            {"name": "influence", "unit": "points", "label": {"zh": "影响", "en": "influence"}},
            {"name": "tags", "unit": "tags", "label": {"zh": "标签", "en": "tags"}},
            {"name": "title", "unit": "text", "label": {"zh": "职称", "en": "title"}},
        ],
        "components": components
        or [{"name": "money", "input": "amount_12m", "weight": 1, "scoring": {"method": "percentile"}}],
        "tiers": [
            {"name": "top", "label": {"zh": "上", "en": "top"}, "share": 0.25, "at_least": 70},
            {"name": "middle", "label": {"zh": "中", "en": "middle"}, "share": 0.25, "at_least": 40},
            {"name": "rest", "label": {"zh": "下", "en": "rest"}, "share": 0.5, "at_least": 0},
        ],
    }
    return SchemeSpec.model_validate(base | changes)


def run(spec: SchemeSpec, table: pa.Table, customers: pa.Table | None = None) -> SchemeResult:
    return evaluate(table, customers, [spec], as_of=AS_OF)[spec.name]


def column(result: SchemeResult, name: str) -> list[Any]:
    values: list[Any] = result.table.column(name).to_pylist()
    return values


def test_percentiles_ranks_and_shares_by_hand() -> None:
    result = run(scheme(), metrics([500, 100, 300, 300, 900]))
    assert column(result, "points_money") == [7500, 0, 2500, 2500, 10000]
    assert column(result, "score") == [75.0, 0.0, 25.0, 25.0, 100.0]
    assert column(result, "rank") == [2, 5, 4, 4, 1]
    assert column(result, "tier") == ["top", "rest", "rest", "rest", "top"]
    assert result.counts() == {"top": 2, "middle": 0, "rest": 3}
    assert [cutoff.last_rank for cutoff in result.cutoffs.tiers] == [2, None, 5]


def test_equal_scores_are_ranked_by_amount_and_equals_share_their_last_rank() -> None:
    spec = scheme({"name": "influence", "input": "influence", "weight": 1, "scoring": {"method": "scale"}})
    customers = pa.table({"customer": [1, 2, 3, 4], "influence": [50.0] * 4})
    result = run(spec, metrics([100, 300, 300, 200]), customers)
    assert column(result, "score") == [50.0] * 4
    assert column(result, "rank") == [4, 2, 2, 3]
    assert column(result, "tier") == ["rest", "middle", "middle", "rest"]


def test_customers_of_whom_nothing_is_known_come_last_together_and_count_toward_no_share() -> None:
    spec = scheme(
        {"name": "money", "input": "amount_12m", "weight": 0.5, "scoring": {"method": "percentile"}},
        {"name": "influence", "input": "influence", "weight": 0.5, "scoring": {"method": "scale"}},
    )
    customers = pa.table({"customer": list(range(1, 101)), "influence": [0.0] * 4 + [90.0] + [None] * 95})
    result = run(spec, metrics([400, 300, 200, 100]), customers)
    assert column(result, "points_money")[:6] == [10000, 6666, 3333, 0, 0, 0]
    assert column(result, "rank")[:5] == [1, 3, 4, 5, 2]
    assert column(result, "tier")[:5] == ["top", "middle", "rest", "rest", "top"]
    assert column(result, "ranked") == [True] * 5 + [False] * 95
    assert set(column(result, "tier")[5:]) == {"rest"}
    assert set(column(result, "rank")[5:]) == {100}
    assert column(result, "score")[3] < column(result, "score")[5], "an unknown value counts as average"
    assert (result.cutoffs.population, result.cutoffs.ranked) == (100, 5)


def test_score_thresholds() -> None:
    customers = pa.table({"customer": [1, 2, 3, 4], "influence": [70.0, 69.99, 40.0, 0.0]})
    spec = scheme(
        {"name": "influence", "input": "influence", "weight": 1, "scoring": {"method": "scale"}}, assign="score"
    )
    assert column(run(spec, metrics([1, 1, 1, 1]), customers), "tier") == ["top", "middle", "middle", "rest"]


def test_quantiles_put_equals_together() -> None:
    table = metrics([0] * 10, frequency=[1, 1, 1, 1, 1, 1, 2, 2, 3, 9], recency_days=list(range(10)))
    scores = rfm_table(table, bins=5)
    assert scores.column("f").to_pylist() == [1, 1, 1, 1, 1, 1, 4, 4, 5, 5]
    assert scores.column("r").to_pylist() == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert scores.column("rfm_score").to_pylist()[0] == 511


@pytest.mark.parametrize(
    ("missing", "score"), [("neutral", 0.5 * 100 + 0.5 * 50), ("zero", 0.5 * 100), ("leave_out", 100.0)]
)
def test_what_is_missing_is_replaced_as_declared(missing: str, score: float) -> None:
    spec = scheme(
        {"name": "money", "input": "amount_12m", "weight": 0.5, "scoring": {"method": "percentile"}},
        {
            "name": "influence",
            "input": "influence",
            "weight": 0.5,
            "scoring": {"method": "scale"},
            "missing": missing,
        },
    )
    result = run(spec, metrics([900, 100]), pa.table({"customer": [1, 2], "influence": [None, 30.0]}))
    assert column(result, "score")[0] == score
    assert column(result, "missing") == [2, 0]


def test_choices_rules_boosts_and_overrides() -> None:
    spec = scheme(
        {
            "name": "title",
            "input": "title",
            "weight": 1,
            "scoring": {"method": "choices", "points": {"主任医师": 80, "主治医师": 40}, "other": 10},
        },
        boosts=[{"points": 15, "when": [{"input": "tags", "one_of": ["新兴"]}]}],
        overrides=[{"tier": "top", "when": [{"input": "tags", "one_of": ["集采"]}]}],
    )
    customers = pa.table(
        {
            "customer": [1, 2, 3, 4],
            "title": ["主任医师", "主治医师", "护士", None],
            "tags": [None, "新兴、重点", "集采;新兴", "无"],
        }
    )
    result = run(spec, metrics([0, 0, 0, 0]), customers)
    assert column(result, "score") == [80.0, 55.0, 25.0, 50.0]
    assert column(result, "tier") == ["top", "middle", "top", "rest"]
    assert column(result, "overridden") == [False, False, True, False]


def test_shares_of_the_total_and_of_the_channel() -> None:
    customers = pa.table({"customer": [1, 2, 3], "institution_type": ["distributor", "distributor", "hospital"]})
    spec = SCHEMES["four_tiers"]
    table = metrics([3000, 7000, 90000], tenure_days=[800, 800, 800])
    result = evaluate(table, customers, [spec], as_of=AS_OF)["four_tiers"]
    assert column(result, "hint") == ["strategic", "strategic", None]
    assert result.cutoffs.amounts == {"": 100000, "distributor": 10000, "hospital": 90000}


def test_the_gap_between_five_and_ten_percent_has_no_type_hint() -> None:
    amounts = [700, 9300]
    table = metrics(amounts, tenure_days=[400, 400], orders_12m=[20, 20])
    customers = pa.table({"customer": [1, 2], "institution_type": ["经销商", "经销商"]})
    result = evaluate(table, customers, [SCHEMES["four_tiers"]], as_of=AS_OF)["four_tiers"]
    assert column(result, "hint")[0] is None


def test_customers_without_lines_count_with_zero_sums() -> None:
    result = run(scheme(), metrics([500, 100]), pa.table({"customer": [2, 7, 9]}))
    assert column(result, "customer") == [1, 2, 7, 9]
    assert column(result, "points_money") == [10000, 0, 0, 0]
    assert column(result, "missing") == [0, 0, 0, 0]
    assert column(result, "rank") == [1, 2, 4, 4]


def test_a_customer_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="more than once"):
        run(scheme(), metrics([500, 100]), pa.table({"customer": [2, 2]}))


AMOUNTS = st.lists(st.integers(-50_000, 5_000_000), min_size=1, max_size=60)


READING_PURCHASES = [spec for spec in SCHEMES.values() if METRICS.keys() & set(spec.input_names())]


@given(amounts=AMOUNTS)
def test_every_customer_has_one_tier_in_every_scheme(amounts: list[int]) -> None:
    for result in evaluate(metrics(amounts), None, READING_PURCHASES, as_of=AS_OF).values():
        assert sum(result.counts().values()) == len(amounts)
        better = sorted(
            zip((-score for score in column(result, "score")), (-amount for amount in amounts), strict=True)
        )
        assert sorted(column(result, "rank")) == [bisect_right(better, key) for key in better]
        assert None not in column(result, "tier")


@given(amounts=AMOUNTS, chosen=st.integers(0, 59), more=st.integers(1, 5_000_000))
def test_more_money_never_lowers_a_tier(amounts: list[int], chosen: int, more: int) -> None:
    chosen %= len(amounts)
    richer = list(amounts)
    richer[chosen] += more
    specs = list(SCHEMES.values())
    before = evaluate(metrics(amounts), None, specs, as_of=AS_OF)
    after = evaluate(metrics(richer), None, specs, as_of=AS_OF)
    for name in before:
        order = [tier.name for tier in SCHEMES[name].tiers]
        assert column(after[name], "rank")[chosen] <= column(before[name], "rank")[chosen]
        assert order.index(column(after[name], "tier")[chosen]) <= order.index(column(before[name], "tier")[chosen])


@given(amounts=AMOUNTS, seed=st.randoms())
def test_order_of_customers_changes_nothing(amounts: list[int], seed: Any) -> None:
    table = metrics(amounts)
    order = list(range(len(amounts)))
    seed.shuffle(order)
    spec = SCHEMES["four_tiers"]
    assert run(spec, table).table == run(spec, table.take(order)).table


def potential(*rows: tuple[int | None, int | None, int | None]) -> Any:
    """Score people by patients of the department, match with the label, and stated willingness."""
    names = ("department_patients", "label_match", "willingness")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    people = pa.table(
        {"customer": list(range(1, len(rows) + 1))} | {k: pa.array(v, pa.float64()) for k, v in columns.items()}
    )
    return evaluate(people, None, [SCHEMES["prescriber_potential"]], as_of=AS_OF)["prescriber_potential"]


def test_potential_is_the_product_of_its_three_factors() -> None:
    result = potential((2500, 80, 50), (5000, 100, 100), (5000, 0, 100), (9000, 100, None), (None, 100, 100))
    assert column(result, "score") == [20.0, 100.0, 0.0, 50.0, 0.0]
    assert column(result, "rank") == [3, 1, 4, 2, 5]
    assert column(result, "missing") == [0, 0, 0, 4, 1]


def test_a_factor_counts_as_far_as_its_weight() -> None:
    spec = SCHEMES["prescriber_potential"]
    halves = tuple(part.model_copy(update={"weight": Decimal("0.5")}) for part in spec.components)
    people = pa.table({"customer": [1], "department_patients": [0.0], "label_match": [50.0], "willingness": [100.0]})
    found = evaluate(people, None, [spec.model_copy(update={"components": halves})], as_of=AS_OF)
    assert column(found["prescriber_potential"], "score") == [100 * 0.5 * 0.75]


def test_somebody_of_whom_a_scorecard_knows_nothing_is_not_ranked() -> None:
    assert column(potential((None, None, None), (10, 10, 10)), "ranked") == [False, True]


def test_a_product_ranks_nobody_of_whom_a_factor_that_counts_as_zero_is_unknown() -> None:
    rows = [(None, None, 100)] * 90 + [(1000 + each, 100, None) for each in range(10)]
    result = potential(*rows)
    assert column(result, "ranked") == [False] * 90 + [True] * 10
    assert result.counts() == {"high": 2, "medium": 3, "low": 95}


@given(
    rows=st.lists(st.tuples(*[st.one_of(st.none(), st.integers(0, 6000))] * 3), min_size=1, max_size=20),
    better=st.integers(0, 2),
)
def test_a_better_factor_never_lowers_a_product(rows: list[Any], better: int) -> None:
    risen = [
        tuple(value + 50 if place == better and value is not None else value for place, value in enumerate(row))
        for row in rows
    ]
    before, after = column(potential(*rows), "score"), column(potential(*risen), "score")
    assert all(low <= high for low, high in zip(before, after, strict=True))
