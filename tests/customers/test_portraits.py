"""A6, A13, A14, A16, D2, D3: the portrait, how to approach somebody, and what to talk about next."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pydantic import ValidationError

from yaomai.customers import archives, portrait, services
from yaomai.customers.approach import approach_to
from yaomai.customers.models import Affiliation, Professional, ProfessionalFact
from yaomai.customers.policies import ApproachPolicy
from yaomai.kit.access import acting
from yaomai.kit.documents import plain
from yaomai.kit.documents.parts import Paragraph, Section
from yaomai.kit.documents.pdf import pdf
from yaomai.kit.errors import Invalid
from yaomai.kit.memo import one_page

from .conftest import NOW, TODAY, World

pytestmark = pytest.mark.django_db
Make = Callable[..., Any]


@pytest.fixture
def person(world: World, institution: Make, professional: Make) -> Any:
    return professional("王芳", institution=institution("医院", territory=world.district), title="chief_physician")


def record(world: World, person: Any, field: str, value: Any) -> None:
    services.professional_fact_record(
        actor=world.manager, pk=person.pk, field=field, value=value, source="拜访", now=NOW
    )
    person.refresh_from_db()


def test_every_type_and_style_brings_its_advice(world: World, person: Any) -> None:
    for each in ("high_influence", "decision_maker"):
        services.type_mark(actor=world.manager, now=NOW, pk=person.pk, customer_type=each, source="公示", reason="任职")
    record(world, person, "style_type", "managing")
    record(world, person, "style", "result")
    with acting(world.reader):
        found = approach_to(person, archives.facts_of(person), today=TODAY)
    assert [each.title for each in found.advice] == ["学术合伙人", "管理顾问", "管理型客户", "重结果、简短"]
    assert "供应链可靠性报告" in found.advice[2].lines[1][1]
    assert found.topic is not None
    assert found.topic.text == "供应链可靠性报告、药占比优化方案"


def test_the_topic_is_what_the_person_asked_about_last(world: World, person: Any) -> None:
    record(world, person, "style_type", "academic")
    record(world, person, "clinical_questions", "儿童哮喘非激素治疗")
    with acting(world.reader):
        topic = approach_to(person, archives.facts_of(person), today=TODAY).topic
    assert topic is not None
    assert topic.text == "儿童哮喘非激素治疗"
    assert "拜访" in topic.reason


def test_styles_are_those_of_the_policy(world: World, person: Any) -> None:
    with pytest.raises(Invalid):
        record(world, person, "style", "shouting")
    with pytest.raises(ValidationError):
        ApproachPolicy(styles=(*ApproachPolicy().styles, ApproachPolicy().styles[0]))
    with pytest.raises(ValidationError):
        ApproachPolicy(playbooks=ApproachPolicy().playbooks[:2])


def test_rooms_add_sections_and_rights_hide_them(world: World, person: Any) -> None:
    services.type_mark(
        actor=world.manager, now=NOW, pk=person.pk, customer_type="high_volume", source="评分卡", reason="门诊量"
    )
    portrait.register(
        "professional", name="test", title="采购", order=1, blocks=lambda _row, _actor: [Paragraph("甲")],
        right="customers.professional:export",
    )  # fmt: skip
    try:
        person.refresh_from_db()
        with acting(world.manager):
            seen = portrait.portrait_of("professional", person, world.manager, now=NOW)
        with acting(world.reader):
            hidden = portrait.portrait_of("professional", person, world.reader, now=NOW)
    finally:
        portrait.forget("professional", "test")
    titles = [block.title for block in seen.blocks if isinstance(block, Section)]
    assert titles[0] == "采购"
    assert "采购" not in [block.title for block in hidden.blocks if isinstance(block, Section)]
    text = f"{hidden.subtitle} {plain.blocks(hidden.blocks)}"
    assert all(word in text for word in ("主任医师", "门诊量", "专业后盾", "医院"))
    assert [each.name for each in hidden.references] == ["customers.approach"]


def test_a_person_who_left_every_hospital_keeps_a_portrait(world: World, person: Any) -> None:
    Affiliation.unscoped.update(valid_from=TODAY - timedelta(days=90))
    affiliation = Affiliation.unscoped.get(professional=person)
    services.affiliation_end(actor=world.manager, pk=affiliation.pk, valid_to=TODAY, now=NOW)
    person.refresh_from_db()
    assert person.institution is None
    with acting(world.manager):
        document = portrait.portrait_of("professional", person, world.manager, now=NOW)
    assert "目前没有执业机构" in str(plain.blocks(document.blocks))


def test_a_selection_is_one_file(world: World, person: Any, professional: Make) -> None:
    other = professional("李雷", institution=person.institution)
    with acting(world.manager):
        documents = [portrait.portrait_of("professional", row, world.manager, now=NOW) for row in (person, other)]
    made = pdf(*documents)
    assert made.startswith(b"%PDF")
    assert made == pdf(*documents)


def test_what_portraits_say_is_read_for_all_people_at_once(
    world: World, person: Any, institution: Make, professional: Make
) -> None:
    people = [person]
    for number in range(5):
        place = institution(f"医院{number}", territory=world.district)
        people.append(professional(f"李{number}", institution=place))
    for each in people:
        record(world, each, "style", "result")
        record(world, each, "clinical_questions", f"{each.name}的问题")

    def made(chosen: list[Any]) -> tuple[list[Any], int]:
        rows = Professional.unscoped.select_related("institution", "department", "territory")
        people = list(rows.filter(pk__in=[each.pk for each in chosen]).order_by("pk"))
        with acting(world.reader), one_page(), CaptureQueriesContext(connection) as asked:
            found = portrait.portraits_of("professional", people, world.reader, now=NOW)
        return found, len(asked)

    (alone,), one = made(people[:1])
    together, six = made(people)
    assert six == one, "as many statements for six as for one"
    assert plain.blocks(together[0].blocks) == plain.blocks(alone.blocks)
    assert [str(plain.blocks(each.blocks)).count("的问题") > 0 for each in together] == [True] * 6
    assert "李3的问题" in str(plain.blocks(together[4].blocks)) and "李2的问题" not in str(
        plain.blocks(together[4].blocks)
    )


# However many there are ------------------------------------------------------------------------------------------

CROWD = 4_000
LARGE = {"customers_professional", "customers_professionalfact", "customers_affiliation"}


def crowd(like: Any) -> None:
    """Put many people with facts and workplaces beside one, and let the database count them."""
    rows = Professional.unscoped.bulk_create(
        Professional(name=f"某{number}", institution=like.institution if number < 200 else None, territory=like.territory,
                     created_at=NOW, updated_at=NOW)
        for number in range(CROWD)
    )  # fmt: skip
    ProfessionalFact.unscoped.bulk_create(
        ProfessionalFact(professional=row, field=field, value="某事", source="拜访", recorded_at=NOW, checked_at=NOW)
        for row in rows for field in ("clinical_questions", "visit_points")
    )  # fmt: skip
    Affiliation.unscoped.bulk_create(
        Affiliation(professional=row, institution=like.institution, valid_from=TODAY, source="拜访") for row in rows
    )
    with connection.cursor() as cursor:
        for table in LARGE:
            cursor.execute(f"ANALYZE {table}")


def scanned(plan: Any) -> set[str]:
    """Return the tables that a plan reads from the first row to the last."""
    found = {plan["Relation Name"]} if plan["Node Type"] in ("Seq Scan", "Parallel Seq Scan") else set()
    return found.union(*(scanned(each) for each in plan.get("Plans", ())))


def test_a_portrait_reads_the_same_however_many_people_there_are(world: World, person: Any, browse: Make) -> None:
    record(world, person, "clinical_questions", "儿童哮喘非激素治疗")
    client, url = browse(world.east), reverse("customers:portrait", kwargs={"entity": "professional", "pk": person.pk})
    assert client.get(url).status_code == 200  # what a process keeps is read once
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    crowd(person)
    with CaptureQueriesContext(connection) as many:
        assert "儿童哮喘非激素治疗" in client.get(url).content.decode()
    assert len(many) == len(few)
    with connection.cursor() as cursor:
        for statement in (each["sql"] for each in many.captured_queries if each["sql"].startswith("SELECT")):
            cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}")
            ((found,),) = cursor.fetchall()[0]
            assert not scanned(found["Plan"]) & LARGE, statement
