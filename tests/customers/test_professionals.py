from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yaomai.customers import services
from yaomai.customers.models import Affiliation, Institution, InstitutionTerritory, Professional
from yaomai.customers.services.currents import apply_due
from yaomai.kit.access import acting
from yaomai.kit.errors import Invalid, Missing

from .conftest import NOW, TODAY, World

pytestmark = pytest.mark.django_db
Make = Callable[..., Any]


def test_create_with_a_workplace(world: World, institution: Make) -> None:
    hospital = institution("医院", territory=world.district)
    department = services.department_create(actor=world.east_manager, now=NOW, institution=hospital, name="心内科")
    made = services.professional_create(
        actor=world.east_manager,
        now=NOW,
        name="王芳",
        title="chief_physician",
        customer_types=["high_influence", "decision_maker"],
        institution=hospital,
        department=department,
        position="科主任",
    )
    assert (made.institution, made.department, made.position, made.territory) == (
        hospital, department, "科主任", world.district,
    )  # fmt: skip
    row = Affiliation.unscoped.get(professional=made)
    assert (row.is_primary, row.valid_from, row.valid_to) == (True, TODAY, None)


def test_who_is_bound_to_a_territory_must_name_the_institution(world: World, institution: Make) -> None:
    with pytest.raises(Invalid):
        services.professional_create(actor=world.east_manager, now=NOW, name="王芳")
    with pytest.raises(Missing):
        services.professional_create(
            actor=world.east_manager, now=NOW, name="王芳", institution=institution("西医院", territory=world.west)
        )
    assert not Professional.unscoped.exists()
    assert services.professional_create(actor=world.manager, now=NOW, name="王芳").territory is None


def test_people_are_seen_where_they_work(world: World, institution: Make, professional: Make) -> None:
    east, west = institution("东", territory=world.district), institution("西", territory=world.west)
    person = professional("王芳", institution=east)
    services.affiliation_start(
        actor=world.manager, professional=person.pk, institution=west, now=NOW, valid_from=TODAY, is_primary=False
    )
    with acting(world.east_manager):
        assert list(Professional.objects.all()) == [person]
        assert Affiliation.objects.count() == 2
    with acting(world.west_manager):
        assert not Professional.objects.exists()
        assert not Affiliation.objects.exists()


def test_a_move_ends_the_workplace_before(world: World, institution: Make, professional: Make) -> None:
    old, new = institution("旧", territory=world.east), institution("新", territory=world.district)
    person = professional("王芳", institution=old, position="主任", now=NOW - timedelta(days=5))
    moved = services.professional_update(
        actor=world.east_manager, pk=person.pk, now=NOW, changes={"institution": new, "title": "attending"}
    )
    assert (moved.institution, moved.position, moved.territory, moved.title) == (new, "", world.district, "attending")
    rows = Affiliation.unscoped.filter(professional=person).order_by("valid_from")
    assert [(row.institution, row.valid_to) for row in rows] == [(old, TODAY), (new, None)]


def test_a_new_position_is_a_change_of_the_workplace(world: World, institution: Make, professional: Make) -> None:
    place = institution("医院", territory=world.east)
    person = professional("王芳", institution=place, position="主任")
    changed = services.professional_update(
        actor=world.east_manager, pk=person.pk, now=NOW, changes={"position": "院长", "institution": place}
    )
    assert (changed.institution, changed.position) == (place, "院长")
    assert Affiliation.unscoped.get(professional=person).position == "院长"


def test_who_leaves_stays_with_the_territory_of_the_last_workplace(
    world: World, institution: Make, professional: Make
) -> None:
    place = institution("医院", territory=world.east)
    person = professional("王芳", institution=place, now=NOW - timedelta(days=5))
    row = Affiliation.unscoped.get(professional=person)
    services.affiliation_end(actor=world.east_manager, pk=row.pk, valid_to=TODAY, now=NOW)
    person.refresh_from_db()
    assert (person.institution, person.territory) == (None, world.east)
    services.institution_assign(actor=world.manager, pks=[place.pk], territory=world.west, now=NOW)
    person.refresh_from_db()
    assert person.territory == world.west


@pytest.mark.parametrize("days", [-5, -6])
def test_an_affiliation_ends_after_it_began(world: World, institution: Make, professional: Make, days: int) -> None:
    person = professional("王芳", institution=institution("医院"), now=NOW - timedelta(days=5))
    row = Affiliation.unscoped.get(professional=person)
    with pytest.raises(Invalid):
        services.affiliation_end(actor=world.manager, pk=row.pk, valid_to=TODAY + timedelta(days=days), now=NOW)
    assert Affiliation.unscoped.get(pk=row.pk).valid_to is None


def test_a_department_must_be_of_the_institution(world: World, institution: Make, professional: Make) -> None:
    place, other = institution("医院"), institution("另一医院")
    department = services.department_create(actor=world.manager, now=NOW, institution=other, name="心内科")
    person = professional("王芳")
    with pytest.raises(Invalid) as caught:
        services.affiliation_start(
            actor=world.manager, professional=person.pk, institution=place, department=department, now=NOW,
            valid_from=TODAY,
        )  # fmt: skip
    assert "department" in caught.value.fields
    assert not Affiliation.unscoped.exists()


def test_unknown_customer_types_are_refused(world: World) -> None:
    with pytest.raises(Invalid):
        services.professional_create(actor=world.manager, now=NOW, name="王芳", customer_types=["rich"])
    assert not Professional.unscoped.exists()


def agrees() -> None:
    """What is repeated on the rows is what the dated rows say for today."""
    for institution in Institution.unscoped.all():
        held = [
            row.territory_id
            for row in InstitutionTerritory.unscoped.filter(institution=institution)
            if row.valid_from <= TODAY and (row.valid_to is None or row.valid_to > TODAY)
        ]
        assert held == ([institution.territory_id] if institution.territory_id else [])
    for person in Professional.unscoped.all():
        begun = [
            row
            for row in Affiliation.unscoped.filter(professional=person, is_primary=True).select_related("institution")
            if row.valid_from <= TODAY
        ]
        open_rows = [row for row in begun if row.valid_to is None or row.valid_to > TODAY]
        assert len(open_rows) <= 1
        last = max(begun, key=lambda row: (row in open_rows, row.valid_from, row.pk), default=None)
        assert person.institution_id == (open_rows[0].institution_id if open_rows else None)
        assert person.territory_id == (last.institution.territory_id if last else None)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["assign", "unassign", "affiliate", "second", "leave", "merge", "unmerge", "merge_people"]),
        st.integers(0, 3),
        st.integers(0, 3),
        st.integers(-3, 3),
    ),
    min_size=1,
    max_size=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_what_is_repeated_agrees_with_what_is_dated(world: World, steps: list[tuple[str, int, int, int]]) -> None:
    from django.db import transaction

    from yaomai.customers.models import InstitutionMerge
    from yaomai.kit.errors import DomainError

    def run() -> None:
        places = [services.institution_create(actor=world.system, now=NOW, name=f"医院{n}") for n in range(4)]
        people = [services.professional_create(actor=world.system, now=NOW, name=f"人{n}") for n in range(4)]
        territories = [world.east, world.west, world.district, None]
        for verb, one, other, days in steps:
            day = TODAY + timedelta(days=days)
            now, actor = NOW, world.system
            try:
                if verb in ("assign", "unassign"):
                    services.institution_assign(
                        actor=actor, pks=[places[one].pk], now=now, valid_from=day,
                        territory=territories[other] if verb == "assign" else None,
                    )  # fmt: skip
                elif verb in ("affiliate", "second"):
                    services.affiliation_start(
                        actor=actor, professional=people[one].pk, institution=Institution.unscoped.get(pk=places[other].pk),
                        now=now, valid_from=day, is_primary=verb == "affiliate",
                    )  # fmt: skip
                elif verb == "leave":
                    row = Affiliation.unscoped.filter(professional=people[one], valid_to=None).first()
                    if row is not None:
                        services.affiliation_end(actor=actor, pk=row.pk, valid_to=day, now=now)
                elif verb == "merge":
                    services.institution_merge(actor=actor, winner=places[one].pk, loser=places[other].pk, now=now)
                elif verb == "merge_people":
                    services.professional_merge(actor=actor, winner=people[one].pk, loser=people[other].pk, now=now)
                else:
                    merge = InstitutionMerge.unscoped.filter(undone_at=None).order_by("-pk").first()
                    if merge is not None:
                        services.institution_unmerge(actor=actor, pk=merge.pk, now=now)
            except DomainError:
                pass
            agrees()
        assert apply_due(since=TODAY - timedelta(days=5), on=TODAY) == 0

    with transaction.atomic():
        run()
        transaction.set_rollback(True)
