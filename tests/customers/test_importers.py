import csv
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils.translation import override

from yaomai.customers import services
from yaomai.customers.importers.professionals import ProfessionalImporter
from yaomai.customers.models import (
    Affiliation,
    Department,
    Institution,
    InstitutionContact,
    InstitutionDuplicate,
    InstitutionName,
    InstitutionTerritory,
    Professional,
    ProfessionalContact,
)
from yaomai.kit.jobs.models import Job
from yaomai.kit.transfer import model_importer
from yaomai.kit.transfer.command import import_file
from yaomai.kit.transfer.jobs import finish_indexes
from yaomai.kit.transfer.models import Import
from yaomai.kit.transfer.services import import_undo

from .conftest import NOW, TODAY, World

pytestmark = pytest.mark.django_db
Make = Callable[..., Any]
LATER = NOW + timedelta(days=1)


@pytest.fixture
def places(db: None) -> dict[str, Any]:
    """江苏省 > 南京市 > 鼓楼区, 玄武区; 苏州市."""
    from yaomai.catalog.models import Division

    made: dict[str, Any] = {}
    for code, name, full, level, above in (
        ("32", "江苏省", "江苏省", "province", ""),
        ("3201", "南京市", "江苏省南京市", "city", "32"),
        ("320106", "鼓楼区", "江苏省南京市鼓楼区", "district", "3201"),
        ("320102", "玄武区", "江苏省南京市玄武区", "district", "3201"),
        ("3205", "苏州市", "江苏省苏州市", "city", "32"),
    ):
        parent = made.get(above)
        made[code] = Division.unscoped.create(
            code=code, name=name, full_name=full, level=level, parent=parent, created_at=NOW, updated_at=NOW,
            path=f"{parent.path if parent else '/'}{code}/",
        )  # fmt: skip
    return made


@pytest.fixture
def bring_in(world: World, tmp_path: Path) -> Callable[..., Any]:
    """Import rows: bring_in("customers.institution", [{"名称": …}], actor=…)."""

    def run(importer: str, rows: Sequence[dict[str, str]], actor: Any = None, **more: Any) -> Any:
        path = tmp_path / "file.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        values = {"actor": actor or world.system, "now": NOW, "path": path, "importer": importer, "source": "test"}
        return import_file(**(values | more))

    return run


def counted(done: Any) -> tuple[int, int, int, int]:
    return done.created_count, done.updated_count, done.unchanged_count, done.refused_count


INSTITUTIONS = [
    {"医院名称": "南京市第一医院（市一医院、原南京公济医院）", "所在地": "江苏省-南京市", "等级": "三级甲等", "电话": "025-52271000"},
    {"医院名称": "南京鼓楼区中央门社区卫生服务中心", "所在地": "江苏省-南京市", "等级": "", "电话": "13812345678"},
    {"医院名称": "苏州百姓大药房观前店", "所在地": "江苏省-苏州市", "等级": "未定级", "电话": ""},
]  # fmt: skip


def test_institutions_come_in_with_names_places_grades_and_sealed_numbers(
    world: World, places: dict[str, Any], bring_in: Make
) -> None:
    done = bring_in("customers.institution", INSTITUTIONS)
    assert counted(done) == (3, 0, 0, 0)
    first, second, third = Institution.unscoped.order_by("pk")
    assert (first.name, first.grade, first.kind, first.division, first.phone) == (
        "南京市第一医院", "3A", "hospital", places["3201"], "025-52271000",
    )  # fmt: skip
    assert dict(InstitutionName.unscoped.values_list("name", "kind")) == {"市一医院": "alias", "南京公济医院": "former"}
    assert (second.kind, second.division, second.phone) == ("community", places["320106"], "")
    assert InstitutionContact.unscoped.get(institution=second).value == "13812345678"
    assert (third.kind, third.grade, third.division) == ("chain_store", "0", places["3205"])
    assert min(first.completeness, third.completeness) > 0


def test_the_same_file_again_changes_nothing(world: World, places: dict[str, Any], bring_in: Make) -> None:
    bring_in("customers.institution", INSTITUTIONS)
    assert counted(bring_in("customers.institution", INSTITUTIONS, now=LATER)) == (0, 0, 3, 0)
    assert InstitutionName.unscoped.count() == 2
    assert set(Institution.unscoped.values_list("version", flat=True)) == {1}


def test_places_that_nothing_recognises_are_announced_and_shown_when_they_come(
    world: World, bring_in: Make, request: pytest.FixtureRequest
) -> None:
    def announced(done: Any) -> bool:
        return any("no administrative divisions" in notice["msgid"] for notice in done.result["notices"])

    assert announced(bring_in("customers.institution", INSTITUTIONS[:1]))
    request.getfixturevalue("places")
    done = bring_in("customers.institution", INSTITUTIONS[:1], now=LATER)
    assert not announced(done)
    assert counted(done) == (0, 1, 0, 0)
    ((_name, changes),) = done.result["updated"]
    assert list(changes.values()) == [["", "江苏省南京市"]]


def test_a_coarser_grade_does_not_take_the_class(world: World, places: dict[str, Any], bring_in: Make) -> None:
    def grade_after(text: str) -> str:
        bring_in("customers.institution", [{**INSTITUTIONS[0], "等级": text}], now=LATER)
        return Institution.unscoped.get(name="南京市第一医院").grade

    bring_in("customers.institution", INSTITUTIONS)
    assert [grade_after(text) for text in ("三级", "3", "二级", "二级乙等", "三级")] == ["3A", "3A", "2", "2B", "3"]


def test_undoing_an_import_leaves_nothing(world: World, places: dict[str, Any], bring_in: Make) -> None:
    done = bring_in("customers.institution", INSTITUTIONS)
    import_undo(actor=world.system, now=LATER, pk=done.pk)
    for model in (Institution, InstitutionName, InstitutionContact, InstitutionTerritory):
        assert not model.unscoped.exists()


def test_what_is_only_proposed_holds_nothing_back(world: World, places: dict[str, Any], bring_in: Make) -> None:
    done = bring_in("customers.institution", INSTITUTIONS)
    first, second, third = Institution.unscoped.order_by("pk")
    InstitutionDuplicate.unscoped.create(first=first, second=second, score=0.9, reasons=[], created_at=LATER)
    decided = InstitutionDuplicate.unscoped.create(
        first=second, second=third, score=0.9, reasons=[], created_at=LATER, status="rejected"
    )
    undone = import_undo(actor=world.system, now=LATER, pk=done.pk)
    assert set(Institution.unscoped.all()) == {second, third}
    assert list(InstitutionDuplicate.unscoped.all()) == [decided]
    with override("zh-hans"):
        assert {reason for _name, reason in undone.result["kept"]} == {"已被引用：疑似重复"}


def test_a_column_that_counts_the_rows_is_no_code(world: World, places: dict[str, Any], bring_in: Make) -> None:
    rows = [{"编号": str(number), **row} for number, row in enumerate(INSTITUTIONS, 1)]
    bring_in("customers.institution", rows)
    assert set(Institution.unscoped.values_list("code", flat=True)) == {""}


def test_an_institution_is_found_by_another_name_and_keeps_its_own(
    world: World, places: dict[str, Any], bring_in: Make
) -> None:
    bring_in("customers.institution", INSTITUTIONS)
    done = bring_in("customers.institution", [{"医院名称": "市一医院", "所在地": "江苏省-南京市", "床位数": "1500"}])
    assert counted(done) == (0, 1, 0, 0)
    first = Institution.unscoped.order_by("pk")[0]
    assert (first.name, first.beds) == ("南京市第一医院", 1500)


def test_a_place_inside_or_around_is_the_same_and_the_finer_one_stays(
    world: World, places: dict[str, Any], bring_in: Make
) -> None:
    bring_in("customers.institution", [{"名称": "人民医院", "所在地": "江苏省-南京市"}])
    assert counted(bring_in("customers.institution", [{"名称": "人民医院", "所在地": "江苏省南京市鼓楼区"}])) == (
        0,
        1,
        0,
        0,
    )
    assert Institution.unscoped.get().division == places["320106"]
    assert counted(bring_in("customers.institution", [{"名称": "人民医院", "所在地": "江苏省"}])) == (0, 0, 1, 0)
    assert Institution.unscoped.get().division == places["320106"]
    assert counted(bring_in("customers.institution", [{"名称": "人民医院", "所在地": "江苏省-苏州市"}])) == (1, 0, 0, 0)
    assert counted(bring_in("customers.institution", [{"名称": "人民医院", "备用": "x"}])) == (0, 0, 0, 1)


def test_a_renamed_institution_is_found_by_its_code(world: World, places: dict[str, Any], bring_in: Make) -> None:
    bring_in("customers.institution", [{"客户编码": "C1", "名称": "旧名医院", "所在地": "江苏省-南京市"}])
    done = bring_in("customers.institution", [{"客户编码": "C1", "名称": "新名医院", "所在地": "江苏省-南京市"}])
    assert counted(done) == (0, 1, 0, 0)
    row = Institution.unscoped.get()
    assert (row.name, row.natural_key) == ("新名医院", "新名医院@3201")
    assert dict(InstitutionName.unscoped.values_list("name", "kind")) == {"旧名医院": "former"}
    import_undo(actor=world.system, now=LATER, pk=done.pk)
    row.refresh_from_db()
    assert (row.name, row.natural_key) == ("旧名医院", "旧名医院@3201")


def test_a_merged_institution_is_what_it_was_merged_into(world: World, places: dict[str, Any], bring_in: Make) -> None:
    rows = [
        {"客户编码": "A", "名称": "南京市第一医院", "所在地": "江苏省-南京市"},
        {"客户编码": "B", "名称": "南京一院", "所在地": "江苏省-南京市"},
    ]
    bring_in("customers.institution", rows)
    kept, gone = Institution.unscoped.order_by("pk")
    services.institution_merge(actor=world.system, winner=kept.pk, loser=gone.pk, now=NOW)
    done = bring_in(
        "customers.institution", [{"客户编码": "B", "名称": "南京一院", "所在地": "江苏省-南京市", "床位数": "9"}]
    )
    assert (done.created_count, done.refused_count) == (0, 0)
    kept.refresh_from_db()
    assert (kept.beds, kept.code, Institution.unscoped.count()) == (9, "A", 2)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"名称": "医院", "等级": "市级"}, "customers.grade"),
        ({"名称": "医院", "类型": "城堡"}, "customers.kind"),
        ({"名称": "医院", "区划代码": "99"}, "customers.division_code"),
        ({"名称": "医院", "辖区": "nowhere"}, "unknown"),
        ({"名称": "医院", "床位数": "很多"}, "number"),
        ({"名称": "", "床位数": "1"}, "required"),
    ],
)
def test_what_is_wrong_is_named_by_row_and_column(
    places: dict[str, Any], bring_in: Make, row: dict[str, str], code: str
) -> None:
    done = bring_in("customers.institution", [row])
    assert counted(done) == (0, 0, 0, 1)
    assert [problem["code"] for problem in done.result["problems"]] == [code]
    assert not Institution.unscoped.exists()


def test_an_archived_institution_is_refused(world: World, places: dict[str, Any], bring_in: Make) -> None:
    bring_in("customers.institution", [{"名称": "人民医院", "所在地": "江苏省-南京市"}])
    services.institution_archive(actor=world.system, pk=Institution.unscoped.get().pk, now=NOW)
    done = bring_in("customers.institution", [{"名称": "人民医院", "所在地": "江苏省-南京市", "床位数": "1"}])
    assert [problem["code"] for problem in done.result["problems"]] == ["customers.archived"]
    assert Institution.unscoped.get().beds is None


def test_territories_are_dated_and_come_back_with_an_undo(
    world: World, places: dict[str, Any], bring_in: Make, professional: Make
) -> None:
    row = {"名称": "人民医院", "所在地": "江苏省-南京市", "辖区": "east"}
    bring_in("customers.institution", [row])
    institution = Institution.unscoped.get()
    person = professional("王芳", institution=institution)
    moved = bring_in("customers.institution", [row | {"辖区": "west"}], now=LATER)
    spans = InstitutionTerritory.unscoped.order_by("valid_from").values_list(
        "territory__code", "valid_from", "valid_to"
    )
    tomorrow = TODAY + timedelta(days=1)
    assert list(spans) == [("east", TODAY, tomorrow), ("west", tomorrow, None)]
    person.refresh_from_db()
    assert person.territory == world.west
    import_undo(actor=world.system, now=LATER, pk=moved.pk)
    assert list(spans.all()) == [("east", TODAY, None)]
    person.refresh_from_db()
    institution.refresh_from_db()
    assert (person.territory, institution.territory) == (world.east, world.east)


def test_new_rows_fall_to_the_territory_of_who_imports(
    world: World, places: dict[str, Any], bring_in: Make, every_import: Any
) -> None:
    done = bring_in("customers.institution", [{"名称": "人民医院", "所在地": "江苏省-南京市"}], actor=every_import)
    assert counted(done) == (1, 0, 0, 0)
    assert InstitutionTerritory.unscoped.get().territory == world.east


def test_rows_out_of_reach_are_refused(world: World, places: dict[str, Any], bring_in: Make, every_import: Any) -> None:
    row = {"名称": "人民医院", "所在地": "江苏省-南京市", "辖区": "west"}
    bring_in("customers.institution", [row])
    done = bring_in(
        "customers.institution", [{"名称": "人民医院", "所在地": "江苏省-南京市", "床位数": "5"}], actor=every_import
    )
    assert counted(done) == (0, 0, 0, 1)
    assert Institution.unscoped.get().beds is None


@pytest.fixture
def every_import(world: World) -> Any:
    """Somebody who may import in the east."""
    from yaomai.kit.access import Actor, Grant, rights
    from yaomai.organization.models import Person

    person = Person.unscoped.create(username="importer", name="赵敏")
    return Actor(person.pk, person.name, (Grant(rights.every_right(), frozenset({world.east.pk, world.district.pk})),))


# Professionals ----------------------------------------------------------------------------------------------------

PEOPLE = [
    {"姓名": "王芳", "性别": "女", "职称": "主任医师、教授", "医院": "市一医院", "科室": "心内科", "职务": "科主任", "客户类型": "KOL、行政决策客户",
     "手机": "138 1234 5678", "邮箱": "wang@example.com"},
    {"姓名": "李雷", "性别": "男", "职称": "主管药师", "医院": "南京市第一医院", "科室": "药剂科", "职务": "", "客户类型": "", "手机": "", "邮箱": ""},
]  # fmt: skip


def test_people_come_in_with_workplaces_departments_and_sealed_contacts(
    world: World, places: dict[str, Any], bring_in: Make
) -> None:
    bring_in("customers.institution", [INSTITUTIONS[0] | {"辖区": "east"}])
    done = bring_in("customers.professional", PEOPLE)
    assert counted(done) == (2, 0, 0, 0)
    wang, li = Professional.unscoped.order_by("pk")
    assert (wang.title, wang.profession, wang.sex, wang.position) == ("chief_physician", "physician", "f", "科主任")
    assert wang.customer_types == ["high_influence", "decision_maker"]
    assert (wang.department.name, wang.territory) == ("心内科", world.east)
    assert (li.profession, li.department.standard.name) == ("pharmacist", "药剂科")
    assert dict(ProfessionalContact.unscoped.values_list("kind", "masked")) == {
        "mobile": "138****5678", "email": "w***@example.com",
    }  # fmt: skip
    assert Affiliation.unscoped.filter(is_primary=True, valid_to=None).count() == 2
    assert counted(bring_in("customers.professional", PEOPLE, now=LATER)) == (0, 0, 2, 0)
    import_undo(actor=world.system, now=LATER, pk=done.pk)
    assert not Professional.unscoped.exists()
    assert not Affiliation.unscoped.exists()


def test_another_institution_in_a_later_file_is_a_move(world: World, places: dict[str, Any], bring_in: Make) -> None:
    rows = [{"客户编码": "A", "名称": "甲医院", "辖区": "east"}, {"客户编码": "B", "名称": "乙医院", "辖区": "west"}]
    bring_in("customers.institution", rows)
    bring_in("customers.professional", [{"医生编码": "D1", "姓名": "王芳", "医院": "A", "科室": "内科"}])
    moved = bring_in(
        "customers.professional", [{"医生编码": "D1", "姓名": "王芳", "医院": "B", "科室": "外科"}], now=LATER
    )
    person = Professional.unscoped.get()
    assert (person.institution.code, person.department.name, person.territory) == ("B", "外科", world.west)
    assert Affiliation.unscoped.count() == 2
    import_undo(actor=world.system, now=LATER, pk=moved.pk)
    person.refresh_from_db()
    assert (person.institution.code, person.territory) == ("A", world.east)
    assert Department.unscoped.filter(name="内科").exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"医院": "没有的医院"}, "unknown"),
        ({"职称": "院士夫人"}, "customers.title"),
        ({"性别": "X"}, "customers.sex"),
        ({"手机": "12345"}, "customers.contact"),
        ({"邮箱": "nobody"}, "customers.contact"),
        ({"客户类型": "土豪"}, "customers.types"),
    ],
)
def test_wrong_people_are_refused(places: dict[str, Any], bring_in: Make, change: dict[str, str], code: str) -> None:
    bring_in("customers.institution", [INSTITUTIONS[0]])
    done = bring_in("customers.professional", [PEOPLE[0] | change])
    assert [problem["code"] for problem in done.result["problems"]] == [code]
    assert not Professional.unscoped.exists()
    assert not Department.unscoped.exists()


def test_new_profiles_are_as_complete_as_a_measurement_finds(
    world: World, places: dict[str, Any], bring_in: Make
) -> None:
    from yaomai.customers.services.profiles import measure

    rows = [
        row | {"辖区": "east", "床位数": bed, "地址": "中山路1号"}
        for row, bed in zip(INSTITUTIONS, ("0", "", "9"), strict=True)
    ]
    bring_in("customers.institution", rows)
    found = dict(Institution.unscoped.values_list("pk", "completeness"))
    measure("institution", list(found), today=TODAY)
    assert dict(Institution.unscoped.values_list("pk", "completeness")) == found


def test_a_branch_finds_what_it_belongs_to_in_the_same_file(
    world: World, places: dict[str, Any], bring_in: Make
) -> None:
    rows = [
        {"名称": "百姓大药房观前店", "编码": "S1", "上级机构": "C1", "状态": "停业", "曾用名": "老百姓观前店"},
        {"名称": "百姓大药房连锁", "编码": "C1", "上级机构": "", "状态": "在营", "曾用名": ""},
        {"名称": "百姓大药房平江店", "编码": "S2", "上级机构": "百姓大药房连锁", "状态": "", "曾用名": ""},
        {"名称": "无主药房", "编码": "S3", "上级机构": "没有的连锁", "状态": "", "曾用名": ""},
        {"名称": "无主药房分店", "编码": "S4", "上级机构": "S3", "状态": "", "曾用名": ""},
    ]
    done = bring_in("customers.institution", rows)
    assert counted(done) == (3, 0, 0, 2)
    assert [(each["place"][1], each["column"], each["code"]) for each in done.result["problems"]] == [
        (5, "parent", "unknown"), (6, "parent", "unknown"),
    ]  # fmt: skip
    chain = Institution.unscoped.get(code="C1")
    assert set(Institution.unscoped.filter(parent=chain).values_list("code", flat=True)) == {"S1", "S2"}
    assert Institution.unscoped.get(code="S1").status == "suspended"
    assert list(InstitutionName.unscoped.values_list("name", "kind")) == [("老百姓观前店", "former")]
    assert counted(bring_in("customers.institution", rows[:3])) == (0, 0, 3, 0)
    import_undo(actor=world.system, now=LATER, pk=done.pk)
    assert not Institution.unscoped.exists()


def test_experts_without_a_workplace_come_in_once_and_only_for_the_whole_company(
    world: World, places: dict[str, Any], bring_in: Make
) -> None:
    rows = [{"姓名": "钱独立", "医院": "", "职称": "教授"}, {"姓名": "孙独立", "医院": "", "职称": ""}]
    assert counted(bring_in("customers.professional", rows)) == (2, 0, 0, 0)
    assert not Affiliation.unscoped.exists()
    assert counted(bring_in("customers.professional", rows)) == (0, 0, 2, 0)
    twice = bring_in("customers.professional", [rows[0], rows[0] | {"职称": "其他"}])
    assert counted(twice) == (0, 0, 1, 1)


def test_many_rows_are_written_in_parts_and_their_index_is_finished_afterwards(
    world: World, places: dict[str, Any], bring_in: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_in("customers.institution", [{"客户编码": "C0", "名称": "零号医院", "所在地": "江苏省-南京市"}])
    for name, value in (("_FIRST", 1), ("_AT_ONCE", 2), ("_MANY", 3)):
        monkeypatch.setattr(model_importer, name, value)
    names = ["零号医院新名", "甲山医院", "乙水诊所", "丙田药房", "丁木卫生院", "戊火中心"]
    rows = [{"客户编码": f"C{number}", "名称": name, "所在地": "江苏省-南京市"} for number, name in enumerate(names)]

    assert counted(bring_in("customers.institution", rows)) == (5, 1, 0, 0)

    for number, name in enumerate(names):
        found = Institution.unscoped.filter(search__lexemes=f"'^{name[:2]}'").values_list("code", flat=True)
        assert list(found) == [f"C{number}"]
    (waiting,) = Job.unscoped.filter(name="transfer.index")
    assert waiting.arguments == {"model": "customers.institution"}
    finish_indexes.handler(job=None, **waiting.arguments)
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('customers_institution_search')")
        assert cursor.fetchone() == (0,), "nothing waits any more"


def test_people_do_not_go_to_a_workplace_that_is_merged_while_they_come_in(
    world: World, bring_in: Make, institution: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, gone = institution("南京甲医院"), institution("南京乙医院")
    whole = ProfessionalImporter.check

    def merged_meanwhile(self: ProfessionalImporter, table: Any, context: Any) -> Any:
        checked = whole(self, table, context)
        if Import.unscoped.get().status == Import.Status.CHECKED:  # now it is written
            services.institution_merge(actor=world.system, winner=kept.pk, loser=gone.pk, now=NOW)
        return checked

    monkeypatch.setattr(ProfessionalImporter, "check", merged_meanwhile)
    with pytest.raises(model_importer.ChangedMeanwhile):
        bring_in("customers.professional", [{"姓名": "王芳", "医院名称": "南京乙医院"}])
    assert not Professional.unscoped.exists()
