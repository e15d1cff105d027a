"""Importing into a model: upload, columns, check, apply, undo, through the services a screen uses."""

import gc
import html
import json
import os
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar

import openpyxl
import pyarrow as pa
import pytest
from django.contrib.postgres.search import SearchVectorField
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models, transaction
from django.utils import timezone
from ninja.testing import TestClient
from tests.kit.test_transfer_broken_files import BROKEN

from yaomai.kit.access import Actor, Grant, Scope, ScopedModel, acting
from yaomai.kit.audit.models import Entry
from yaomai.kit.errors import Invalid, Missing, Refused
from yaomai.kit.transfer import errors, files, registry, retention, services
from yaomai.kit.transfer.api import router
from yaomai.kit.transfer.columns import Choice, Column, ColumnKind
from yaomai.kit.transfer.command import import_file
from yaomai.kit.transfer.model_importer import Children, ModelImporter, OutOfReach, Rows
from yaomai.kit.transfer.models import ColumnMapping, Import, ImportChange
from yaomai.kit.transfer.reading import Table
from yaomai.kit.transfer.registry import Context
from yaomai.kit.transfer.undoing import UndoOutOfReach
from yaomai.kit.transfer.writing import Heading, write_csv

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
RIGHTS = ("transfer.import:view", "transfer.import:import", "transfer.thing:import", "transfer.thing:view")


class Thing(ScopedModel):
    """A test model with everything an importer meets: keys, reference, derived fields, version."""

    scope: ClassVar[Scope] = Scope(territory="area")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    code = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=100)
    name_key = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, default="plain")
    price = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    made_on = models.DateField(null=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    area = models.BigIntegerField(null=True)
    remark = models.CharField(max_length=100, blank=True)
    search = SearchVectorField(null=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        app_label = "transfer"
        constraints = (models.UniqueConstraint(fields=["code"], condition=~models.Q(code=""), name="thing_code"),)

    def __str__(self) -> str:
        return self.name


class ThingName(models.Model):
    """Another name of a thing."""

    thing = models.ForeignKey(Thing, on_delete=models.CASCADE, related_name="names")
    name = models.CharField(max_length=100)
    source = models.CharField(max_length=10, default="entered")

    class Meta:
        app_label = "transfer"
        verbose_name = "other name"

    def __str__(self) -> str:
        return self.name


class ThingImporter(ModelImporter):
    name = "transfer.thing"
    label = "Things"
    right = "transfer.thing:import"
    model = Thing
    columns = (
        Column("code", "编码", length=20),
        Column("name", "名称", required=True, length=100, synonyms=("品名",)),
        Column("kind", "类型", kind=ColumnKind.CHOICE, choices=(Choice("plain", "普通"), Choice("fine", "精致"))),
        Column("price", "单价", kind=ColumnKind.DECIMAL),
        Column("made_on", "生产日期", kind=ColumnKind.DATE),
        Column("parent", "上级", kind=ColumnKind.REFERENCE),
        Column("area", "区域", kind=ColumnKind.INTEGER),
        Column("remark", "备注", length=100),
    )
    keys = (("code",), ("name_key",))

    def resolve(self, column: Column, texts: Sequence[str], context: Context) -> Mapping[str, int]:
        return dict(Thing.unscoped.filter(name__in=texts).values_list("name", "pk"))

    def prepare(self, rows: Rows, context: Context) -> pa.Table:
        fields = super().prepare(rows, context)
        bare = [name.partition("(")[0] for name in fields.column("name").to_pylist()]
        return fields.append_column("name_key", pa.array(bare, pa.string()))

    def derive(self, fields: pa.Table, context: Context) -> Mapping[str, pa.Array]:
        return {"search": pa.array([f"'{name}':1" for name in fields.column("name_key").to_pylist()], pa.string())}

    def children(self, fields: pa.Table, context: Context) -> Sequence[Children]:
        found = [
            (row, name[name.index("(") + 1 : -1])
            for row, name in enumerate(fields.column("name").to_pylist())
            if name.endswith(")")
        ]
        rows = {"row": pa.array([row for row, _name in found], pa.int32())}
        rows["name"] = pa.array([name for _row, name in found], pa.string())
        rows["source"] = pa.array(["imported"] * len(found), pa.string())
        return [Children(ThingName, "thing", ("name",), lambda: pa.table(rows))]


@pytest.fixture(autouse=True)
def things(db: None, tmp_path: Path, settings: Any) -> Iterator[None]:
    """Make the test tables, register the importer, keep files in a folder of the test."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "kept"},
        },
    }
    with connection.schema_editor() as editor:
        editor.create_model(Thing)
        editor.create_model(ThingName)
    registry.register_importer(ThingImporter)
    yield
    registry.forget_importer(ThingImporter.name)


@pytest.fixture
def actor(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("张三", *RIGHTS)


HEADERS = ["编码", "名称", "类型", "单价", "生产日期", "备注"]
LINES = [
    ["T1", "茶杯(杯子)", "普通", "12.50", "2024年3月5日", "易碎"],
    ["T2", "茶壶", "精致", "（3）", "20240306", ""],
    ["", "木桌", "", "", "", ""],
]


def write(folder: Path, lines: list[list[str]], *, headers: list[str] = HEADERS, name: str = "things.csv") -> Path:
    write_csv(folder / name, [Heading(header) for header in headers], lines)
    return folder / name


def run(actor: Actor, path: Path, **kwargs: Any) -> Import:
    return import_file(actor=actor, now=NOW, path=path, importer="transfer.thing", **kwargs)


def counts(row: Import) -> tuple[int, int, int, int]:
    return row.created_count, row.updated_count, row.unchanged_count, row.refused_count


def values() -> list[tuple[Any, ...]]:
    rows = Thing.unscoped.order_by("pk")
    return list(rows.values_list("code", "name", "kind", "price", "made_on", "remark", "version"))


def test_an_import_creates_rows_with_keys_defaults_and_what_belongs_to_them(actor: Actor, tmp_path: Path) -> None:
    row = run(actor, write(tmp_path, LINES))

    assert (row.status, counts(row)) == ("applied", (3, 0, 0, 0))
    assert values() == [
        ("T1", "茶杯(杯子)", "plain", Decimal("12.50"), date(2024, 3, 5), "易碎", 1),
        ("T2", "茶壶", "fine", Decimal("-3.00"), date(2024, 3, 6), "", 1),
        ("", "木桌", "plain", None, None, "", 1),
    ]
    assert Thing.unscoped.filter(search="茶杯").get().name_key == "茶杯"
    assert [(each.thing.code, each.name, each.source) for each in ThingName.objects.all()] == [
        ("T1", "杯子", "imported")
    ]
    assert Thing.unscoped.filter(created_at=NOW, updated_at=NOW).count() == 3


def test_the_same_file_twice_changes_nothing_and_says_so(actor: Actor, tmp_path: Path) -> None:
    path = write(tmp_path, LINES)
    run(actor, path)
    before = values()

    row = run(actor, path)

    assert counts(row) == (0, 0, 3, 0)
    assert values() == before
    assert "imported before" in row.notices[0]["msgid"]
    assert row.notices[0]["params"]["when"] == f"{timezone.localtime(NOW):%Y-%m-%d %H:%M}"
    assert ThingName.objects.count() == 1
    assert ImportChange.objects.filter(imported=row).count() == 0


def test_a_corrected_file_changes_only_what_differs_and_empty_cells_erase_nothing(actor: Actor, tmp_path: Path) -> None:
    run(actor, write(tmp_path, LINES))

    row = run(
        actor, write(tmp_path, [["T1", "茶杯(马克杯)", "", "13", "", ""], LINES[1], ["T9", "新品", "", "", "", ""]])
    )

    assert counts(row) == (1, 1, 1, 0)
    assert values()[0] == ("T1", "茶杯(马克杯)", "plain", Decimal("13.00"), date(2024, 3, 5), "易碎", 2)
    assert [each.name for each in ThingName.objects.order_by("pk")] == ["杯子", "马克杯"]
    assert row.result["updated"] == [
        ["茶杯(杯子)", {"名称": ["茶杯(杯子)", "茶杯(马克杯)"], "单价": ["12.50", "13.00"]}]
    ]


def test_columns_that_the_file_lacks_are_left_alone(actor: Actor, tmp_path: Path) -> None:
    run(actor, write(tmp_path, LINES))

    row = run(actor, write(tmp_path, [["T2", "茶壶", "9"]], headers=["编码", "名称", "单价"]))

    assert counts(row) == (0, 1, 0, 0)
    assert values()[1] == ("T2", "茶壶", "fine", Decimal("9.00"), date(2024, 3, 6), "", 2)


def test_a_weaker_key_serves_only_where_the_stronger_is_missing(actor: Actor, tmp_path: Path) -> None:
    run(actor, write(tmp_path, [["", "木桌", "", "", "", ""], ["T5", "木椅", "", "", "", ""]]))

    row = run(actor, write(tmp_path, [["T4", "木桌", "", "", "", ""], ["T6", "木椅", "", "", "", ""]]))

    assert counts(row) == (1, 1, 0, 0)
    assert [each[:2] for each in values()] == [("T4", "木桌"), ("T5", "木椅"), ("T6", "木椅")]


def test_wrong_rows_are_refused_with_their_place_and_the_others_imported(actor: Actor, tmp_path: Path) -> None:
    lines = [
        ["T1", "茶杯", "坏", "12盒", "3/5/2024", ""],
        ["T2", "", "", "", "", ""],
        ["T3", "木椅", "", "1", "", ""],
        ["T3", "木椅二", "", "2", "", ""],
        ["T4", "=1+1", "", "#N/A", "", ""],
    ]

    row = run(actor, write(tmp_path, lines))

    assert counts(row) == (1, 0, 0, 4)
    assert [(each["place"][1], each["place"][2], each["code"]) for each in row.result["problems"]] == [
        (2, "C", "choice"), (2, "D", "number"), (2, "E", "date_ambiguous"), (3, "B", "required"), (5, "A",
        "repeated"),
        (6, "D", "error_value"),
    ]  # fmt: skip
    assert [each[:2] for each in values()] == [("T3", "木椅")]


def test_references_are_resolved_or_refused(actor: Actor, tmp_path: Path) -> None:
    run(actor, write(tmp_path, [["T1", "柜子"]], headers=["编码", "名称"]))

    row = run(
        actor, write(tmp_path, [["T2", "抽屉", "柜子"], ["T3", "门", "没有的"]], headers=["编码", "名称", "上级"])
    )

    assert counts(row) == (1, 0, 0, 1)
    assert Thing.unscoped.get(code="T2").parent_id == Thing.unscoped.get(code="T1").pk
    assert row.result["problems"][0] | {"params": {}} == {
        "place": ["things.csv", 3, "C"], "header": "上级", "column": "parent", "value": "没有的", "code": "unknown",
        "params": {},
    }  # fmt: skip


def test_undo_restores_former_values_and_removes_what_was_created(actor: Actor, tmp_path: Path) -> None:
    run(actor, write(tmp_path, LINES))
    before = [each[:6] for each in values()]
    names = list(ThingName.objects.values_list("pk", "name"))
    row = run(
        actor, write(tmp_path, [["T1", "茶杯(马克杯)", "精致", "99", "", "改"], ["T9", "新品(别名)", "", "", "", ""]])
    )
    assert counts(row) == (1, 1, 0, 0)

    undone = services.import_undo(actor=actor, now=NOW, pk=row.pk)

    assert (undone.status, undone.result["removed"], undone.result["restored"], undone.result["kept"]) == (
        "undone",
        1,
        1,
        [],
    )
    assert [each[:6] for each in values()] == before
    assert list(ThingName.objects.values_list("pk", "name")) == names
    assert Thing.unscoped.filter(search="茶杯").count() == 1


def test_undo_keeps_what_was_changed_or_used_since_and_says_which(actor: Actor, tmp_path: Path) -> None:
    run(actor, write(tmp_path, LINES))
    row = run(
        actor,
        write(
            tmp_path,
            [
                ["T1", "茶杯", "", "99", "", ""],
                ["T8", "甲(别)", "", "", "", ""],
                ["T9", "乙(名)", "", "", "", ""],
                ["T7", "丙", "", "", "", ""],
            ],
        ),
    )
    Thing.unscoped.filter(code="T1").update(price=100)
    Thing.unscoped.filter(code="T8").update(remark="新的备注")
    Thing.unscoped.create(
        name="子", name_key="子", parent=Thing.unscoped.get(code="T9"), created_at=NOW, updated_at=NOW
    )

    undone = services.import_undo(actor=actor, now=NOW, pk=row.pk)

    assert (undone.result["removed"], undone.result["restored"]) == (1, 0)
    assert [name for name, _reason in undone.result["kept"]] == ["茶杯", "甲(别)", "乙(名)"]
    assert sorted(Thing.unscoped.values_list("code", flat=True)) == ["", "", "T1", "T2", "T8", "T9"]
    assert sorted(ThingName.objects.values_list("name", flat=True)) == ["别", "名", "杯子"]
    assert (undone.status, undone.result["kept_count"]) == ("partial", 3)
    with pytest.raises(services.NothingToUndo, match="3"):
        services.import_undo(actor=actor, now=NOW, pk=row.pk)

    Thing.unscoped.filter(name="子").delete()
    Thing.unscoped.filter(code="T1").update(price=99)
    Thing.unscoped.filter(code="T8").update(remark="")
    undone = services.import_undo(actor=actor, now=NOW, pk=row.pk)
    said = {name: undone.result[name] for name in ("removed", "restored", "kept", "kept_count")}
    assert (undone.status, said) == ("undone", {"removed": 3, "restored": 1, "kept": [], "kept_count": 0})
    with pytest.raises(services.WrongState):
        services.import_undo(actor=actor, now=NOW, pk=row.pk)


def test_an_undo_that_would_change_nothing_is_refused_and_said_before(
    actor: Actor, tmp_path: Path, monkeypatch: Any
) -> None:
    row = run(actor, write(tmp_path, [[f"T{number}", f"甲{number}", "", "", "", ""] for number in range(150)]))
    Thing.unscoped.update(remark="新的备注")

    with pytest.raises(services.NothingToUndo, match="150"), transaction.atomic():
        services.import_undo(actor=actor, now=NOW, pk=row.pk)
    row.refresh_from_db()
    assert (row.status, "removed" in row.result, Thing.unscoped.count()) == ("applied", False, 150)

    Thing.unscoped.filter(code="T0").update(remark="")
    with acting(actor), transaction.atomic():
        tried = services.undo_tried(row, actor, NOW)
    assert (tried.removed, len(tried.kept), Thing.unscoped.count()) == (1, 149, 150)
    assert [count for _reason, count in services.kept_reasons(tried)] == [149]
    undone = services.import_undo(actor=actor, now=NOW, pk=row.pk)
    entry = Entry.unscoped.get(code="transfer.import:undo", outcome=Entry.Outcome.DONE)
    assert (undone.status, len(undone.result["kept"]), undone.result["kept_count"]) == ("partial", 100, 149)
    said = json.loads(entry.content)["params"]
    assert {name: said[name] for name in ("removed", "restored", "kept")} == {"removed": 1, "restored": 0, "kept": 149}


def test_checking_writes_nothing(actor: Actor, tmp_path: Path) -> None:
    row = run(actor, write(tmp_path, LINES), only_check=True)

    assert (row.status, counts(row)) == ("checked", (3, 0, 0, 0))
    assert dict(row.result["created"][0])["名称"] == "茶杯(杯子)"
    assert Thing.unscoped.count() == 0


def test_a_failure_in_the_middle_leaves_nothing(actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = run(actor, write(tmp_path, LINES), only_check=True)
    monkeypatch.setattr("yaomai.kit.transfer.writes.write_children", lambda *_args: 1 / 0)

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.import_apply(actor=actor, now=NOW, pk=row.pk)

    assert Thing.unscoped.count() == 0
    assert ImportChange.objects.count() == 0
    assert Import.unscoped.get(pk=row.pk).status == "checked"


def test_decided_columns_are_remembered_for_the_next_file_of_the_form(actor: Actor, tmp_path: Path) -> None:
    headers = ["甲列", "乙列", "备注"]
    first = services.import_upload(
        actor=actor, now=NOW, importer="transfer.thing", path=write(tmp_path, [["T1", "杯", "x"]], headers=headers),
        file_name="a.csv", source="某公司",
    )  # fmt: skip
    assert first.mapping == {"remark": 2}
    with pytest.raises(Invalid) as refusal:
        services.import_map(actor=actor, now=NOW, pk=first.pk, mapping={"code": 0, "remark": 0})
    assert set(refusal.value.fields) == {"name", "remark"}
    services.import_map(actor=actor, now=NOW, pk=first.pk, mapping={"code": 0, "name": 1})

    second = services.import_upload(
        actor=actor, now=NOW, importer="transfer.thing", path=write(tmp_path, [["T2", "碗", "y"]], headers=headers),
        file_name="b.csv", source="某公司",
    )  # fmt: skip

    assert second.mapping == {"code": 0, "name": 1}
    assert ColumnMapping.objects.get().columns == {"甲列": "code", "乙列": "name", "备注": ""}


def test_a_guard_stops_a_file_before_anything_is_kept_and_the_trail_says_why(actor: Actor, tmp_path: Path) -> None:
    def guard(importer: Any, table: Table) -> Refused | None:
        return Refused("不得导入", citations=["某办法第四条"]) if "禁止列" in table.headers else None

    registry.register_guard(guard)
    try:
        path = write(tmp_path, [["a", "1"]], headers=["名称", "禁止列"])
        with pytest.raises(Refused) as refusal:
            run(actor, path)
    finally:
        registry.forget_guard(guard)

    assert refusal.value.citations == ["某办法第四条"]
    assert Import.unscoped.count() == 0
    assert not files.stored(files.digest_of(path)).exists()
    entry = Entry.unscoped.get()
    assert (entry.code, entry.outcome) == ("transfer.import:upload", "refused")
    assert "某办法第四条" in entry.content


def test_every_step_leaves_one_entry(actor: Actor, tmp_path: Path) -> None:
    row = run(actor, write(tmp_path, LINES))
    services.import_undo(actor=actor, now=NOW, pk=row.pk)

    codes = list(Entry.unscoped.order_by("pk").values_list("code", flat=True))
    assert codes == [f"transfer.import:{verb}" for verb in ("upload", "map", "check", "apply", "undo")]


def test_without_the_right_an_importer_does_not_exist(make_actor: Callable[..., Actor], tmp_path: Path) -> None:
    path = write(tmp_path, LINES)
    for number, rights in enumerate((RIGHTS[:2], RIGHTS[2:], ())):
        with pytest.raises(Missing):
            run(make_actor(f"某人{number}", *rights), path)
    assert Import.unscoped.count() == 0


def test_imports_of_others_do_not_exist(actor: Actor, make_actor: Callable[..., Actor], tmp_path: Path) -> None:
    row = run(actor, write(tmp_path, LINES))
    other = make_actor("李四", *RIGHTS, territories={1})

    with pytest.raises(Missing):
        services.import_undo(actor=other, now=NOW, pk=row.pk)

    assert Thing.unscoped.count() == 3


def test_rows_out_of_reach_are_neither_changed_nor_created(
    actor: Actor, make_actor: Callable[..., Actor], tmp_path: Path
) -> None:
    run(actor, write(tmp_path, [["T1", "茶杯", "1"], ["T2", "茶壶", "2"]], headers=["编码", "名称", "区域"]))
    narrow = make_actor("李四", *RIGHTS, territories={1})

    row = run(narrow, write(tmp_path, [["T1", "茶杯", "5"], ["T2", "茶壶", "5"]], headers=["编码", "名称", "单价"]))

    assert counts(row) == (0, 1, 0, 1)
    assert [each["code"] for each in row.result["problems"]] == ["forbidden"]
    assert [each[3] for each in values()] == [Decimal("5.00"), None]
    with pytest.raises(OutOfReach), transaction.atomic():
        run(narrow, write(tmp_path, [["T3", "茶盘", "2"]], headers=["编码", "名称", "区域"]))
    assert Thing.unscoped.count() == 2


def test_an_import_is_not_undone_on_rows_that_moved_out_of_reach(
    make_actor: Callable[..., Actor], tmp_path: Path
) -> None:
    narrow = make_actor("李四", *RIGHTS, territories={1})
    row = run(narrow, write(tmp_path, [["T1", "茶杯", "1"], ["T2", "茶壶", "1"]], headers=["编码", "名称", "区域"]))
    Thing.unscoped.filter(code="T2").update(area=2)

    with pytest.raises(UndoOutOfReach, match="1"):
        services.import_undo(actor=narrow, now=NOW, pk=row.pk)

    assert Thing.unscoped.count() == 2
    assert Import.unscoped.get().status == Import.Status.APPLIED


def test_large_files_are_imported_in_the_background(
    actor: Actor, tmp_path: Path, settings: Any, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.JOBS_IMMEDIATE = True
    monkeypatch.setattr("yaomai.kit.transfer.services.AT_ONCE_ROWS", 2)
    monkeypatch.setattr("yaomai.kit.jobs.actors._loaders", [lambda _person, on: actor])
    row = run(actor, write(tmp_path, LINES), only_check=True)

    with django_capture_on_commit_callbacks(execute=True):
        row = services.import_apply(actor=actor, now=NOW, pk=row.pk)
        assert (row.status, Thing.unscoped.count()) == ("applying", 0)

    assert (Import.unscoped.get(pk=row.pk).status, Thing.unscoped.count()) == ("applied", 3)


# --- REST ---


def test_a_file_goes_through_rest(actor: Actor, tmp_path: Path) -> None:
    client = TestClient(router)
    content = write(tmp_path, [*LINES, ["T7", "错", "没有", "", "", ""]]).read_bytes()
    with acting(actor):
        upload = client.post(
            "/imports/", data={"importer": "transfer.thing"}, FILES={"file": SimpleUploadedFile("东西.csv", content)}
        )
        assert upload.status_code == 201, upload.content
        address = f"/imports/{upload.json()['id']}"
        mapped = client.put(f"{address}/mapping", json={"mapping": upload.json()["mapping"]})
        checked = client.post(f"{address}/check")
        applied = client.post(f"{address}/apply")
        undone = client.post(f"{address}/undo")
        listed = client.get("/imports/")
        importers = client.get("/importers/")

    assert [each.json()["status"] for each in (mapped, checked, applied, undone)] == [
        "mapped", "checked", "applied", "undone",
    ]  # fmt: skip
    assert checked.json()["problems"][0]["cell"] == "C5"
    assert (applied.json()["created_count"], applied.json()["refused_count"]) == (3, 1)
    assert [each["id"] for each in listed.json()] == [upload.json()["id"]]
    assert [each["name"] for each in importers.json()] == ["transfer.thing"]


# --- screens ---


def test_a_file_goes_through_the_screens(actor: Actor, visit: Callable[..., Any], tmp_path: Path) -> None:
    content = write(tmp_path, [*LINES, ["T7", "错", "没有", "", "", ""]]).read_bytes()
    assert "茶" not in visit(actor, "/imports/").content.decode()
    assert visit(actor, "/imports/new/transfer.thing/").status_code == 200

    answer = visit(actor, "/imports/new/transfer.thing/", post={"file": SimpleUploadedFile("东西.csv", content)})

    row = Import.unscoped.get()
    assert answer.headers["Location"] == f"/imports/{row.pk}/"
    page = visit(actor, f"/imports/{row.pk}/").content.decode()
    assert "东西.csv" in page
    assert "茶杯(杯子)" in page
    chosen = {f"column_{name}": str(index) for name, index in row.mapping.items()}
    assert visit(actor, f"/imports/{row.pk}/map", post={"column_name": ""}).status_code == 422
    assert visit(actor, f"/imports/{row.pk}/map", post=chosen).status_code == 302
    page = visit(actor, f"/imports/{row.pk}/").content.decode()
    assert "C5" in page
    returned = visit(actor, f"/imports/{row.pk}/returned")
    sheet = openpyxl.load_workbook(BytesIO(b"".join(returned.streaming_content))).active
    assert sheet is not None
    assert str(sheet["A5"].value).startswith("类型 C5")
    assert visit(actor, f"/imports/{row.pk}/apply", post={}).status_code == 302
    assert Thing.unscoped.count() == 3
    assert visit(actor, f"/imports/{row.pk}/").status_code == 200
    assert visit(actor, f"/imports/{row.pk}/undo", post={}).status_code == 302
    assert Thing.unscoped.count() == 0
    assert visit(actor, f"/imports/{row.pk}/").status_code == 200
    assert "东西.csv" in visit(actor, "/imports/").content.decode()


def test_a_broken_file_is_explained_in_place(actor: Actor, visit: Callable[..., Any]) -> None:
    answer = visit(
        actor, "/imports/new/transfer.thing/", post={"file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04broken")}
    )

    assert answer.status_code == 422
    assert str(errors.FileTruncated()) in answer.content.decode()
    assert Import.unscoped.count() == 0


@pytest.mark.parametrize("what", [each for each in BROKEN if each != "nothing in it"])
def test_every_broken_file_is_explained_on_the_screen_and_nothing_of_it_is_kept(
    actor: Actor, visit: Callable[..., Any], tmp_path: Path, what: str
) -> None:
    name, make, expected, _params = BROKEN[what]
    answer = visit(actor, "/imports/new/transfer.thing/", post={"file": SimpleUploadedFile(name, make())})

    assert answer.status_code == 422
    assert str(expected.mend) in html.unescape(answer.content.decode())
    assert Import.unscoped.count() == 0
    assert [path for path in (tmp_path / "kept").rglob("*") if path.is_file()] == []


def test_a_file_beyond_the_limit_is_refused_before_it_is_copied(
    actor: Actor, visit: Callable[..., Any], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.IMPORT_LIMIT_MB = 1
    monkeypatch.setattr(files, "NamedTemporaryFile", None)
    content = SimpleUploadedFile("a.csv", b"x" * 2**21)
    answer = visit(actor, "/imports/new/transfer.thing/", post={"file": content})
    assert answer.status_code == 422
    assert "2 MB" in answer.content.decode() and "1 MB" in answer.content.decode()


def test_ten_thousand_wrong_rows_come_back_with_a_reason_each(
    actor: Actor, visit: Callable[..., Any], tmp_path: Path
) -> None:
    wrong = [[f"T{number}", f"物{number}", "没有", "", "", ""] for number in range(10_000)]
    content = write(tmp_path, [*LINES, *wrong]).read_bytes()
    answer = visit(actor, "/imports/new/transfer.thing/", post={"file": SimpleUploadedFile("东西.csv", content)})
    address = answer.headers["Location"]
    row = Import.unscoped.get()
    chosen = {f"column_{name}": str(index) for name, index in row.mapping.items()}
    assert visit(actor, f"{address}map", post=chosen).status_code == 302

    row.refresh_from_db()
    assert counts(row) == (3, 0, 0, 10_000)
    assert len(json.dumps(row.result)) < 200_000
    page = visit(actor, address).content.decode()
    assert "10,000</span> 处，例如：“没有”" in page and len(page) < 1_000_000
    assert "这里只列出前 200 处" in page and "/apply" in page
    returned = visit(actor, f"{address}returned?rows=refused")
    (tmp_path / "back.xlsx").write_bytes(b"".join(returned.streaming_content))
    sheet = openpyxl.load_workbook(tmp_path / "back.xlsx", read_only=True).active
    assert sheet is not None
    reasons = [str(cells[0]) for cells in sheet.iter_rows(min_row=2, values_only=True)]
    assert len(reasons) == 10_000
    assert reasons[0].startswith("类型 C5") and reasons[-1].startswith("类型 C10004")
    services.import_apply(actor=actor, now=NOW, pk=row.pk, wait=True)
    assert Thing.unscoped.count() == 3


def test_a_file_of_which_nothing_can_be_taken_offers_no_import(
    actor: Actor, visit: Callable[..., Any], tmp_path: Path
) -> None:
    row = run(actor, write(tmp_path, [["T1", "茶杯", "坏", "", "", ""]]), only_check=True)
    page = visit(actor, f"/imports/{row.pk}/").content.decode()
    assert "没有一行可以导入" in page and "/apply" not in page


def test_the_template_is_offered(actor: Actor, visit: Callable[..., Any]) -> None:
    answer = visit(actor, "/imports/template/transfer.thing")

    assert b"".join(answer.streaming_content)[:2] == b"PK"


def test_strangers_see_no_import(
    actor: Actor, make_actor: Callable[..., Actor], visit: Callable[..., Any], tmp_path: Path
) -> None:
    row = run(actor, write(tmp_path, LINES))
    stranger = Actor(person_id=make_actor("王五").person_id, label="王五", grants=(Grant(frozenset()),))

    for path in ("/imports/", f"/imports/{row.pk}/", f"/imports/{row.pk}/returned", "/imports/template/transfer.thing"):
        assert visit(stranger, path).status_code == 404


def test_what_the_check_found_out_is_used_unless_something_was_done_since(
    actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    understood: list[str] = []
    whole = ModelImporter._understood

    def counted(self: ModelImporter, table: Table, context: Context) -> pa.Table:
        understood.append(context.file_name)
        return whole(self, table, context)

    def checked(name: str) -> Import:
        path = write(tmp_path, [*LINES, ["T7", "错", "没有", "", "", ""]], name=name)
        row = services.import_upload(actor=actor, now=NOW, importer="transfer.thing", path=path, file_name=name)
        services.import_map(actor=actor, now=NOW, pk=row.pk, mapping=row.mapping)
        return services.import_check(actor=actor, now=NOW, pk=row.pk)

    def applied(row: Import) -> Import:
        return services.import_apply(actor=actor, now=NOW, pk=row.pk)

    monkeypatch.setattr(ModelImporter, "_understood", counted)
    with acting(actor):
        first = checked("one.csv")
        problems = first.result["problems"]
        assert counts(applied(first)) == (3, 0, 0, 1)
        assert Import.unscoped.get(pk=first.pk).result["problems"] == problems
        assert understood == ["one.csv"]

        second = checked("two.csv")
        checked("three.csv")
        assert counts(applied(second)) == (0, 0, 3, 1)
        assert understood == ["one.csv", "two.csv", "three.csv", "two.csv"]

        last = checked("four.csv")
        services.import_apply(actor=actor, now=NOW + timedelta(days=1), pk=last.pk)
        assert understood[-2:] == ["four.csv", "four.csv"], "positions may end at midnight"

        last = checked("five.csv")
    other = replace(actor, person_id=None)
    with acting(other):
        services.import_apply(actor=other, now=NOW, pk=last.pk)
    assert understood[-2:] == ["five.csv", "five.csv"], "somebody else reaches other rows"


def test_imports_at_once_give_back_what_holds_for_the_process() -> None:
    usual = (gc.isenabled(), sys.getswitchinterval())
    first, second = services._in_bulk(), services._in_bulk()
    first.__enter__()
    second.__enter__()
    assert not gc.isenabled()
    first.__exit__(None, None, None)
    assert not gc.isenabled()
    second.__exit__(None, None, None)
    assert (gc.isenabled(), sys.getswitchinterval()) == usual


def aged(folder: Path, days: int) -> None:
    """Let everything in a folder have been written some days before NOW."""
    for path in folder.rglob("*"):
        os.utime(path, ((NOW - timedelta(days=days)).timestamp(),) * 2)


def test_files_go_when_their_time_is_over_and_what_was_imported_can_still_be_undone(
    actor: Actor, visit: Callable[..., Any], tmp_path: Path
) -> None:
    imported = run(actor, write(tmp_path, LINES))
    content = write(tmp_path, [["T9", "灯", "", "", "", ""]], name="b.csv")
    draft = services.import_upload(actor=actor, now=NOW, importer="transfer.thing", path=content, file_name="b.csv")
    aged(tmp_path / "kept", days=2)
    uploaded = files.stored(imported.sha256), files.stored(draft.sha256)

    assert retention.remove_old(now=NOW + timedelta(days=30))["removed"] == 0
    assert [path.exists() for path in uploaded] == [True, True]
    # What was read from them is made again when somebody asks.
    assert [path.name for path in files.everything() if path.suffix] == []
    assert retention.remove_old(now=NOW + timedelta(days=31))["removed"] == 1
    assert [path.exists() for path in uploaded] == [True, False]
    assert retention.remove_old(now=NOW + timedelta(days=365))["removed"] == 0
    assert retention.remove_old(now=NOW + timedelta(days=366))["removed"] == 1
    assert list(files.everything()) == []

    assert "已不在服务器上" in visit(actor, f"/imports/{imported.pk}/").content.decode()
    assert "已不在服务器上" in visit(actor, f"/imports/{draft.pk}/").content.decode()
    chosen = {f"column_{name}": str(index) for name, index in draft.mapping.items()}
    assert visit(actor, f"/imports/{draft.pk}/map", post=chosen).status_code == 422
    assert visit(actor, f"/imports/{imported.pk}/undo", post={}).status_code == 302
    assert Thing.unscoped.count() == 0


def test_a_file_that_arrives_or_is_wanted_again_is_not_taken_for_an_old_one(actor: Actor, tmp_path: Path) -> None:
    path = write(tmp_path, LINES)
    digest = files.keep(path)
    aged(tmp_path / "kept", days=400)
    assert files.keep(path) == digest
    assert retention.remove_old(now=timezone.now())["removed"] == 0
    aged(tmp_path / "kept", days=400)
    assert retention.remove_old(now=timezone.now())["removed"] == 1


def test_a_damaged_cache_is_made_again_and_a_damaged_file_is_named(actor: Actor, tmp_path: Path) -> None:
    path = write(tmp_path, LINES)
    row = services.import_upload(actor=actor, now=NOW, importer="transfer.thing", path=path, file_name="a.csv")
    (cache,) = [each for each in files.everything() if each.suffix]
    whole = cache.read_bytes()
    place = whole.index("茶壶".encode())
    for damaged in (whole[:100], b"", whole[:place] + b"\xe6\x9d\xaf" + whole[place + 3 :], whole[:-1] + b"\0"):
        cache.write_bytes(damaged)
        assert "茶壶" in services.table_of(row).column(1).to_pylist()
        assert cache.read_bytes() == whole

    cache.unlink()
    stored = files.stored(row.sha256)
    stored.write_bytes(stored.read_bytes().replace(b"12.50", b"92.50"))
    with pytest.raises(errors.FileGone):
        services.table_of(row)
