"""Effect studies: the verdicts on planted truth, what is refused, who sees what, and what stays frozen."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from yaomai.insights import services
from yaomai.insights.effects import measuring
from yaomai.insights.effects.documents import effect_document
from yaomai.insights.effects.presenting import chart, explained, sentence
from yaomai.insights.models import EffectCheck, EffectStudy
from yaomai.kit.access import Actor, Grant, acting
from yaomai.kit.documents.excel import workbook
from yaomai.kit.documents.pdf import pdf
from yaomai.kit.errors import Conflict, Invalid, Missing

from .acts_examples import BOSS, NOW, TODAY
from .flow import hospitals, take_in

pytestmark = pytest.mark.django_db(transaction=True)
DO = {"actor": BOSS, "now": NOW}
LAST = date(2026, 10, 1)
SINCE = date(2026, 5, 1)
BEFORE, AFTER = 12, 6


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.DATA = tmp_path
    with acting(BOSS):
        yield


def months(chance: random.Random, *, level: float, effect: float = 0.0, growth: float = 0.0) -> list[float]:
    """Return eighteen months of a customer, of which the last six had the change."""
    return [
        max(0.0, level + growth * number + chance.gauss(0, level * 0.05) + (effect if number >= BEFORE else 0.0))
        for number in range(BEFORE + AFTER)
    ]


def company(
    *, treated: int = 12, others: int = 30, effect: float = 0.0, growth: float = 0.0, seed: int = 7
) -> tuple[list[Any], list[Any]]:
    """Return customers with and without the change, with their sales flow taken in."""
    chance = random.Random(seed)
    rows = hospitals(treated + others)
    own, rest = rows[:treated], rows[treated:]
    bought = {row: months(chance, level=1000 + 20 * n, effect=effect, growth=growth) for n, row in enumerate(own)}
    bought |= {row: months(chance, level=900 + 20 * n) for n, row in enumerate(rest)}
    take_in(bought, last=LAST)
    return own, rest


def begun(rows: list[Any], **fields: Any) -> EffectCheck:
    """Return the first look at a study, computed."""
    asked: dict[str, Any] = {"name": "增加拜访", "change": "visits", "since": SINCE, "selection": "勾选"} | fields
    study = services.effect_study_create(**DO, institutions=[row.pk for row in rows], **asked)
    return services.effect_check_fill(actor=BOSS, pk=EffectCheck.unscoped.get(study=study).pk)


def said(check: EffectCheck) -> str:
    names = measuring.names_of([key for key, _before, _after in check.result.get("units", ())])
    with translation.override("en"):
        return sentence(check.study, check.result, names)


def test_a_planted_effect_is_found_with_its_interval_and_inputs_frozen() -> None:
    own, rest = company(effect=200.0)
    check = begun(own)
    result = check.result
    assert result["verdict"] == "helps" == EffectStudy.unscoped.get().verdict
    assert result["effect"]["low"] < 200 < result["effect"]["high"] and result["effect"]["low"] > 120
    assert (result["before"], result["after"], result["treated"], result["pool"]) == (12, 6, 12, 30)
    assert result["total"] == pytest.approx(result["effect"]["mean"] * 12 * 6, abs=1)
    assert len(result["months"]) == 18 == len(result["means"]["treated"]) and result["months"][12] == "2026-05-01"
    assert set(check.inputs["treated"]) == {row.pk for row in own}
    assert set(check.inputs["compared_with"]) <= {row.pk for row in rest} and check.inputs["compared_with"]
    assert check.inputs["sales_flow"] and check.inputs["through"] == "2026-10-01"
    assert said(check).startswith("It helped: ¥")
    again = services.effect_check_fill(actor=BOSS, pk=check.pk)
    assert again.result == EffectCheck.unscoped.get().result and again.result["effect"] == result["effect"]


def test_no_effect_and_too_much_scatter_are_no_success() -> None:
    own, _rest = company()
    check = begun(own)
    assert check.result["verdict"] in ("none", "unclear")
    assert said(check).startswith(("No effect worth mentioning", "Cannot tell yet"))


def test_chosen_because_they_were_growing_is_not_believable() -> None:
    own, _rest = company(growth=40.0)
    check = begun(own)
    assert check.result["verdict"] == "incomparable" and EffectStudy.unscoped.get().effect is None
    assert "already growing faster" in said(check)


def test_too_few_customers_say_how_many_are_needed() -> None:
    own, _rest = company(treated=3)
    check = begun(own)
    assert check.result["verdict"] == "few" and "effect" not in check.result
    assert "3 customers had the change and at least 5" in said(check)


def test_all_treated_leaves_nobody_to_compare_with() -> None:
    own, rest = company(treated=8, others=8)
    check = begun(own + rest)
    assert check.result["verdict"] == "few" and check.result["pool"] == 0
    assert "nobody to compare with" in said(check)


def test_without_a_whole_month_after_it_is_too_early() -> None:
    own, _rest = company()
    check = begun(own, since=date(2026, 11, 3))
    assert check.result["verdict"] == "early" and check.result["from"] == "2027-01-01"
    assert said(check).startswith("Too early")


def test_without_any_sales_flow_it_is_too_early_or_too_few() -> None:
    check = begun(hospitals(6))
    assert check.result["verdict"] == "early" and check.inputs["through"] is None


def test_a_spike_of_a_thousandfold_is_no_success() -> None:
    chance = random.Random(3)
    rows = hospitals(40)
    bought = {row: months(chance, level=1000) for row in rows}
    bought[rows[0]][-1] *= 1000
    take_in(bought, last=LAST)
    assert begun(rows[:10]).result["verdict"] not in ("helps", "harms", "none")


def test_an_answer_that_one_customer_makes_names_it() -> None:
    """All six gained, the first twice as much: with it the gain is certain, without it it may be nothing."""
    chance = random.Random(14)
    rows = hospitals(36)
    bought = {row: [1000.0 + chance.gauss(0, 3) for _month in range(BEFORE + AFTER)] for row in rows}
    for number, row in enumerate(rows[:6]):
        for month in range(BEFORE, BEFORE + AFTER):
            bought[row][month] += 5.0 if number == 0 else 2.5
    take_in(bought, last=LAST)
    check = begun(rows[:6])
    assert check.result["verdict"] == "fragile", check.result
    assert check.result["rests_on"]["institution"] == rows[0].pk
    assert check.result["rests_on"]["verdict"] not in ("helps", "harms")
    assert rows[0].name in said(check)


def test_negative_months_are_returns_and_count() -> None:
    chance = random.Random(11)
    rows = hospitals(30)
    bought = {row: months(chance, level=1000) for row in rows}
    for row in rows[:10]:
        bought[row] = [value if n < BEFORE else -200.0 for n, value in enumerate(bought[row])]
    take_in(bought, last=LAST)
    check = begun(rows[:10])
    assert check.result["verdict"] == "harms" and check.result["effect"]["mean"] < -1000
    assert min(check.result["means"]["treated"]) == pytest.approx(-200.0)


def test_one_product_and_quantity_can_be_the_measure() -> None:
    from yaomai.catalog.models import Product
    from yaomai.catalog.services import product_create

    own, _rest = company(effect=200.0)
    other = product_create(**DO, code="AH2", name="安衡达", specification="10mg", generic_name="安氯达片")
    found = begun(own, measure="quantity", product=Product.unscoped.get(code="AH1"))
    assert found.result["effect"]["mean"] == pytest.approx(20, abs=8)
    assert "¥" not in said(found)
    nothing = begun(own, product=other)
    assert nothing.result["verdict"] not in ("helps", "harms")


def test_a_customer_merged_meanwhile_counts_once() -> None:
    from yaomai.customers.models import Institution
    from yaomai.customers.services import institution_merge

    own, _rest = company(effect=200.0)
    study = services.effect_study_create(
        **DO, name="培训", change="training", since=SINCE, institutions=[row.pk for row in own], selection="勾选"
    )
    institution_merge(**DO, winner=own[0].pk, loser=own[1].pk)
    assert Institution.unscoped.get(pk=own[1].pk).merged_into_id == own[0].pk
    check = services.effect_check_fill(actor=BOSS, pk=EffectCheck.unscoped.get(study=study).pk)
    assert (check.result["treated"], check.inputs["merged"], check.inputs["gone"]) == (11, 1, 0)
    assert study.treated == EffectStudy.unscoped.get().treated


def test_what_is_refused_changes_nothing() -> None:
    rows = hospitals(6)
    keys = [row.pk for row in rows]
    good: dict[str, Any] = {"name": "x", "change": "visits", "since": SINCE, "institutions": keys}
    for wrong in (
        {"since": TODAY + timedelta(days=1)}, {"institutions": []}, {"name": " "}, {"change": "magic"},
        {"recheck_on": TODAY}, {"scheme": "s", "tier": "a"}, {"institutions": [999_999]}, {"measure": "doctors"},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            services.effect_study_create(**DO, **(good | wrong))
    assert EffectStudy.unscoped.count() == EffectCheck.unscoped.count() == 0


def test_looking_again_keeps_the_look_before() -> None:
    own, _rest = company(effect=200.0)
    first = begun(own)
    second = services.effect_study_check(**DO, pk=first.study_id)
    with pytest.raises(Conflict):
        services.effect_study_check(**DO, pk=first.study_id)
    services.effect_check_fill(actor=BOSS, pk=second.pk)
    kept = list(EffectCheck.unscoped.order_by("pk"))
    assert [row.result["verdict"] for row in kept] == ["helps", "helps"] and kept[0].result == kept[1].result
    study = EffectStudy.unscoped.get()
    assert study.recheck_on == TODAY + timedelta(days=90)
    services.effect_study_archive(**DO, pk=study.pk)
    with pytest.raises(Conflict):
        services.effect_study_check(**DO, pk=study.pk)


def test_groups_are_a_territory_or_a_list() -> None:
    from yaomai.customers.models import Institution
    from yaomai.organization.models import Territory

    rows = hospitals(7)
    near = Territory.unscoped.create(code="E", name="东", level="region", path="/7/", valid_from=TODAY)
    Institution.unscoped.filter(pk__in=[row.pk for row in rows[:4]]).update(territory=near)
    study = services.effect_study_create(**DO, name="东区", change="campaign", since=SINCE, territory=near)
    assert study.treated == sorted(row.pk for row in rows[:4])
    with pytest.raises(Invalid):
        services.effect_study_create(**DO, name="空", change="campaign", since=SINCE, scheme="abc", tier="nobody")


def test_only_customers_whose_purchases_are_seen_take_part_and_are_named() -> None:
    from yaomai.customers.models import Institution
    from yaomai.organization.models import Person, Territory

    own, rest = company(effect=200.0)
    near = Territory.unscoped.create(code="E", name="东", level="region", path="/1/", valid_from=TODAY)
    Institution.unscoped.filter(pk__in=[row.pk for row in own[:8] + rest[:10]]).update(territory=near)
    rights = {"commerce.salesline:view", "customers.institution:view", "catalog.product:view", "insights.effectstudy:create",
              "insights.effectstudy:view"}  # fmt: skip
    person = Person.unscoped.create(username="local", name="王")
    local = Actor(person.pk, "local", (Grant(frozenset(rights), frozenset({near.pk})),))
    with acting(local):
        study = services.effect_study_create(
            actor=local, now=NOW, name="x", change="visits", since=SINCE, institutions=[row.pk for row in own]
        )
        check = services.effect_check_fill(actor=local, pk=EffectCheck.unscoped.get(study=study).pk)
    assert (check.result["treated"], check.result["pool"]) == (8, 10)
    other = Person.unscoped.create(username="other", name="李")
    stranger = Actor(other.pk, "other", (Grant(frozenset(rights), frozenset({near.pk})),))
    with acting(stranger), pytest.raises(Missing):
        services.effect_check_fill(actor=stranger, pk=check.pk)
    blind = Actor(other.pk, "blind", (Grant(frozenset(rights - {"commerce.salesline:view"}), None),))
    with acting(blind), pytest.raises(Missing):
        services.effect_study_create(
            actor=blind, now=NOW, name="x", change="visits", since=SINCE, institutions=[row.pk for row in own]
        )


def test_documents_and_explanations_in_both_languages() -> None:
    own, _rest = company(effect=200.0)
    check = begun(own)
    names = {row.pk: row.name for row in own[:5]}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            picture = chart(check.study, check.result)
            assert picture is not None and len(picture.labels) == 18 and picture.marks[0].at == "2026-05"
            why = explained(check.study, check, names)
            assert [line.reached for line in why.cutoffs] == [True] * 4 and len(why.children) == 2
            for is_paper, render, begin in ((True, pdf, b"%PDF"), (False, workbook, b"PK")):
                document = effect_document(check, names, made_at=NOW, made_by="x", is_paper=is_paper)
                assert render(document).startswith(begin)
    few = begun(own[:2])
    assert pdf(effect_document(few, {}, made_at=NOW, made_by="x", is_paper=True)).startswith(b"%PDF")
    assert chart(few.study, {"months": []}) is None
