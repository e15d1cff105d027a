"""What is wrong with a scheme is found and named."""

from decimal import Decimal
from typing import Any

import pytest

from yaomai.engine.consistency import (
    CHINESE,
    MESSAGES,
    InconsistentScheme,
    empty_tiers,
    require_consistent,
    scheme_problems,
)
from yaomai.engine.schemes import default_schemes
from yaomai.engine.scorecards import SchemeSpec

BASE: dict[str, Any] = {
    "name": "trial",
    "label": {"zh": "试", "en": "trial"},
    "attributes": [
        {"name": "kind", "unit": "text", "label": {"zh": "类型", "en": "kind"}},
        {"name": "stores", "unit": "count", "label": {"zh": "门店数", "en": "stores"}},
    ],
    "components": [{"name": "money", "input": "amount_12m", "weight": 1, "scoring": {"method": "percentile"}}],
    "tiers": [
        {"name": "top", "label": {"zh": "上", "en": "top"}, "share": 0.3, "at_least": 70},
        {"name": "rest", "label": {"zh": "下", "en": "rest"}, "share": 0.7, "at_least": 0},
    ],
}


def codes(**changes: Any) -> list[str]:
    return [problem.code for problem in scheme_problems(SchemeSpec.model_validate(BASE | changes))]


def tiers(*figures: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": f"t{n}", "label": {"zh": str(n), "en": str(n)}, **each} for n, each in enumerate(figures)]


def component(**changes: Any) -> list[dict[str, Any]]:
    return [BASE["components"][0] | changes]


def rule(tier: str, *when: dict[str, Any]) -> dict[str, Any]:
    return {"tier": tier, "when": list(when)}


def test_a_sound_scheme_has_no_problems() -> None:
    assert codes() == []
    assert codes(assign="score") == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"components": component(weight=0)}, ["weights_zero"]),
        ({"components": component(weight=0.9)}, ["weights_sum"]),
        ({"tiers": tiers({"share": 0.3}, {"share": 0.6})}, ["shares_sum"]),
        ({"tiers": tiers({"share": 1}, {"share": 0})}, ["tier_empty"]),
        ({"tiers": tiers({"share": 1}, {})}, ["share_absent"]),
        ({"assign": "score", "tiers": tiers({"at_least": 40}, {"at_least": 40}, {"at_least": 0})}, ["threshold_order"]),
        ({"assign": "score", "tiers": tiers({"at_least": 40}, {"at_least": 10})}, ["threshold_floor"]),
        ({"assign": "score", "tiers": tiers({}, {"at_least": 0})}, ["threshold_absent"]),
        ({"assign": "rules"}, ["rules_absent"]),
        ({"components": component(input="unheard_of")}, ["input_unknown"]),
        ({"components": component(input="kind")}, ["input_kind"]),
        ({"components": component(scoring={"method": "scale", "low": 5, "high": 5})}, ["scale_empty"]),
        (
            {
                "components": component(
                    scoring={"method": "steps", "steps": [{"at_least": 1, "points": 50}, {"at_least": 2, "points": 9}]}
                )
            },
            ["steps_order"],
        ),
        ({"hints": [rule("nowhere", {"input": "stores", "at_least": 5})]}, ["rule_tier_unknown"]),
        ({"hints": [rule("top", {"input": "stores"})]}, ["condition_empty", "input_kind"]),
        ({"hints": [rule("top", {"input": "stores", "at_least": 9, "below": 9})]}, ["condition_never"]),
        ({"hints": [rule("top", {"input": "kind", "at_least": 9})]}, ["input_kind"]),
        (
            {
                "hints": [
                    rule("top", {"input": "stores", "at_least": 50}),
                    rule("rest", {"input": "stores", "at_least": 10, "below": 60}),
                ]
            },
            ["rules_overlap"],
        ),
        (
            {
                "hints": [
                    rule("top", {"input": "stores", "at_least": 10}),
                    rule("rest", {"input": "stores", "at_least": 50}, {"input": "kind", "one_of": ["a"]}),
                ]
            },
            ["rule_unreachable"],
        ),
        ({"assign": "rules", "rules": [rule("rest", {"input": "stores", "at_least": 10})]}, ["tier_empty"]),
        ({"components": BASE["components"] * 2}, ["name_repeated", "weights_sum"]),
    ],
)
def test_each_fault_is_named(changes: dict[str, Any], expected: list[str]) -> None:
    assert codes(**changes) == expected


@pytest.mark.parametrize("name", ["prescription_count", "rx_volume", "monthly_scripts_total"])
def test_a_count_of_prescriptions_is_never_an_input(name: str) -> None:
    attribute = {"name": name, "unit": "count", "label": {"zh": "数", "en": "number"}}
    assert codes(attributes=[*BASE["attributes"], attribute]) == ["prescriptions"]


def test_a_count_of_prescriptions_is_seen_by_its_chinese_label() -> None:
    attribute = {"name": "volume", "unit": "count", "label": {"zh": "医生处方量", "en": "volume"}}
    assert codes(attributes=[*BASE["attributes"], attribute]) == ["prescriptions"]


def test_touching_ranges_do_not_overlap() -> None:
    hints = [
        rule("top", {"input": "stores", "at_least": 50}),
        rule("rest", {"input": "stores", "at_least": 10, "below": 50}),
    ]
    assert codes(hints=hints) == []


def test_every_problem_says_itself_in_full() -> None:
    spec = SchemeSpec.model_validate(BASE | {"tiers": tiers({"share": 0.3}, {"share": 0.6})})
    with pytest.raises(InconsistentScheme, match=r"The shares of the tiers add up to 90%; they must add up to 100%"):
        require_consistent(spec)
    assert CHINESE.keys() == MESSAGES.keys()
    assert all("%(" in message or code in ("weights_zero", "rules_absent") for code, message in MESSAGES.items())


def test_small_populations_leave_tiers_empty() -> None:
    spec = SchemeSpec.model_validate(BASE)
    assert empty_tiers(spec, 10) == ()
    assert empty_tiers(spec, 1) == ("rest",)


@pytest.mark.parametrize("name", ["prescriber_potential", "academic_influence", "decision_power"])
def test_a_scorecard_without_weights_is_refused(name: str) -> None:
    spec = default_schemes()[name]
    idle = tuple(part.model_copy(update={"weight": Decimal(0)}) for part in spec.components)
    found = scheme_problems(spec.model_copy(update={"components": idle}))
    assert [(problem.code, problem.render()) for problem in found] == [
        ("weights_zero", "所有权重都是 0：至少给一个指标权重")
    ]


def test_an_unknown_factor_cannot_be_left_out() -> None:
    spec = default_schemes()["prescriber_potential"]
    parts = tuple(part.model_copy(update={"missing": "leave_out"}) for part in spec.components)
    found = scheme_problems(spec.model_copy(update={"components": parts}))
    assert {(problem.code, problem.place) for problem in found} == {
        ("factor_left_out", f"components.{name}") for name in ("patients", "match", "willingness")
    }
