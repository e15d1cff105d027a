from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from yaomai.customers import services
from yaomai.customers.models import Institution, InstitutionName, InstitutionTerritory
from yaomai.customers.services.currents import apply_due
from yaomai.kit.access import acting
from yaomai.kit.acts.rows import Archived
from yaomai.kit.audit.models import Entry
from yaomai.kit.errors import Conflict, Invalid, Missing, Stale

from .conftest import NOW, SHANGHAI_NIGHT, TODAY, World

pytestmark = pytest.mark.django_db
Make = Callable[..., Any]


def names_of(institution: Any) -> dict[str, str]:
    return dict(InstitutionName.unscoped.filter(institution=institution).values_list("name", "kind"))


def last_entry() -> Entry:
    entry: Entry = Entry.unscoped.order_by("-pk")[0]
    return entry


def test_create_keeps_names_in_brackets(world: World) -> None:
    made = services.institution_create(
        actor=world.manager, now=NOW, name="北京地坛医院（地坛医院、原北京第一传染病医院）", kind="hospital", grade="3A"
    )
    assert (made.name, made.grade, made.territory, made.version) == ("北京地坛医院", "3A", None, 1)
    assert names_of(made) == {"地坛医院": "alias", "北京第一传染病医院": "former"}
    assert last_entry().code == "customers.institution:create"
    assert last_entry().target_id == str(made.pk)


def test_a_new_institution_falls_to_the_territory_of_who_creates_it(world: World) -> None:
    made = services.institution_create(actor=world.east_manager, now=NOW, name="新医院")
    assert made.territory == world.east
    row = InstitutionTerritory.unscoped.get(institution=made)
    assert (row.territory, row.valid_from, row.valid_to) == (world.east, TODAY, None)


def test_the_day_is_that_of_the_site(world: World) -> None:
    made = services.institution_create(actor=world.east_manager, now=SHANGHAI_NIGHT, name="新医院")
    assert InstitutionTerritory.unscoped.get(institution=made).valid_from == TODAY


def test_nobody_creates_outside_their_reach(world: World) -> None:
    with pytest.raises(Missing):
        services.institution_create(actor=world.east_manager, now=NOW, name="新医院", territory=world.west)
    with pytest.raises(Missing):
        services.institution_create(actor=world.reader, now=NOW, name="新医院")
    assert not Institution.unscoped.exists()
    assert last_entry().outcome == "refused"


def test_lists_show_what_is_in_reach(world: World, institution: Make) -> None:
    unassigned = institution("无主医院")
    east = institution("东医院", territory=world.east)
    deep = institution("区医院", territory=world.district)
    west = institution("西医院", territory=world.west)
    for actor, seen in (
        (world.manager, {unassigned, east, deep, west}),
        (world.east_manager, {east, deep}),
        (world.west_manager, {west}),
    ):
        with acting(actor):
            assert set(Institution.objects.all()) == seen
            assert set(InstitutionTerritory.objects.values_list("institution", flat=True)) == {
                row.pk for row in seen if row.territory_id
            }


def test_a_code_is_used_once_even_out_of_sight(world: World, institution: Make) -> None:
    institution("西医院", territory=world.west, code="C1")
    with pytest.raises(Invalid) as caught:
        services.institution_create(actor=world.east_manager, now=NOW, name="东医院", code="C1")
    assert list(caught.value.fields) == ["code"]
    assert Institution.unscoped.count() == 1


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": "  "}, "name"),
        ({"name": "好" * 201}, "name"),
        ({"name": "医院", "kind": "castle"}, "kind"),
        ({"name": "医院", "grade": "9Z"}, "grade"),
        ({"name": "医院", "phone": "13812345678"}, "phone"),
        ({"name": "医院", "completeness": 100}, "completeness"),
    ],
)
def test_create_refuses_what_is_wrong_and_writes_nothing(world: World, fields: dict[str, Any], wrong: str) -> None:
    with pytest.raises(Invalid) as caught:
        services.institution_create(actor=world.manager, now=NOW, **fields)
    assert wrong in caught.value.fields
    assert not Institution.unscoped.exists()


def test_update_counts_up_and_keeps_the_old_name(world: World, institution: Make) -> None:
    made = institution("协和医院", territory=world.east)
    changed = services.institution_update(
        actor=world.east_manager,
        pk=made.pk,
        now=NOW,
        expected_version=1,
        changes={"name": "北京协和医院", "beds": 2000},
    )
    assert (changed.version, changed.beds) == (2, 2000)
    assert names_of(made) == {"协和医院": "former"}
    services.institution_update(actor=world.east_manager, pk=made.pk, now=NOW, changes={"name": "协和医院"})
    assert names_of(made) == {"北京协和医院": "former"}


def test_update_of_an_older_version_is_stale(world: World, institution: Make) -> None:
    made = institution("医院")
    services.institution_update(actor=world.manager, pk=made.pk, now=NOW, changes={"beds": 1})
    with pytest.raises(Stale):
        services.institution_update(actor=world.manager, pk=made.pk, now=NOW, expected_version=1, changes={"beds": 2})
    assert Institution.unscoped.get(pk=made.pk).beds == 1


def test_update_out_of_reach_is_missing(world: World, institution: Make) -> None:
    made = institution("西医院", territory=world.west)
    for actor in (world.east_manager, world.reader):
        with pytest.raises(Missing):
            services.institution_update(actor=actor, pk=made.pk, now=NOW, changes={"beds": 1})
    assert Institution.unscoped.get(pk=made.pk).beds is None


def test_nobody_moves_an_institution_out_of_their_own_reach(world: World, institution: Make) -> None:
    made = institution("东医院", territory=world.east)
    for territory in (world.west, None):
        with pytest.raises(Missing):
            services.institution_update(actor=world.east_manager, pk=made.pk, now=NOW, changes={"territory": territory})
        with pytest.raises(Missing):
            services.institution_assign(actor=world.east_manager, pks=[made.pk], territory=territory, now=NOW)
    assert Institution.unscoped.get(pk=made.pk).territory == world.east


def test_an_institution_does_not_belong_to_itself(world: World, institution: Make) -> None:
    top = institution("总店")
    middle = institution("分店", parent=top)
    with pytest.raises(Invalid):
        services.institution_update(actor=world.manager, pk=top.pk, now=NOW, changes={"parent": top})
    with pytest.raises(Invalid):
        services.institution_update(actor=world.manager, pk=top.pk, now=NOW, changes={"parent": middle})
    assert Institution.unscoped.get(pk=top.pk).parent is None


def test_archive_and_restore(world: World, institution: Make, professional: Make) -> None:
    made = institution("医院")
    person = professional("王芳", institution=made)
    with pytest.raises(Conflict) as caught:
        services.institution_archive(actor=world.manager, pk=made.pk, now=NOW)
    assert caught.value.code == "institution_has_people"
    services.professional_archive(actor=world.manager, pk=person.pk, now=NOW)
    services.institution_archive(actor=world.manager, pk=made.pk, now=NOW)
    with pytest.raises(Archived):
        services.institution_update(actor=world.manager, pk=made.pk, now=NOW, changes={"beds": 1})
    with pytest.raises(Archived):
        services.institution_archive(actor=world.manager, pk=made.pk, now=NOW)
    restored = services.institution_restore(actor=world.manager, pk=made.pk, now=NOW)
    assert restored.archived_at is None
    with pytest.raises(Conflict):
        services.institution_restore(actor=world.manager, pk=made.pk, now=NOW)


def test_other_names(world: World, institution: Make) -> None:
    made = institution("南京市第一医院", territory=world.east)
    row = services.institution_name_add(actor=world.east_manager, pk=made.pk, name="南京一院", now=NOW)
    for known in ("南京 一院", "南京市第一医院", "  "):
        with pytest.raises(Invalid):
            services.institution_name_add(actor=world.east_manager, pk=made.pk, name=known, now=NOW)
    other = institution("西医院", territory=world.west)
    with pytest.raises(Missing):
        services.institution_name_remove(actor=world.west_manager, pk=other.pk, name_id=row.pk, now=NOW)
    services.institution_name_remove(actor=world.east_manager, pk=made.pk, name_id=row.pk, now=NOW)
    assert names_of(made) == {}


def territories_of(institution: Any) -> list[tuple[str, date, date | None]]:
    rows = InstitutionTerritory.unscoped.filter(institution=institution).order_by("valid_from")
    return [(row.territory.code, row.valid_from, row.valid_to) for row in rows.select_related("territory")]


def test_assignment_keeps_its_history(world: World, institution: Make) -> None:
    made = institution("医院", territory=world.east, now=NOW - timedelta(days=30))
    count = services.institution_assign(actor=world.manager, pks=[made.pk], territory=world.west, now=NOW)
    assert count == 1
    assert territories_of(made) == [("east", date(2026, 10, 22), TODAY), ("west", TODAY, None)]
    services.institution_assign(actor=world.manager, pks=[made.pk], territory=world.district, now=NOW)
    assert territories_of(made) == [("east", date(2026, 10, 22), TODAY), ("district", TODAY, None)]
    services.institution_assign(actor=world.manager, pks=[made.pk], territory=None, now=NOW)
    assert territories_of(made) == [("east", date(2026, 10, 22), TODAY)]
    assert Institution.unscoped.get(pk=made.pk).territory is None


def test_history_is_not_rewritten(world: World, institution: Make) -> None:
    made = institution("医院", territory=world.east)
    with pytest.raises(Invalid):
        services.institution_assign(
            actor=world.manager, pks=[made.pk], territory=world.west, now=NOW, valid_from=TODAY - timedelta(days=1)
        )
    assert territories_of(made) == [("east", TODAY, None)]


def test_a_future_assignment_holds_from_its_day(world: World, institution: Make, professional: Make) -> None:
    made = institution("医院", territory=world.east)
    person = professional("王芳", institution=made)
    day = TODAY + timedelta(days=10)
    services.institution_assign(actor=world.manager, pks=[made.pk], territory=world.west, now=NOW, valid_from=day)
    assert Institution.unscoped.get(pk=made.pk).territory == world.east
    assert apply_due(since=TODAY, on=day - timedelta(days=1)) == 0
    assert apply_due(since=TODAY, on=day) == 1
    assert Institution.unscoped.get(pk=made.pk).territory == world.west
    person.refresh_from_db()
    assert person.territory == world.west


def test_assigning_many_is_all_or_nothing(world: World, institution: Make) -> None:
    own = institution("东医院", territory=world.east)
    other = institution("西医院", territory=world.west)
    with pytest.raises(Missing):
        services.institution_assign(actor=world.east_manager, pks=[own.pk, other.pk], territory=world.district, now=NOW)
    assert Institution.unscoped.get(pk=own.pk).territory == world.east
    count = services.institution_assign(
        actor=world.east_manager, pks=[own.pk, own.pk], territory=world.district, now=NOW
    )
    assert count == 1


def test_bulk_assignment_costs_the_same_queries_for_many(
    world: World, institution: Make, django_assert_max_num_queries: Any
) -> None:
    pks = [institution(f"医院{number}").pk for number in range(12)]
    with django_assert_max_num_queries(24):
        services.institution_assign(actor=world.manager, pks=pks, territory=world.east, now=NOW)


def test_moments_are_kept(world: World) -> None:
    made = services.institution_create(actor=world.manager, now=NOW, name="医院")
    assert made.created_at == made.updated_at == datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
