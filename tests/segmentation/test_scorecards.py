"""The three scorecards of professionals: what they measure, what stands behind it, and what has no way in (X1)."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from yaomai.customers.models import PatientPopulation
from yaomai.kit.access import acting
from yaomai.kit.errors import Invalid, Missing, Refused
from yaomai.segmentation import explanations, results, selectors, services
from yaomai.segmentation.inputs import MEASURES, attributes
from yaomai.segmentation.models import Subject
from yaomai.segmentation.policies import AcademicInfluence, CommercialAbc, DecisionPower, PrescriberPotential
from yaomai.segmentation.potential import potential_inputs, potential_measures
from yaomai.segmentation.registrations import _sound

from .conftest import NOW, TODAY, Market

COUNTS = ("月处方量", "处方数量", "每月开药盒数", "prescriptions per month")


@pytest.fixture
def ward(market: Market) -> dict[str, Any]:
    """A cardiology and a surgery, with physicians, a pharmacist, and an own product for hypertension."""
    from yaomai.catalog.models import Product, StandardDepartment
    from yaomai.catalog.services import indication_create, product_update, standard_department_create
    from yaomai.customers.services import (
        affiliation_start,
        department_create,
        patient_population_create,
        professional_create,
    )

    actor, hospital = market.actor, market.institutions[0]
    with acting(actor):
        disease = indication_create(actor=actor, now=NOW, code="I10", name="原发性高血压")
        other = indication_create(actor=actor, now=NOW, code="E11", name="2型糖尿病")
        inner = StandardDepartment.unscoped.filter(name="内科").first() or standard_department_create(
            actor=actor, now=NOW, code="T03", name="内科"
        )
        heart = StandardDepartment.unscoped.filter(name="心血管内科专业").first() or standard_department_create(
            actor=actor, now=NOW, code="T03.04", name="心血管内科专业", parent=inner
        )
        product = Product.unscoped.get(code="AH1")
        product_update(
            actor=actor, now=NOW, pk=product.pk,
            changes={"is_own": True, "indications": [disease], "departments": [heart]},
        )  # fmt: skip
        made: dict[str, Any] = {"product": product}
        for name, standard in (("心内科", heart), ("普通内科", inner), ("外科", None)):
            department = department_create(actor=actor, now=NOW, institution=hospital, name=name, standard=standard)
            made[name] = department
            for indication, patients, day in (
                (disease, 1000, TODAY - timedelta(days=400)), (disease, 2000, TODAY - timedelta(days=30)),
                (other, 9000, TODAY),
            ):  # fmt: skip
                patient_population_create(
                    actor=actor, now=NOW, department=department, indication=indication, patients=patients,
                    basis="department", source="科主任访谈", estimated_on=day,
                )  # fmt: skip
            person = professional_create(actor=actor, now=NOW, name=f"{name}医生", profession="physician")
            made[f"{name}医生"] = person
            affiliation_start(
                actor=actor, now=NOW, professional=person.pk, institution=hospital, department=department,
                valid_from=date(2020, 1, 1),
            )  # fmt: skip
    return made


def measured(day: date = TODAY) -> dict[int, tuple[float, float]]:
    rows = potential_measures(as_of=day).to_pylist()
    return {row["professional"]: (row["department_patients"], row["label_match"]) for row in rows}


def test_patients_are_the_newest_estimate_of_the_department_for_diseases_on_the_label(ward: dict[str, Any]) -> None:
    found = measured()
    assert found[ward["心内科医生"].pk] == (2000, 100)
    assert found[ward["普通内科医生"].pk] == (2000, 60)
    assert found[ward["外科医生"].pk] == (2000, 20)
    assert measured(TODAY - timedelta(days=60))[ward["心内科医生"].pk] == (1000, 100)


def test_potential_is_scored_ranked_banded_and_explained(
    market: Market, ward: dict[str, Any], compute: Callable[..., Any]
) -> None:
    person = ward["心内科医生"]
    with acting(market.actor):
        services.assessment_record(
            actor=market.actor, subject="professional", customer=person.pk, attribute="willingness", value=80,
            source="5月拜访", assessed_on=TODAY, now=NOW,
        )  # fmt: skip
    run = compute()
    row = results.row(run.pk, Subject.PROFESSIONAL, "prescriber_potential", person.pk)
    assert (row["score"], row["rank"], row["tier"]) == (100 * 2000 / 5000 * 0.8, 1, "high")
    assert {"segmentation.potential", "listing.decision"} <= run.policies.keys()
    with acting(market.actor):
        found = explanations.explanation(
            run_id=run.pk, subject="professional", scheme="prescriber_potential", customer=person.pk, policy=None,
            shows_purchases=False,
        )  # fmt: skip
        behind = explanations.evidence(
            spec=PrescriberPotential().spec, subject="professional", customer=person.pk, as_of=TODAY
        )
    assert [(part.value, part.share) for part in found.contributions] == [
        (Decimal("40.0"), 0.4), (Decimal("100.0"), 1.0), (Decimal("80.0"), 0.8),
    ]  # fmt: skip
    assert found.value == "高潜"
    assert "乘" in found.contributions[0].note
    assert behind is not None
    told = [(part.value, part.source, part.as_of) for part in behind.inputs]
    assert told[0] == (2000, "科室告知 · 科主任访谈", TODAY - timedelta(days=30))
    assert told[1][0] == 100
    assert told[2] == (Decimal(80), "5月拜访", TODAY)


def test_whoever_lacks_a_factor_of_a_product_is_not_ranked_and_is_told_which(
    market: Market, ward: dict[str, Any], compute: Callable[..., Any]
) -> None:
    person = ward["外科医生"]
    with acting(market.actor):
        services.assessment_record(
            actor=market.actor, subject="professional", customer=person.pk, attribute="willingness", value=99,
            source="5月拜访", assessed_on=TODAY, now=NOW,
        )  # fmt: skip
        PatientPopulation.unscoped.all().delete()
    run = compute()
    with acting(market.actor):
        found = explanations.explanation(
            run_id=run.pk, subject="professional", scheme="prescriber_potential", customer=person.pk, policy=None,
            shows_purchases=False,
        )  # fmt: skip
    assert found.sentence == "暂列低潜：科室年患者数（估算）、适应症匹配度未知，不参与排名"
    assert found.lift == ("补齐科室年患者数（估算）、适应症匹配度后参与排名。",)


def test_decision_power_comes_from_the_decision_chain(
    market: Market, ward: dict[str, Any], compute: Callable[..., Any]
) -> None:
    from yaomai.listing.services import committee_create, seat_start

    chair, hospital = ward["外科医生"], market.institutions[0]
    with acting(market.actor):
        committee = committee_create(actor=market.actor, now=NOW, institution=hospital, source="医院公示")
        seat_start(
            actor=market.actor, now=NOW, committee=committee.pk, professional=chair, role="chair", voice="decisive",
            valid_from=date(2025, 1, 1), source="医院公示",
        )  # fmt: skip
    run = compute()
    row = results.row(run.pk, Subject.PROFESSIONAL, "decision_power", chair.pk)
    assert (row["score"], row["tier"], row["rank"]) == (45.0, "decides", 1)
    assert not results.row(run.pk, Subject.PROFESSIONAL, "decision_power", ward["心内科医生"].pk)["ranked"]
    with acting(market.actor):
        behind = explanations.evidence(
            spec=DecisionPower().spec, subject="professional", customer=chair.pk, as_of=TODAY
        )
    assert behind is not None
    assert [(part.source, part.as_of) for part in behind.inputs] == [("医院公示", date(2025, 1, 1))]


def test_a_score_has_a_history(market: Market, ward: dict[str, Any]) -> None:
    days, person = (TODAY - timedelta(days=60), TODAY), ward["心内科医生"]
    with acting(market.actor):
        before = None
        for day in days:
            run = services.tiers_compute(actor=market.actor, as_of=day)
            services.tiers_publish(actor=market.actor, pk=run.pk, now=NOW, instead_of=before)
            before = run.pk
        scheme = selectors.scheme_named(selectors.latest_run(), "prescriber_potential")
        assert scheme is not None
        found = selectors.score_history(scheme, person.pk)
    assert [(each.run.as_of, each.score) for each in found] == [(days[0], 10.0), (days[1], 20.0)]


@pytest.mark.parametrize("policy", [PrescriberPotential, AcademicInfluence, DecisionPower])
def test_a_scorecard_without_weights_is_refused_with_a_clear_message(market: Market, policy: Any) -> None:
    from yaomai.kit.policies.services import version_propose

    document = json.loads(policy().model_dump_json())
    for component in document["spec"]["components"]:
        component["weight"] = "0"
    with acting(market.actor), pytest.raises(Invalid) as caught:
        version_propose(actor=market.actor, name=policy.name, document=document, reason="试", now=NOW)
    said = [str(text) for texts in caught.value.fields.values() for text in texts]
    assert said == ["所有权重都是 0，请至少给一个评分项设置权重。"]


# What has no way in -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", COUNTS)
def test_no_scorecard_reads_a_count_of_prescriptions(market: Market, words: str) -> None:
    from yaomai.kit.policies.services import version_propose

    document = json.loads(PrescriberPotential().model_dump_json())
    document["spec"]["attributes"][0]["label"] = {"zh": words, "en": words}
    with acting(market.actor), pytest.raises((Invalid, Refused)):
        version_propose(actor=market.actor, name=PrescriberPotential.name, document=document, reason="试", now=NOW)


@pytest.mark.parametrize("words", ["王医生每月处方量120盒", "李主任月开方50张"])
def test_no_count_comes_in_as_a_source_of_an_estimate_or_assessment(
    market: Market, ward: dict[str, Any], words: str
) -> None:
    from yaomai.customers.models import PatientPopulation
    from yaomai.customers.services import patient_population_update

    row = PatientPopulation.unscoped.order_by("pk")[0]
    with acting(market.actor):
        with pytest.raises(Refused):
            patient_population_update(actor=market.actor, now=NOW, pk=row.pk, changes={"source": words})
        with pytest.raises(Refused):
            services.assessment_record(
                actor=market.actor, subject="professional", customer=ward["心内科医生"].pk, attribute="willingness",
                value=50, source=words, assessed_on=TODAY, now=NOW,
            )  # fmt: skip


def test_what_is_measured_can_not_be_assessed_by_hand(market: Market, ward: dict[str, Any]) -> None:
    for measure in MEASURES:
        for name in measure.names:
            with acting(market.actor), pytest.raises(Missing):
                services.assessment_record(
                    actor=market.actor, subject="professional", customer=ward["心内科医生"].pk, attribute=name,
                    value=50, source="x", assessed_on=TODAY, now=NOW,
                )  # fmt: skip


def test_an_estimate_belongs_to_a_department_and_to_no_person() -> None:
    from yaomai.customers.models import PatientPopulation, Professional

    pointing = {field.related_model for field in PatientPopulation._meta.get_fields() if field.is_relation}
    assert Professional not in pointing


def test_colleagues_of_a_department_have_equal_patients(market: Market, ward: dict[str, Any]) -> None:
    from yaomai.customers.services import affiliation_start, professional_create

    with acting(market.actor):
        second = professional_create(actor=market.actor, now=NOW, name="心内科乙", profession="physician")
        affiliation_start(
            actor=market.actor, now=NOW, professional=second.pk, institution=market.institutions[0], department=ward["心内科"],
            valid_from=date(2020, 1, 1),
        )  # fmt: skip
    found = measured()
    assert found[second.pk] == found[ward["心内科医生"].pk]


def test_who_may_not_see_the_estimates_is_shown_none(market: Market, ward: dict[str, Any]) -> None:
    from yaomai.kit.access import Actor, Grant

    blind = Actor(None, "rep", (Grant(frozenset({"customers.professional:view", "catalog.product:view"})),))
    with acting(blind):
        shown = potential_inputs(ward["心内科医生"].pk, as_of=TODAY)
    assert [part.value for part in shown] == [100]


def test_attributes_keep_the_order_of_customers(market: Market, ward: dict[str, Any]) -> None:
    table = attributes(Subject.PROFESSIONAL, ["label_match", "seat_points", "willingness"], as_of=TODAY)
    rows = {row["customer"]: row for row in table.to_pylist()}
    assert list(rows) == sorted(rows)
    assert rows[ward["普通内科医生"].pk]["label_match"] == 60
    assert rows[ward["普通内科医生"].pk]["seat_points"] is None


def test_a_scheme_keeps_the_name_under_which_its_results_are_kept() -> None:
    policy = CommercialAbc()
    renamed = policy.model_copy(update={"spec": policy.spec.model_copy(update={"name": "four_tiers"})})
    assert _sound(policy) == {}
    assert "commercial_abc" in str(_sound(renamed)["spec.name"])
