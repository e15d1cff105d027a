"""The documents' schemes: consistent, with the documents' figures, each figure with its origin."""

from decimal import Decimal

import pytest

from yaomai.engine.consistency import scheme_problems
from yaomai.engine.schemes import SCHEME_NAMES, default_schemes
from yaomai.engine.scorecards import SchemeSpec

SCHEMES = default_schemes()


@pytest.mark.parametrize("name", SCHEME_NAMES)
def test_scheme_is_consistent_and_says_where_its_figures_come_from(name: str) -> None:
    spec = SCHEMES[name]
    assert scheme_problems(spec) == ()
    parts = (*spec.components, *spec.tiers, *spec.rules, *spec.hints, *spec.overrides, *spec.boosts)
    assert all(part.origin for part in parts)
    assert all(attribute.label.zh and attribute.label.en for attribute in spec.attributes)


def test_four_tiers_have_the_shares_of_the_document() -> None:
    shares = {tier.label.zh: tier.share for tier in SCHEMES["four_tiers"].tiers}
    assert shares == {
        "战略客户": Decimal("0.1"),
        "核心客户": Decimal("0.2"),
        "潜力客户": Decimal("0.3"),
        "普通客户": Decimal("0.4"),
    }


def test_four_tiers_hints_have_the_bounds_of_the_document() -> None:
    bounds = {
        (rule.tier, test.input, test.at_least, test.below)
        for rule in SCHEMES["four_tiers"].hints
        for test in rule.when
        if test.numeric
    }
    assert bounds >= {
        ("strategic", "channel_share", Decimal("0.3"), None),
        ("strategic", "tenure_days", Decimal(730), None),
        ("core", "store_count", Decimal(50), None),
        ("core", "channel_share", Decimal("0.1"), Decimal("0.3")),
        ("core", "tenure_days", Decimal(365), None),
        ("potential", "store_count", Decimal(10), Decimal(50)),
        ("potential", "tenure_days", None, Decimal(365)),
        ("potential", "growth_monthly", Decimal("0.15"), None),
        ("ordinary", "channel_share", None, Decimal("0.05")),
    }


def test_core_buyers_of_centralised_procurement_have_the_highest_priority() -> None:
    spec = SCHEMES["rfm"]
    assert [override.tier for override in spec.overrides] == ["highest"] == [spec.tiers[0].name]
    assert {part.horizon for part in spec.components} == {"short", "long"}


def test_a_scheme_survives_being_written_and_read() -> None:
    for spec in SCHEMES.values():
        assert SchemeSpec.model_validate(spec.model_dump(mode="json", exclude_defaults=True)) == spec
