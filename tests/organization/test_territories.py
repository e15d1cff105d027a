"""The territory tree on any day."""

from datetime import date, timedelta
from typing import Any

import pytest

from yaomai.kit.access import acting
from yaomai.kit.errors import Invalid

from .conftest import NOW, TODAY, Company


def shape(company: Company, on: date, actor: Any = None) -> list[str]:
    from yaomai.organization.territories import territory_tree

    with acting(actor or company.boss):
        return ["  " * node.depth + node.name for root in territory_tree(on=on) for node in root.walk()]


def plan(company: Company, territory: str, /, **values: Any) -> Any:
    from yaomai.organization.services import territory_plan_change

    return territory_plan_change(
        actor=company.boss, now=NOW, territory_id=company.territories[territory].pk, **{"effective_on": TODAY} | values
    )


def path_of(company: Company, name: str) -> str:
    from yaomai.organization.models import Territory

    return str(Territory.unscoped.get(pk=company.territories[name].pk).path)


WHOLE = ["安衡", "  华东", "    上海", "      浦东", "  华北"]


def test_the_tree_of_today_and_before_it_existed(company: Company) -> None:
    assert shape(company, TODAY) == WHOLE
    assert shape(company, date(2024, 12, 31)) == []


def test_a_planned_move_shows_on_its_day_and_not_before(company: Company) -> None:
    day = TODAY + timedelta(days=10)
    plan(company, "上海", effective_on=day, parent_id=company.territories["华北"].pk, name="上海区")
    assert shape(company, day - timedelta(days=1)) == WHOLE
    assert shape(company, day) == ["安衡", "  华东", "  华北", "    上海区", "      浦东"]
    assert path_of(company, "上海").startswith(path_of(company, "华东"))


def test_a_move_of_today_rewrites_the_paths_below_and_yesterday_stays(company: Company) -> None:
    plan(company, "上海", parent_id=company.territories["华北"].pk)
    assert shape(company, TODAY) == ["安衡", "  华东", "  华北", "    上海", "      浦东"]
    assert shape(company, TODAY - timedelta(days=1)) == WHOLE
    assert path_of(company, "浦东") == f"{path_of(company, '上海')}{company.territories['浦东'].pk}/"
    assert path_of(company, "上海") == f"{path_of(company, '华北')}{company.territories['上海'].pk}/"


def test_due_changes_are_applied_once_and_each_leaves_an_entry(company: Company, entries: Any) -> None:
    from yaomai.organization.services import territory_apply_due

    day = TODAY + timedelta(days=1)
    plan(company, "浦东", effective_on=day, closes=True)
    plan(company, "华北", effective_on=day, name="北方")
    applied, failed = territory_apply_due(actor=company.boss, now=NOW + timedelta(days=1))
    assert failed == []
    assert [change.territory.name for change in applied] == ["浦东", "北方"]
    assert territory_apply_due(actor=company.boss, now=NOW + timedelta(days=1)) == ([], [])
    assert entries(code="organization.territory:apply_change") == 2
    assert shape(company, day) == ["安衡", "  华东", "    上海", "  北方"]
    assert shape(company, TODAY) == WHOLE


def test_a_withdrawn_change_never_happens(company: Company) -> None:
    from yaomai.organization.services import territory_withdraw_change

    change = plan(company, "华北", effective_on=TODAY + timedelta(days=3), name="北方")
    territory_withdraw_change(actor=company.boss, now=NOW, pk=change.pk)
    assert shape(company, TODAY + timedelta(days=9)) == WHOLE


@pytest.mark.parametrize(
    ("name", "values", "field"),
    [
        ("华东", {"effective_on": TODAY - timedelta(days=1), "name": "东"}, "effective_on"),
        ("华东", {}, ""),
        ("华东", {"parent": "浦东"}, "parent"),
        ("上海", {"parent": "浦东"}, "parent"),
        ("华东", {"parent": "华北"}, "parent"),
    ],
)
def test_impossible_changes_are_refused_and_change_nothing(
    company: Company, name: str, values: dict[str, Any], field: str
) -> None:
    if "parent" in values:
        values = {"parent_id": company.territories[values["parent"]].pk}
    with pytest.raises(Invalid) as caught:
        plan(company, name, **values)
    assert list(caught.value.fields) == [field]
    assert shape(company, TODAY) == WHOLE


def test_a_territory_in_use_does_not_close(company: Company) -> None:
    from yaomai.organization.services.territories import InUse

    with pytest.raises(InUse):
        plan(company, "上海", closes=True)
    company.position("representative", "浦东")
    with pytest.raises(InUse):
        plan(company, "浦东", closes=True)
    assert shape(company, TODAY) == WHOLE


def test_a_manager_sees_the_subtree_only(company: Company) -> None:
    manager = company.actor(company.person("李强", "regional_director", territory="华东"))
    assert shape(company, TODAY, manager) == ["华东", "  上海", "    浦东"]
