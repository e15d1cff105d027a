"""Who may not see purchases learns nothing of them from tiers: a filed rep above all (X2), by no path."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from yaomai.customers import portrait
from yaomai.kit.access import Actor, Grant, acting
from yaomai.kit.documents import plain
from yaomai.segmentation import explanations, selectors
from yaomai.segmentation.models import Assessment
from yaomai.segmentation.policies import FourTiers, Rfm, ServicePolicy
from yaomai.segmentation.previews import scheme_preview
from yaomai.segmentation.services import assessment_record
from yaomai.segmentation.simulation import simulate

from .conftest import NOW, TODAY, Market

CUSTOMERS = frozenset({"customers.institution:view", "customers.professional:view", "segmentation.tier:view"})
WITHOUT = Actor(None, "filed rep", (Grant(CUSTOMERS),))
SCHEMES = ("four_tiers", "rfm", "commercial_abc", "kam_abc", "strategic_opportunity_base")


@pytest.fixture
def published(market: Market, compute: Callable[..., Any]) -> Any:
    return compute()


def card(run: Any, scheme: str, customer: int, *, shows_purchases: bool) -> Any:
    return explanations.explanation(
        run_id=run.pk, subject="institution", scheme=scheme, customer=customer, policy=None,
        shows_purchases=shows_purchases,
    )  # fmt: skip


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_explanation_without_purchases_is_the_same_whatever_was_bought(
    market: Market, published: Any, scheme: str
) -> None:
    """Two customers of one tier that differ in their purchases only must read alike, to the last figure."""
    cards: dict[str, set[str]] = {}
    shown: dict[str, set[str]] = {}
    for institution in market.institutions:
        found = card(published, scheme, institution.pk, shows_purchases=False)
        cards.setdefault(found.value, set()).add(found.model_dump_json())
        seen = card(published, scheme, institution.pk, shows_purchases=True)
        shown.setdefault(seen.value, set()).add(seen.model_dump_json())
    assert {tier: len(texts) for tier, texts in cards.items()} == dict.fromkeys(cards, 1)
    assert max(len(texts) for texts in shown.values()) > 1, "with purchases they differ"


def test_what_does_not_come_from_purchases_stays(market: Market, published: Any) -> None:
    found = card(published, "four_tiers", market.institutions[0].pk, shows_purchases=False)
    values = {part.label: part.value for part in found.inputs}
    assert values["近12个月采购额"] == values["近12个月产品线数"] == values["合作天数"] == "不显示"
    assert values["决策影响力（话语权）"] == "未知"
    assert [part.label for part in found.contributions] == ["决策影响力（话语权）"]
    assert not re.search(r"排名|\d分", found.sentence)
    assert found.lift == ()
    assert {line.value for line in found.cutoffs} == {None}


def test_a_preview_is_no_oracle_for_who_may_not_see_purchases(market: Market, published: Any) -> None:
    with acting(WITHOUT):
        found = scheme_preview(FourTiers(), WITHOUT)
    assert (found.figures, found.chart, found.table) == ((), None, None)


def test_money_is_seen_where_the_right_to_purchases_reaches(market: Market, published: Any) -> None:
    """Two positions: tiers of the whole company, purchases of the east only. They do not add up (ADR 6)."""
    mixed = Actor(
        None, "two positions", (Grant(CUSTOMERS), Grant(CUSTOMERS | {selectors.PURCHASES}, frozenset({market.east.pk})))
    )
    east, west = market.institutions[0], market.institutions[15]
    with acting(mixed):
        assert selectors.sees_purchases(east)
        assert not selectors.sees_purchases(west)
        totals = selectors.distributions(actor=mixed, run=published, service=ServicePolicy())
        assert {tier.amount for each in totals for tier in each.tiers} == {None}
        found = simulate(
            actor=mixed, run=published, subject="institution", spec=_other_shares(), service=ServicePolicy()
        )
    assert found.customers == 10
    assert set(found.comparison.movers["customer"].to_pylist()) <= {each.pk for each in market.institutions[:10]}


def _other_shares() -> Any:
    spec = Rfm().spec
    shares = [Decimal("0.4"), Decimal("0.3"), Decimal("0.2"), Decimal("0.1")]
    tiers = [tier.model_copy(update={"share": share}) for tier, share in zip(spec.tiers, shares, strict=True)]
    return spec.model_copy(update={"tiers": tuple(tiers)})


def test_assessments_are_seen_by_those_who_see_tiers(market: Market) -> None:
    with acting(market.actor):
        for institution in (market.institutions[0], market.institutions[15]):
            assessment_record(
                actor=market.actor, subject="institution", customer=institution.pk, attribute="decision_influence",
                value=50, source="访谈", assessed_on=TODAY, now=NOW,
            )  # fmt: skip
    manager = Actor(None, "east", (Grant(CUSTOMERS, frozenset({market.east.pk})),))
    with acting(manager):
        assert [row.institution for row in Assessment.objects.all()] == [market.institutions[0]]
        assert set(selectors.assessments("institution", market.institutions[0].pk)) == {"decision_influence"}


def test_the_portrait_shows_scores_of_purchases_to_those_only_who_may_see_them(market: Market, published: Any) -> None:
    best, last = market.institutions[0], market.institutions[-1]

    def ranks(row: Any, actor: Actor) -> dict[str, tuple[str, str]]:
        with acting(actor):
            blocks = plain.blocks(portrait.portrait_of("institution", row, actor, now=NOW).blocks)
        (found,) = [each["blocks"][0]["ranks"] for each in blocks if each["title"] == "分层"]
        return {rank["scheme"]: (rank["label"], rank["note"]) for rank in found}

    seen = ranks(best, market.actor)
    assert len(seen) == len(SCHEMES)
    assert "第 1 名" in seen["客户四级分层"][1]
    assert ranks(last, market.actor)["客户四级分层"] != seen["客户四级分层"]
    assert {note for _label, note in ranks(best, WITHOUT).values()} == {""}
