"""An institution splits: what follows does so from a day, what was before stays, and it can be undone."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from yaomai.customers import services
from yaomai.customers.models import Affiliation, Department, Institution, InstitutionSplit, Professional
from yaomai.customers.services.merges import MergedMeanwhile
from yaomai.kit.access import acting
from yaomai.kit.acts.rows import Archived
from yaomai.kit.audit.models import Entry
from yaomai.kit.errors import Conflict, Invalid, Missing, Refused

from .conftest import NOW, TODAY, World

pytestmark = pytest.mark.django_db
Make = Callable[..., Any]
DAY = TODAY - timedelta(days=30)
LATER = NOW + timedelta(hours=1)


def stays(person: Professional) -> list[tuple[str, str, date, date | None]]:
    rows = Affiliation.unscoped.filter(professional=person).order_by("valid_from", "pk")
    return [
        (each.institution.name, each.department.name if each.department else "", each.valid_from, each.valid_to)
        for each in rows.select_related("institution", "department")
    ]


@pytest.fixture
def hospital(world: World, institution: Make) -> Institution:
    made: Institution = institution("江城市第一人民医院", territory=world.east)
    return made


def staff(world: World, hospital: Institution, name: str, department: Department | None, since: date) -> Professional:
    with acting(world.manager):
        person: Professional = services.professional_create(
            actor=world.manager, now=NOW, name=name, institution=hospital, department=department, valid_from=since
        )
    return person


def split(world: World, hospital: Institution, **given: Any) -> InstitutionSplit:
    with acting(world.manager):
        made: InstitutionSplit = services.institution_split(
            actor=world.manager, pk=hospital.pk, **{"name": "江城市第一人民医院东院", "day": DAY, "now": NOW} | given
        )
    return made


def department(world: World, hospital: Institution, name: str = "心内科") -> Department:
    with acting(world.manager):
        made: Department = services.department_create(actor=world.manager, now=NOW, institution=hospital, name=name)
    return made


def test_departments_and_people_follow_and_history_stays(world: World, hospital: Institution) -> None:
    heart = department(world, hospital)
    kidney = department(world, hospital, "肾内科")
    before, after = DAY - timedelta(days=300), DAY + timedelta(days=3)
    old = staff(world, hospital, "陈伯安", heart, before)
    new = staff(world, hospital, "白雪", heart, after)
    chosen = staff(world, hospital, "丁山", kidney, before)
    staying = staff(world, hospital, "方远", kidney, before)
    done = split(world, hospital, departments=[heart.pk], people=[chosen.pk])
    east, whole = "江城市第一人民医院东院", hospital.name
    assert stays(old) == [(whole, "心内科", before, DAY), (east, "心内科", DAY, None)]
    assert stays(new) == [(east, "心内科", after, None)]
    assert stays(chosen) == [(whole, "肾内科", before, DAY), (east, "", DAY, None)]
    assert stays(staying) == [(whole, "肾内科", before, None)]
    for person in (old, new, chosen):
        person.refresh_from_db()
        assert person.institution_id == done.offspring_id
    heart.refresh_from_db()
    assert heart.archived_at is not None and heart.institution_id == hospital.pk
    assert done.followed == {"departments": 1, "people": 3}
    assert done.offspring.territory_id == hospital.territory_id
    assert done.offspring.division_id == hospital.division_id
    (entry,) = Entry.unscoped.filter(code="customers.institution:split")
    assert f'"day":"{DAY.isoformat()}"' in entry.content and east in entry.content


def test_undoing_brings_everything_back_with_what_happened_since(world: World, hospital: Institution) -> None:
    heart = department(world, hospital)
    old = staff(world, hospital, "陈伯安", heart, DAY - timedelta(days=300))
    done = split(world, hospital, departments=[heart.pk])
    joined = staff(world, done.offspring, "高明", None, TODAY)
    with acting(world.manager):
        services.institution_unsplit(actor=world.manager, pk=done.pk, now=LATER)
    heart.refresh_from_db()
    for person in (old, joined):
        person.refresh_from_db()
        assert person.institution_id == hospital.pk
    assert heart.archived_at is None and old.department_id == heart.pk
    offspring = Institution.unscoped.get(pk=done.offspring_id)
    assert offspring.merged_into_id == hospital.pk
    assert [name for name, *_rest in stays(old)] == [hospital.name, hospital.name]
    with acting(world.manager), pytest.raises(Conflict):
        services.institution_unsplit(actor=world.manager, pk=done.pk, now=LATER)


def test_a_part_that_was_merged_since_cannot_be_taken_back(
    world: World, hospital: Institution, institution: Make
) -> None:
    heart = department(world, hospital)
    done, other = split(world, hospital, departments=[heart.pk]), institution("江城市中医院")
    with acting(world.manager):
        services.institution_merge(actor=world.manager, winner=other.pk, loser=done.offspring_id, now=NOW)
        with pytest.raises((MergedMeanwhile, Archived)):
            services.institution_unsplit(actor=world.manager, pk=done.pk, now=LATER)
    done.refresh_from_db()
    assert done.undone_at is None


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"day": TODAY + timedelta(days=1)}, "day"),
        ({"departments": [987_654]}, "departments"),
        ({"people": [987_654]}, "people"),
        ({"follow": {"names": [987_654]}}, "names"),
        ({"follow": {"unknown": [1]}}, "unknown"),
        ({"departments": [], "people": []}, ""),
        ({"name": ""}, "name"),
    ],
)
def test_what_cannot_be_says_where_and_changes_nothing(
    world: World, hospital: Institution, given: dict[str, Any], field: str
) -> None:
    heart = department(world, hospital)
    person = staff(world, hospital, "陈伯安", heart, DAY - timedelta(days=300))
    was = (stays(person), Institution.unscoped.count(), Department.unscoped.count())
    with pytest.raises(Invalid) as refused:
        split(world, hospital, **{"departments": [heart.pk]} | given)
    assert list(refused.value.fields or {}) == ([field] if field else [])
    assert (stays(person), Institution.unscoped.count(), Department.unscoped.count()) == was
    assert not InstitutionSplit.unscoped.exists()


def test_only_stewards_split_and_only_what_they_see(world: World, hospital: Institution) -> None:
    heart = department(world, hospital)
    for actor in (world.reader, world.west_manager):
        with acting(actor), pytest.raises((Refused, Missing)):
            services.institution_split(
                actor=actor, pk=hospital.pk, name="东院", day=DAY, now=NOW, departments=[heart.pk]
            )
    assert not InstitutionSplit.unscoped.exists()
