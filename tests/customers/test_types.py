"""A2: several customer types at once, dated, each with its reason; the list's column repeats them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from yaomai.customers import selectors, services
from yaomai.customers.models import Professional, TypeMark
from yaomai.kit.access import acting
from yaomai.kit.errors import Invalid, Missing

from .conftest import NOW, TODAY, World

pytestmark = pytest.mark.django_db
Make = Callable[..., Any]


@pytest.fixture
def person(world: World, institution: Make, professional: Make) -> Any:
    return professional("王芳", institution=institution("医院", territory=world.district))


def mark(world: World, person: Any, customer_type: str, **values: Any) -> TypeMark:
    said = {"source": "学会官网", "reason": "省学会主任委员"} | values
    return services.type_mark(actor=world.east_manager, now=NOW, pk=person.pk, customer_type=customer_type, **said)


def test_a_person_is_several_types_at_once(world: World, person: Any) -> None:
    mark(world, person, "decision_maker", reason="药事会委员", valid_from=TODAY - timedelta(days=40))
    mark(world, person, "high_volume", reason="门诊慢病患者多")
    person.refresh_from_db()
    assert person.customer_types == ["high_volume", "decision_maker"]
    with acting(world.reader):
        found = list(selectors.type_marks([person.pk], only_standing=True))
    assert [(each.customer_type, each.reason, each.valid_from) for each in found] == [
        ("high_volume", "门诊慢病患者多", TODAY),
        ("decision_maker", "药事会委员", TODAY - timedelta(days=40)),
    ]


def test_an_ended_mark_stays_in_the_history_and_may_begin_again(world: World, person: Any) -> None:
    mark(world, person, "high_influence", valid_from=TODAY - timedelta(days=9))
    services.type_unmark(
        actor=world.east_manager, now=NOW, pk=person.pk, customer_type="high_influence", reason="任期届满"
    )
    person.refresh_from_db()
    assert person.customer_types == []
    mark(world, person, "high_influence", reason="连任")
    with acting(world.reader):
        shown = selectors.professional_types(person, world.reader)
    assert [(each.reason, each.valid_to, each.end_reason) for each in shown["ended"]] == [
        ("省学会主任委员", TODAY, "任期届满")
    ]
    assert [each.reason for each in shown["standing"]] == ["连任"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"customer_type": "friend"}, "customer_type"),
        ({"source": " "}, "source"),
        ({"reason": ""}, "reason"),
        ({"reason": "长" * 501}, "reason"),
        ({"valid_from": TODAY + timedelta(days=1)}, "valid_from"),
    ],
)
def test_what_is_refused_changes_nothing(world: World, person: Any, changed: dict[str, Any], field: str) -> None:
    said = {"customer_type": "high_volume"} | changed
    with pytest.raises(Invalid) as refused:
        mark(world, person, **said)
    assert list(refused.value.fields) == [field]
    assert not TypeMark.unscoped.exists()


def test_twice_and_out_of_reach(world: World, person: Any) -> None:
    mark(world, person, "high_volume")
    with pytest.raises(Invalid):
        mark(world, person, "high_volume")
    with pytest.raises(Invalid):
        services.type_unmark(actor=world.manager, now=NOW, pk=person.pk, customer_type="decision_maker", reason="误")
    with pytest.raises(Missing):
        services.type_mark(
            actor=world.west_manager, now=NOW, pk=person.pk, customer_type="decision_maker", source="a", reason="b"
        )
    with acting(world.west_manager):
        assert not selectors.type_marks([person.pk]).exists()
    assert TypeMark.unscoped.count() == 1


def test_forms_keep_marks_in_step(world: World, person: Any) -> None:
    mark(world, person, "high_volume")
    services.professional_update(
        actor=world.manager, now=NOW, pk=person.pk, changes={"customer_types": ["high_influence"]}
    )
    standing = TypeMark.unscoped.filter(professional=person, valid_to=None)
    assert [each.customer_type for each in standing] == ["high_influence"]
    assert TypeMark.unscoped.get(customer_type="high_volume").valid_to == TODAY


def test_types_of_merged_people_add_up_and_part_again(
    world: World, person: Any, institution: Make, professional: Make
) -> None:
    other = professional("王芳", institution=institution("二院", territory=world.east))
    mark(world, person, "high_volume")
    mark(world, other, "high_volume")
    mark(world, other, "decision_maker")
    merge = services.professional_merge(actor=world.manager, now=NOW, winner=person.pk, loser=other.pk)
    person.refresh_from_db()
    assert person.customer_types == ["high_volume", "decision_maker"]
    services.professional_unmerge(actor=world.manager, now=NOW, pk=merge.pk)
    assert {row.pk: row.customer_types for row in Professional.unscoped.all()} == {
        person.pk: ["high_volume"],
        other.pk: ["high_volume", "decision_maker"],
    }
