"""People, positions, territories and filings from files: in the hands, and under the rules, of their forms."""

import csv
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from yaomai.kit.access import Actor, Grant, acting
from yaomai.kit.audit.models import Entry
from yaomai.kit.errors import Missing
from yaomai.kit.transfer.command import import_file
from yaomai.kit.transfer.services import NothingToUndo, import_undo, undo_tried
from yaomai.organization.models import Filing, Holding, Person, Position, Territory, TerritoryChange
from yaomai.organization.services import territory_apply_due

from .conftest import NOW, Company

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)
Make = Callable[..., Any]


@pytest.fixture
def bring_in(company: Company, tmp_path: Path) -> Make:
    """Import rows: bring_in("organization.person", [{"姓名": …}], actor=…)."""

    def run(importer: str, rows: Sequence[dict[str, str]], **more: Any) -> Any:
        path = tmp_path / "file.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return import_file(**({"actor": company.boss, "now": NOW, "path": path, "importer": importer} | more))

    return run


def counted(done: Any) -> tuple[int, int, int, int]:
    return done.created_count, done.updated_count, done.unchanged_count, done.refused_count


def reasons(done: Any) -> list[tuple[int, str, str]]:
    """Return row, column and what was said of each problem."""
    return [
        (each["place"][1], each["column"], each["params"].get("reason", each["code"]))
        for each in done.result["problems"]
    ]


PEOPLE = [
    {"姓名": "李娜", "工号": "A1", "用户名": "lina", "邮箱": "lina@example.com"},
    {"姓名": "张伟", "工号": "A2", "用户名": "", "邮箱": ""},
    {"姓名": "无名", "工号": "", "用户名": "", "邮箱": ""},
]


def test_people_come_in_with_their_number_as_user_name_and_change_by_it(bring_in: Make) -> None:
    done = bring_in("organization.person", PEOPLE)
    assert counted(done) == (2, 0, 0, 1)
    assert [(row, column) for row, column, _reason in reasons(done)] == [(4, "username")]
    assert list(Person.unscoped.order_by("pk").values_list("username", "name")) == [("lina", "李娜"), ("A2", "张伟")]
    assert not Person.unscoped.get(username="lina").has_usable_password()
    done = bring_in("organization.person", [{"姓名": "张大伟", "工号": "A2"}, {"姓名": "李娜", "工号": "A1"}])
    assert counted(done) == (0, 1, 1, 0)
    assert Person.unscoped.get(employee_number="A2").name == "张大伟"


def test_a_dry_run_writes_nothing_and_leaves_no_entry(bring_in: Make) -> None:
    done = bring_in("organization.person", PEOPLE, only_check=True)
    assert counted(done) == (2, 0, 0, 1)
    assert not Person.unscoped.exists()
    assert not Entry.unscoped.filter(code="organization.person:create").exists()


def test_system_administrators_bring_people_and_security_administrators_rights(
    company: Company, bring_in: Make
) -> None:
    system = company.actor(company.person("系统", "system_administrator"))
    security = company.actor(company.person("安全", "security_administrator"))
    position = [{"岗位编码": "R1", "岗位名称": "浦东代表", "角色": "医药代表", "辖区": "E11", "任职人": "lina"}]
    with pytest.raises(Missing):
        bring_in("organization.person", PEOPLE, actor=security)
    assert counted(bring_in("organization.person", PEOPLE, actor=system)) == (2, 0, 0, 1)
    with pytest.raises(Missing):
        bring_in("organization.position", position, actor=system)
    assert counted(bring_in("organization.position", position, actor=security)) == (1, 0, 0, 0)
    assert Holding.unscoped.get(person__username="lina").position.code == "R1"


SEATS = [
    {
        "岗位编码": "R1",
        "岗位名称": "浦东代表",
        "角色": "医药代表",
        "辖区": "E11",
        "汇报对象": "M1",
        "任职人": "lina",
        "任职日期": "2026-02-01",
    },
    {
        "岗位编码": "R1",
        "岗位名称": "浦东代表",
        "角色": "医药代表",
        "辖区": "E11",
        "汇报对象": "M1",
        "任职人": "A2",
        "任职日期": "2026-03-01",
    },
    {
        "岗位编码": "M1",
        "岗位名称": "上海经理",
        "角色": "area_manager",
        "辖区": "上海",
        "汇报对象": "",
        "任职人": "",
        "任职日期": "",
    },
]


def test_positions_come_in_with_several_holders_and_those_above_from_the_same_file(bring_in: Make) -> None:
    bring_in("organization.person", PEOPLE)
    done = bring_in("organization.position", SEATS)
    assert counted(done) == (2, 0, 0, 0)
    position = Position.unscoped.get(code="R1")
    assert (Position.unscoped.get(pk=position.reports_to_id).code, position.valid_from) == ("M1", date(2026, 2, 1))
    assert sorted(Holding.unscoped.values_list("person__name", "position__code")) == [("张伟", "R1"), ("李娜", "R1")]
    assert counted(bring_in("organization.position", SEATS)) == (0, 0, 2, 0)
    ended = [SEATS[0] | {"任职结束日期": "2026-10-01"}]
    assert counted(bring_in("organization.position", ended)) == (0, 1, 0, 0)
    assert Holding.unscoped.get(person__username="lina").valid_to == date(2026, 10, 1)


def test_what_is_not_there_is_answered_with_what_is(company: Company, bring_in: Make) -> None:
    rows = [
        SEATS[0] | {"角色": "总经理"},
        SEATS[0] | {"岗位编码": "R9", "辖区": "同名"},
    ]
    for code in ("E8", "E9"):
        bring_in("organization.territory", [{"辖区编码": code, "辖区名称": "同名", "层级": "区域", "上级辖区": "E"}])
    done = bring_in("organization.position", rows)
    unknown, several = done.result["problems"]
    assert (unknown["code"], "医药代表" in unknown["params"]["choices"]) == ("unknown_of", True)
    assert (several["code"], several["params"]["codes"]) == ("several_of", "E8、E9")


def test_the_company_in_a_file_is_the_one_that_the_set_up_made(company: Company, bring_in: Make) -> None:
    root = Territory.unscoped.get(level="company")
    again = {"辖区编码": "ZB", "辖区名称": root.name, "层级": "公司", "上级辖区": "", "生效日期": "", "变更日期": ""}
    below = {"辖区编码": "ZB1", "辖区名称": "新大区", "层级": "大区", "上级辖区": "ZB", "生效日期": "", "变更日期": ""}
    assert counted(bring_in("organization.territory", [again, below])) == (1, 1, 0, 0)
    root.refresh_from_db()
    assert (root.code, Territory.unscoped.get(code="ZB1").parent_id) == ("ZB", root.pk)


def test_undoing_positions_takes_the_rights_away_with_an_entry_each(company: Company, bring_in: Make) -> None:
    bring_in("organization.person", PEOPLE)
    bring_in("organization.position", SEATS[2:])
    done = bring_in("organization.position", SEATS[:2])
    changed = bring_in("organization.position", [SEATS[2] | {"岗位名称": "上海区域经理"}])
    import_undo(actor=company.boss, now=LATER, pk=changed.pk)
    assert Position.unscoped.get(code="M1").title == "上海经理"
    import_undo(actor=company.boss, now=LATER, pk=done.pk)
    assert not Holding.unscoped.exists()
    assert list(Position.unscoped.values_list("code", flat=True)) == ["M1"]
    assert Entry.unscoped.filter(code="transfer.row:take_back").count() == 4


def test_no_row_joins_two_duties_or_gives_a_filed_rep_business(company: Company, bring_in: Make) -> None:
    company.person("系统", "system_administrator", username="sys")
    bring_in("organization.person", PEOPLE)
    filing = [{"备案编号": "B1", "医药代表": "李娜", "负责产品": "心血管", "备案日期": "2026-01-01"}]
    bring_in("organization.filing", filing)
    rows = [
        {"岗位编码": "S1", "岗位名称": "安全", "角色": "安全管理员", "辖区": "C", "任职人": "sys"},
        {"岗位编码": "K1", "岗位名称": "商务", "角色": "商务经理", "辖区": "C", "任职人": "lina"},
        {"岗位编码": "K2", "岗位名称": "商务二", "角色": "商务经理", "辖区": "C", "任职人": "没有这人"},
        {"岗位编码": "K3", "岗位名称": "商务三", "角色": "商务经理", "辖区": "C", "任职人": "A2"},
    ]
    done = bring_in("organization.position", rows)
    assert counted(done) == (1, 0, 0, 3)
    said = reasons(done)
    assert "系统" in said[0][2]
    assert "B1" in said[1][2]
    assert said[2] == (4, "holder", "unknown")
    assert list(Position.unscoped.filter(code__in=("S1", "K1", "K2", "K3")).values_list("code", flat=True)) == ["K3"]


def test_an_undo_that_would_leave_nobody_is_refused(company: Company, bring_in: Make) -> None:
    from yaomai.organization.services.invariants import NobodyLeft

    bring_in("organization.person", PEOPLE)
    done = bring_in(
        "organization.position",
        [{"岗位编码": "S1", "岗位名称": "安全", "角色": "安全管理员", "辖区": "C", "任职人": "lina"}],
    )
    with pytest.raises(NobodyLeft):
        import_undo(actor=company.boss, now=NOW, pk=done.pk)
    assert Holding.unscoped.count() == 1


def test_territories_are_added_and_changed_from_a_day_only(company: Company, bring_in: Make) -> None:
    rows = [
        {
            "辖区编码": "E12",
            "辖区名称": "徐汇",
            "层级": "片区",
            "上级辖区": "E1",
            "生效日期": "2026-12-01",
            "变更日期": "",
        },
        {"辖区编码": "E2", "辖区名称": "江苏", "层级": "区域", "上级辖区": "华东", "生效日期": "", "变更日期": ""},
        {"辖区编码": "E21", "辖区名称": "南京", "层级": "片区", "上级辖区": "江苏", "生效日期": "", "变更日期": ""},
        {
            "辖区编码": "E11",
            "辖区名称": "浦东新区",
            "层级": "片区",
            "上级辖区": "E1",
            "生效日期": "",
            "变更日期": "2027-01-01",
        },
        {"辖区编码": "N", "辖区名称": "华北", "层级": "片区", "上级辖区": "C", "生效日期": "", "变更日期": ""},
    ]
    done = bring_in("organization.territory", rows[::-1])
    assert counted(done) == (3, 1, 0, 1)
    assert [(row, column) for row, column, _reason in reasons(done)] == [(2, "level")]
    nanjing = Territory.unscoped.get(code="E21")
    assert nanjing.path.startswith(Territory.unscoped.get(code="E2").path)
    assert Territory.unscoped.get(code="E11").name == "浦东"
    change = TerritoryChange.unscoped.get()
    assert (change.name, change.effective_on) == ("浦东新区", date(2027, 1, 1))
    assert counted(bring_in("organization.territory", rows[:4])) == (0, 0, 4, 0)
    import_undo(actor=company.boss, now=LATER, pk=done.pk)
    change.refresh_from_db()
    assert change.withdrawn_at is not None
    assert not Territory.unscoped.filter(code__in=("E12", "E2", "E21")).exists()


def test_a_change_whose_day_has_come_stays_at_undo_and_is_named(company: Company, bring_in: Make) -> None:
    row = [{"辖区编码": "E11", "辖区名称": "浦东新区", "层级": "片区", "变更日期": "2026-12-01"}]
    done = bring_in("organization.territory", row)
    day = NOW + timedelta(days=12)
    territory_apply_due(actor=company.boss, now=day)
    with pytest.raises(NothingToUndo, match="1"):
        import_undo(actor=company.boss, now=day, pk=done.pk)
    with acting(company.boss), transaction.atomic():
        tried = undo_tried(done, company.boss, day)
    assert Territory.unscoped.get(code="E11").name == "浦东新区"
    assert [name for name, _reason in tried.kept] == ["浦东新区"]


def test_filings_come_in_are_corrected_and_undone(company: Company, bring_in: Make) -> None:
    bring_in("organization.person", PEOPLE)
    first = [
        {"备案编号": "B1", "医药代表": "A1", "负责产品": "心血管", "备案日期": "2026-01-01", "有效期至": ""},
        {"备案编号": "B2", "医药代表": "王五", "负责产品": "心血管", "备案日期": "2026-01-01", "有效期至": ""},
        {"备案编号": "B3", "医药代表": "A2", "负责产品": "肿瘤", "备案日期": "2026-05-01", "有效期至": "2026-02-01"},
    ]
    done = bring_in("organization.filing", first)
    assert counted(done) == (1, 0, 0, 2)
    assert [(row, column) for row, column, _reason in reasons(done)] == [(3, "person"), (4, "number")]
    change = bring_in("organization.filing", [first[0] | {"有效期至": "2027-01-01"}])
    assert counted(change) == (0, 1, 0, 0)
    assert Filing.unscoped.get().valid_to == date(2027, 1, 1)
    other = bring_in("organization.filing", [first[0] | {"医药代表": "A2"}])
    assert counted(other) == (0, 0, 0, 1)
    import_undo(actor=company.boss, now=LATER, pk=change.pk)
    assert Filing.unscoped.get().valid_to is None
    import_undo(actor=company.boss, now=LATER, pk=done.pk)
    assert not Filing.unscoped.exists()


def test_a_dry_run_tells_nothing_of_what_is_out_of_sight(company: Company, bring_in: Make) -> None:
    hidden = company.position("representative", "上海", title="沪上密岗")
    reach = frozenset({company.territories["华北"].pk})
    rights = frozenset(
        f"{entity}:{verb}"
        for entity in ("organization.position", "organization.role", "organization.territory", "transfer.import")
        for verb in ("view", "create", "edit", "import")
    )
    limited = Actor(company.person("赵敏").pk, "赵敏", (Grant(rights, reach),))
    row = {"岗位编码": hidden.code, "角色": "医药代表", "辖区": "华北"}
    for title in ("沪上密岗", "猜错了"):
        done = bring_in("organization.position", [row | {"岗位名称": title}], actor=limited)
        assert counted(done) == (0, 0, 0, 1)
        assert [each["code"] for each in done.result["problems"]] == ["forbidden"]
        assert done.result["updated"] == []
