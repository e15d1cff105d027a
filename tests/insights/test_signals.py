"""Signals in purchases: planted oddities are found, calm customers are not, and what people make of them."""

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from yaomai.insights import services
from yaomai.insights.findings import registrations
from yaomai.insights.models import PurchaseSignal
from yaomai.insights.signals.presenting import explained, month_of, sentence
from yaomai.kit.access import Actor, Grant, acting
from yaomai.kit.errors import Conflict, Invalid, Missing, Stale
from yaomai.organization import wall

from .acts_examples import BOSS, NOW, TODAY
from .flow import hospitals, take_in

pytestmark = pytest.mark.django_db(transaction=True)
DO = {"actor": BOSS, "now": NOW}
LAST = date(2026, 10, 1)


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.DATA = tmp_path
    with acting(BOSS):
        yield


def calm(chance: random.Random, level: float = 30_000, count: int = 30) -> list[float]:
    return [level * (1 + chance.gauss(0, 0.05)) for _month in range(count)]


def company(**planted: Any) -> dict[str, Any]:
    """Return customers by what was planted in them, and calm ones; their sales flow is taken in."""
    chance = random.Random(2)
    names = ["surge", "drop", "down", "returns", "price", "spike"]
    rows = hospitals(len(names) + 24)
    bought = {row: calm(chance) for row in rows}
    named = dict(zip(names, rows, strict=False))
    bought[named["surge"]][-1] *= 4
    bought[named["drop"]][-1] *= 0.2
    bought[named["down"]][-5:] = [value * 0.3 for value in bought[named["down"]][-5:]]
    bought[named["returns"]][-1] = -60_000.0
    bought[named["spike"]][-1] *= 1000
    take_in(bought, last=LAST, prices={(named["price"], 0): 16.0})
    return named


def found(row: Any) -> set[str]:
    return set(PurchaseSignal.unscoped.filter(institution=row).values_list("kind", flat=True))


def test_what_was_planted_is_found_and_the_calm_are_left_alone() -> None:
    named = company()
    count = services.purchase_signals_find(**DO, month=LAST)
    assert found(named["surge"]) == {"surge"} and found(named["spike"]) == {"surge"}
    assert found(named["drop"]) == {"drop"} and found(named["returns"]) == {"returns"}
    assert found(named["down"]) == {"level_down"} and found(named["price"]) == {"price"}
    assert count == PurchaseSignal.unscoped.count() == 6
    down = PurchaseSignal.unscoped.get(institution=named["down"])
    assert (
        down.month in (date(2026, 5, 1), date(2026, 6, 1)) and 7_000 < down.value < 11_000 and down.money > 12 * 15_000
    )
    price = PurchaseSignal.unscoped.get(institution=named["price"])
    assert (price.value, price.expected, price.product.name) == (16, 10, "安衡平")
    assert price.low < 10 < price.high < 16
    assert price.inputs["series"] == 30 and price.inputs["sales_flow"] and price.inputs["false_alarms"] > 0
    largest = PurchaseSignal.unscoped.order_by("-money").first()
    assert largest is not None and largest.institution_id == named["spike"].pk


def test_looking_again_adds_nothing_and_leaves_what_people_touched() -> None:
    named = company()
    services.purchase_signals_find(**DO, month=LAST)
    drop = PurchaseSignal.unscoped.get(institution=named["drop"])
    services.purchase_signal_triage(**DO, pk=drop.pk, cause="competitor", action="约药剂科面谈")
    services.purchase_signals_find(**DO, month=LAST)
    assert PurchaseSignal.unscoped.count() == 6
    drop.refresh_from_db()
    assert (drop.state, drop.action, drop.version) == ("working", "约药剂科面谈", 2)


def test_a_month_that_is_not_over_is_refused_and_one_without_flow_is_empty() -> None:
    with pytest.raises(Invalid):
        services.purchase_signals_find(**DO, month=TODAY.replace(day=1))
    assert services.purchase_signals_find(**DO, month=LAST) == 0
    assert [month_of(text, today=TODAY) for text in ("2026-10", "2026-11", "x", "", "2026-13")] == [
        LAST, None, None, None, None,
    ]  # fmt: skip


def test_small_money_is_not_looked_at() -> None:
    chance = random.Random(2)
    rows = hospitals(12)
    bought = {row: calm(chance, level=100) for row in rows}
    bought[rows[0]][-1] *= 20
    take_in(bought, last=LAST)
    assert services.purchase_signals_find(**DO, month=LAST) == 0


def one() -> PurchaseSignal:
    company()
    services.purchase_signals_find(**DO, month=LAST)
    signal = PurchaseSignal.unscoped.order_by("pk").first()
    assert signal is not None
    return signal


def test_triage_works_closes_and_takes_no_more() -> None:
    signal = one()
    for wrong in ({"cause": "magic", "action": "x"}, {"cause": "stock"}, {"cause": "", "outcome": "x"}):
        with pytest.raises(Invalid):
            services.purchase_signal_triage(**DO, pk=signal.pk, **wrong)
    with pytest.raises(Stale):
        services.purchase_signal_triage(**DO, pk=signal.pk, cause="stock", action="核对", expected_version=9)
    services.purchase_signal_triage(**DO, pk=signal.pk, cause="stock", action="核对库存")
    row = services.purchase_signal_triage(**DO, pk=signal.pk, cause="stock", action="核对库存", outcome="季度备货")
    assert (row.state, row.decided_at) == ("closed", NOW)
    with pytest.raises(Conflict):
        services.purchase_signal_triage(**DO, pk=signal.pk, cause="stock", action="再核对")
    with pytest.raises(Conflict):
        services.purchase_signals_dismiss(**DO, pks=[signal.pk], outcome="不用")


def test_dismissing_needs_a_reason_and_takes_all_or_none() -> None:
    signal = one()
    rest = list(PurchaseSignal.unscoped.exclude(pk=signal.pk).values_list("pk", flat=True))
    with pytest.raises(Invalid):
        services.purchase_signals_dismiss(**DO, pks=rest, outcome=" ")
    with pytest.raises(Missing):
        services.purchase_signals_dismiss(**DO, pks=[*rest, 999_999], outcome="误报")
    assert PurchaseSignal.unscoped.filter(state="dismissed").count() == 0
    assert services.purchase_signals_dismiss(**DO, pks=rest, outcome="误报") == len(rest)


def test_sentences_in_both_languages() -> None:
    one()
    for language in ("zh-hans", "en"):
        with translation.override(language):
            for row in PurchaseSignal.unscoped.select_related("institution", "product"):
                assert "¥" in sentence(row) and "%(" not in sentence(row)
                assert explained(row).policy is not None


def test_today_and_the_customer_page_tell_those_who_may_see_only() -> None:
    from yaomai.customers.models import Institution
    from yaomai.organization.models import Person, Territory

    signal = one()
    near = Territory.unscoped.create(code="E", name="东", level="region", path="/1/", valid_from=TODAY)
    Institution.unscoped.filter(pk=signal.institution_id).update(territory=near)
    rights = {"insights.purchasesignal:view", "insights.purchasesignal:review", "customers.institution:view"}
    person = Person.unscoped.create(username="local", name="王")
    local = Actor(person.pk, "local", (Grant(frozenset(rights), frozenset({near.pk})),))
    with acting(local):
        (item,) = registrations.signals_to_review(local, NOW)
        assert item.money == signal.money and "1" in item.title
        (told,) = registrations.open_signals(signal.institution, local, TODAY)
        assert told.url.endswith(f"/purchasesignals/{signal.pk}/")
    filed = Actor(person.pk, "filed", (Grant(frozenset(rights) - wall.commercial(rights), None),))
    with acting(filed):
        assert registrations.signals_to_review(filed, NOW) == []
        assert list(registrations.open_signals(signal.institution, filed, TODAY)) == []


def test_whoever_has_a_filing_sees_neither_studies_nor_signals() -> None:
    rights = {f"insights.{entity}:{verb}" for entity in ("effectstudy", "purchasesignal")
              for verb in ("view", "create", "run", "review", "export", "edit")}  # fmt: skip
    assert wall.commercial(rights) == rights
