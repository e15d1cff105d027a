import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from yaomai.customers import profile, services
from yaomai.customers.models import (
    Institution,
    InstitutionContact,
    Professional,
    ProfessionalContact,
    ProfessionalFact,
)
from yaomai.kit.audit.models import Entry
from yaomai.kit.audit.sentences import Line
from yaomai.kit.errors import Invalid, Missing, Refused

from .conftest import NOW, TODAY, World

Make = Callable[..., Any]


@pytest.mark.parametrize("field", [*profile.fields("institution"), *profile.fields("professional")])
def test_no_field_holds_a_count_of_prescriptions(field: profile.ProfileField) -> None:
    words = f"{field.code} {field.label} {field.help}"
    assert not re.search(
        r"处方[数量]|统方|prescriptions?[ _](count|volume|number|total)|number of prescriptions", words, re.I
    )
    assert field.kind in (profile.Kind.TEXT, profile.Kind.CHOICE, profile.Kind.CHOICES)
    assert not any(label for code, label in field.choices if field.entity == "professional" and code.isdigit())


@pytest.mark.parametrize("label", ["月处方量", "prescription count", "处方张数"])
def test_such_a_field_cannot_be_declared(label: str) -> None:
    with pytest.raises(ValueError, match="X1"):
        profile.register(profile.ProfileField("volume", "professional", profile.Group.BUSINESS, label))
    assert profile.field("professional", "volume") is None


def test_no_column_of_the_rooms_tables_counts_prescriptions() -> None:
    from django.apps import apps

    from yaomai.engine.prescriptions import names_count

    for model in [*apps.get_app_config("customers").get_models(), *apps.get_app_config("catalog").get_models()]:
        for field in model._meta.get_fields():
            assert not names_count(f"{field.name} {getattr(field, 'verbose_name', '')}")


def test_every_row_of_the_requirements_has_fields() -> None:
    rows = {part.strip() for entity in ("institution", "professional") for field in profile.fields(entity)  # type: ignore[arg-type]
            for part in field.requirement.split(",")}  # fmt: skip
    assert rows == {"A7", "A8", "A9", "A10", "A11", "A12", "A13", "A14"}


@pytest.fixture
def person(world: World, institution: Make, professional: Make) -> Any:
    return professional("王芳", institution=institution("医院", territory=world.east))


def record(world: World, person: Any, field: str, value: Any, **more: Any) -> Any:
    values = {
        "actor": world.east_manager,
        "pk": person.pk,
        "source": "拜访",
        "now": NOW,
        "field": field,
        "value": value,
    }
    return services.professional_fact_record(**(values | more))


def facts(person: Any) -> list[tuple[str, Any, bool]]:
    rows = ProfessionalFact.unscoped.filter(professional=person).order_by("pk")
    return [(row.field, row.value, row.superseded_at is None) for row in rows]


def test_a_new_value_supersedes_and_nothing_is_overwritten(world: World, person: Any) -> None:
    record(world, person, "style", "evidence")
    record(world, person, "style", "open", now=NOW + timedelta(days=1))
    assert facts(person) == [("style", "evidence", False), ("style", "open", True)]
    record(world, person, "style", "", now=NOW + timedelta(days=2))
    assert facts(person) == [("style", "evidence", False), ("style", "open", False)]


def test_the_same_value_again_is_a_check(world: World, person: Any) -> None:
    fact = record(world, person, "tags", ["supply", "price"])
    assert fact.value == ["price", "supply"]
    later = NOW + timedelta(days=40)
    record(world, person, "tags", ["price", "supply"], source="电话", now=later)
    row = ProfessionalFact.unscoped.get(professional=person)
    assert (row.recorded_at, row.checked_at, row.source) == (NOW, later, "拜访")
    assert Professional.unscoped.get(pk=person.pk).checked_on == TODAY + timedelta(days=40)


def test_checking_confirms_what_is_recorded(world: World, person: Any) -> None:
    with pytest.raises(Invalid):
        services.professional_facts_check(actor=world.east_manager, pk=person.pk, now=NOW)
    record(world, person, "leisure", "读书")
    record(world, person, "style", "open")
    later = NOW + timedelta(days=1)
    assert services.professional_facts_check(actor=world.east_manager, pk=person.pk, now=later, fields=["style"]) == 1
    assert services.professional_facts_check(actor=world.east_manager, pk=person.pk, now=later) == 2


@pytest.mark.parametrize("value", ["每月开120盒", "月处方量约300张"])
def test_counts_are_refused_with_the_rule(world: World, person: Any, value: str) -> None:
    with pytest.raises(Refused) as caught:
        record(world, person, "prescribing_habits", value)
    assert any("X1" in each for each in caught.value.citations)
    assert facts(person) == []
    refusal = Entry.unscoped.order_by("-pk")[0]
    assert refusal.outcome == "refused"
    assert "120" not in refusal.content
    assert "300" not in refusal.content


@pytest.mark.parametrize(
    ("field", "value", "source"),
    [("style", "loud", "拜访"), ("tags", ["price", "gold"], "拜访"), ("style", "open", " "), ("leisure", "长" * 2001, "拜访"),
     ("style", ["open", "result"], "拜访")],
)  # fmt: skip
def test_values_that_do_not_fit_are_refused(world: World, person: Any, field: str, value: Any, source: str) -> None:
    with pytest.raises(Invalid):
        record(world, person, field, value, source=source)
    assert facts(person) == []


@pytest.mark.parametrize("field", ["unknown", "title", ""])
def test_only_registered_facts_exist(world: World, person: Any, field: str) -> None:
    with pytest.raises(Missing):
        record(world, person, field, "x")


def test_facts_are_out_of_reach_with_their_person(world: World, person: Any) -> None:
    for actor in (world.west_manager, world.reader):
        with pytest.raises(Missing):
            record(world, person, "style", "open", actor=actor)
    assert facts(person) == []


def test_texts_about_a_person_do_not_enter_the_trail(world: World, person: Any) -> None:
    record(world, person, "personal_notes", "女儿今年高考")
    assert "高考" not in Entry.unscoped.order_by("-pk")[0].content


def test_completeness_follows_the_policy(world: World, institution: Make) -> None:
    weights = profile.default_weights("institution")
    made = institution("医院", territory=world.east, grade="3A")
    expected = int(100 * (weights["territory"] + weights["grade"]) / sum(weights.values()))
    assert Institution.unscoped.get(pk=made.pk).completeness == expected
    services.institution_fact_record(
        actor=world.manager, pk=made.pk, field="patient_groups", value="老年慢病", source="访谈", now=NOW
    )
    expected = int(100 * (weights["territory"] + weights["grade"] + weights["patient_groups"]) / sum(weights.values()))
    assert Institution.unscoped.get(pk=made.pk).completeness == expected


# Contact data -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "masked", "clear"),
    [
        ("mobile", "138 1234 5678", "138****5678", "13812345678"),
        ("phone", "010-69156114", "010****6114", "010-69156114"),
        ("email", "Wang.Fang@example.com", "W***@example.com", "Wang.Fang@example.com"),
        ("wechat", "wangfang88", "w***8", "wangfang88"),
    ],
)
def test_contacts_are_sealed_masked_and_revealed(
    world: World, person: Any, kind: str, value: str, masked: str, clear: str
) -> None:
    from django.db import connection

    contact = services.professional_contact_add(actor=world.east_manager, pk=person.pk, kind=kind, value=value, now=NOW)
    assert contact.masked == masked
    with connection.cursor() as cursor:
        cursor.execute("SELECT value, fingerprint FROM customers_professionalcontact")
        stored = cursor.fetchall()
    assert clear not in str(stored)
    shown = services.professional_contact_reveal(
        actor=world.east_manager, pk=person.pk, contact=contact.pk, reason="预约拜访"
    )
    assert shown == clear
    entry = Entry.unscoped.order_by("-pk")[0]
    assert entry.code == "customers.professional:reveal"
    assert "预约拜访" in Line(entry).sentence and "预约拜访" not in entry.content, "sealed with the person's key"
    assert clear not in entry.content


def test_revealing_needs_right_reach_and_reason(world: World, person: Any) -> None:
    contact = services.professional_contact_add(
        actor=world.east_manager, pk=person.pk, kind="mobile", value="13812345678", now=NOW
    )
    with pytest.raises(Invalid):
        services.professional_contact_reveal(actor=world.east_manager, pk=person.pk, contact=contact.pk, reason="看")
    for actor in (world.west_manager, world.reader):
        with pytest.raises(Missing):
            services.professional_contact_reveal(actor=actor, pk=person.pk, contact=contact.pk, reason="预约拜访")
    assert not Entry.unscoped.filter(code="customers.professional:reveal", outcome="done").exists()


def test_a_contact_is_recorded_once_and_found_by_its_number(world: World, person: Any) -> None:
    from yaomai.kit.vault import blind_index

    services.professional_contact_add(actor=world.manager, pk=person.pk, kind="mobile", value="13812345678", now=NOW)
    with pytest.raises(Invalid):
        services.professional_contact_add(
            actor=world.manager, pk=person.pk, kind="mobile", value="+86 138-1234-5678", now=NOW
        )
    assert ProfessionalContact.unscoped.get(fingerprint=blind_index("13812345678")).professional == person


@pytest.mark.parametrize(
    ("kind", "value"), [("mobile", "12345"), ("email", "nobody"), ("fax", "1"), ("wechat", " "), ("phone", "1" * 101)]
)
def test_contacts_that_do_not_fit_are_refused(world: World, person: Any, kind: str, value: str) -> None:
    with pytest.raises(Invalid):
        services.professional_contact_add(actor=world.manager, pk=person.pk, kind=kind, value=value, now=NOW)
    assert not ProfessionalContact.unscoped.exists()


def test_removing_deletes_the_value(world: World, person: Any, institution: Make) -> None:
    contact = services.professional_contact_add(
        actor=world.manager, pk=person.pk, kind="mobile", value="13812345678", now=NOW
    )
    services.professional_contact_remove(actor=world.manager, pk=person.pk, contact=contact.pk, now=NOW)
    assert not ProfessionalContact.unscoped.exists()
    shop = institution("药店", kind="pharmacy")
    phone = services.institution_contact_add(
        actor=world.manager, pk=shop.pk, kind="mobile", value="13912345678", now=NOW
    )
    assert (
        services.institution_contact_reveal(actor=world.manager, pk=shop.pk, contact=phone.pk, reason="核实送货地址")
        == "13912345678"
    )
    services.institution_contact_remove(actor=world.manager, pk=shop.pk, contact=phone.pk, now=NOW)
    assert not InstitutionContact.unscoped.exists()
