"""What moves when a scheme changes: flows, movers, samples."""

from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from yaomai.engine.schemes import default_schemes
from yaomai.engine.scoring import SchemeResult, evaluate
from yaomai.engine.simulation import Flow, compare, sample, tier_order

AS_OF = date(2026, 6, 30)
SPEC = default_schemes()["commercial_abc"]


def metrics(amounts: dict[int, str]) -> pa.Table:
    money = [Decimal(amount) for amount in amounts.values()]
    return pa.table({"customer": list(amounts), "amount_12m": pa.array(money, pa.decimal128(18, 2))})


def run(table: pa.Table, **changes: Any) -> SchemeResult:
    return evaluate(table, None, [SPEC.model_copy(update=changes)], as_of=AS_OF)[SPEC.name]


def shares(*figures: str) -> dict[str, Any]:
    tiers = zip(SPEC.tiers, figures, strict=True)
    return {"tiers": tuple(tier.model_copy(update={"share": Decimal(share)}) for tier, share in tiers)}


AMOUNTS = {customer: f"{customer * 100}.50" for customer in range(1, 11)}


def test_flows_and_movers_by_hand() -> None:
    table = metrics(AMOUNTS)
    comparison = compare(
        run(table).table, run(table, **shares("0.3", "0.1", "0.6")).table, tiers=("a", "b", "c"), amounts=table
    )
    assert comparison.flows == (
        Flow("a", "a", 2, Decimal("1901.00")),
        Flow("b", "a", 1, Decimal("800.50")),
        Flow("b", "b", 1, Decimal("700.50")),
        Flow("b", "c", 1, Decimal("600.50")),
        Flow("c", "c", 5, Decimal("1502.50")),
    )
    assert (comparison.risen, comparison.fallen) == (1, 1)
    assert comparison.movers.to_pylist() == [
        {
            "customer": 8,
            "tier_before": "b",
            "tier_after": "a",
            "score_before": comparison.movers["score_before"][0].as_py(),
            "score_after": comparison.movers["score_before"][0].as_py(),
            "rank_before": 3,
            "rank_after": 3,
            "amount": Decimal("800.50"),
        },
        {
            "customer": 6,
            "tier_before": "b",
            "tier_after": "c",
            "score_before": comparison.movers["score_before"][1].as_py(),
            "score_after": comparison.movers["score_before"][1].as_py(),
            "rank_before": 5,
            "rank_after": 5,
            "amount": Decimal("600.50"),
        },
    ]


def test_customers_come_and_go() -> None:
    after = dict(AMOUNTS)
    del after[10]
    after[11] = "1.00"
    comparison = compare(run(metrics(AMOUNTS)).table, run(metrics(after)).table, tiers=("a", "b", "c"))
    assert Flow("a", None, 1, Decimal("0.00")) in comparison.flows
    assert Flow(None, "c", 1, Decimal("0.00")) in comparison.flows
    assert sum(flow.customers for flow in comparison.flows) == 11


def test_an_unknown_tier_is_refused() -> None:
    result = run(metrics(AMOUNTS)).table
    with pytest.raises(ValueError, match="'c'"):
        compare(result, result, tiers=("a", "b"))


def test_versions_with_different_tiers_have_one_order() -> None:
    other = SPEC.model_copy(update={"tiers": (SPEC.tiers[0].model_copy(update={"name": "top"}), *SPEC.tiers)})
    assert tier_order(SPEC, other) == ("a", "top", "b", "c")


def test_a_sample_is_the_same_for_the_same_seed() -> None:
    table = metrics(AMOUNTS)
    drawn = sample(table, size=4, seed=7)
    assert drawn == sample(table.take([9, 0, 3, 2, 1, 4, 5, 6, 8, 7]), size=4, seed=7)
    assert drawn.column("customer").to_pylist() == sorted(drawn.column("customer").to_pylist())
    assert sample(table, size=99).num_rows == 10
