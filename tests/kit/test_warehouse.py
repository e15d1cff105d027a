"""The mirror equals the database, exactly, as of one moment, whatever happens in between."""

import errno
import os
import signal
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.utils import connector_params

from yaomai.kit.access import Actor, Grant
from yaomai.kit.errors import Missing
from yaomai.kit.warehouse import (
    Dataset,
    building,
    manifest,
    mark_changed,
    open_dataset,
    rebuild,
    refresh,
    snapshot,
    snapshots,
    verify,
)
from yaomai.kit.warehouse.changes import COMPACT_ABOVE, OutsideTransaction
from yaomai.kit.warehouse.models import Change
from yaomai.kit.warehouse.reading import Damaged

SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("territory_id", pa.int64()),
        ("sold_on", pa.date32()),
        ("amount", pa.decimal128(16, 2)),
        ("note", pa.string()),
        ("gift", pa.bool_()),
    ]
)


def dataset(name: str = "trial.lines", table: str = "facts") -> Dataset:
    return Dataset(
        name=name,
        label="Lines",
        schema=SCHEMA,
        sql=f"SELECT id, territory_id, sold_on, amount, note, gift FROM {table}"
        " WHERE sold_on >= %(start)s AND sold_on < %(end)s",
        month_column="sold_on",
        order=("sold_on", "id"),
        scope_column="territory_id",
        right="trial.line:view",
    )


LINES = dataset()
ROWS: list[tuple[Any, ...]] = [
    (1, 10, date(2026, 1, 31), Decimal("99999999999999.99"), '第一,行\n"引号"', True),
    (2, 20, date(2026, 2, 1), Decimal("-0.01"), "", False),
    (3, None, date(2026, 2, 28), Decimal("0.10"), None, None),
    (4, 10, date(2026, 4, 1), None, "NULL", True),
]


@pytest.fixture(autouse=True)
def facts(own_database: str, settings: Any, tmp_path: Path) -> None:
    settings.DATA = tmp_path
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TABLE IF EXISTS facts; TRUNCATE warehouse_change;"
            " CREATE TABLE facts (id bigint PRIMARY KEY, territory_id bigint, sold_on date NOT NULL, amount"
            " numeric(16, 2), note text, gift boolean)"
        )
    insert(ROWS)


def insert(rows: list[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO facts VALUES (%s, %s, %s, %s, %s, %s)", rows)


def change(*rows: tuple[Any, ...]) -> None:
    with transaction.atomic():
        insert(list(rows))
        mark_changed(LINES, [row[2] for row in rows])


def mirrored(**options: Any) -> list[tuple[Any, ...]]:
    return [
        tuple(row.values())
        for path in snapshot(LINES, **options).files()
        for row in parquet.read_table(path).to_pylist()
    ]


def test_exact_values_and_types() -> None:
    taken = snapshot(LINES)
    assert mirrored() == ROWS
    assert list(taken.paths) == [date(2026, 1, 1), date(2026, 2, 1), date(2026, 4, 1)]
    assert taken.rows == 4
    assert all(parquet.read_schema(path).equals(SCHEMA) for path in taken.files())
    assert [path.name[:7] for path in taken.files(start=date(2026, 2, 3), end=date(2026, 4, 1))] == ["2026-02"]


def test_only_changed_months_are_read_again() -> None:
    before = snapshot(LINES)
    change((5, 10, date(2026, 2, 10), Decimal("5.00"), "x", False))
    after = snapshot(LINES)
    assert after.paths[date(2026, 1, 1)] == before.paths[date(2026, 1, 1)]
    assert after.paths[date(2026, 2, 1)] != before.paths[date(2026, 2, 1)]
    assert (after.version, after.fingerprint != before.fingerprint) == (2, True)
    assert [row[0] for row in mirrored()] == [1, 2, 5, 3, 4]
    # The old snapshot still reads what it was.
    assert parquet.read_table(before.paths[date(2026, 2, 1)]).num_rows == 2


def test_nothing_changed_writes_nothing() -> None:
    first = snapshot(LINES)
    path = manifest.folder(LINES) / "manifest.json"
    written = path.stat().st_mtime_ns
    assert snapshot(LINES) == first
    assert path.stat().st_mtime_ns == written


def test_same_facts_same_bytes_whatever_the_order_of_rows() -> None:
    first = snapshot(LINES)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM facts")
        insert(ROWS[::-1])
        mark_changed(LINES, [row[2] for row in ROWS])
    again = snapshot(LINES)
    assert again.fingerprint == first.fingerprint
    assert again.paths == first.paths
    assert rebuild(LINES)["trial.lines"].by_month()[date(2026, 1, 1)].sha256


def test_month_that_becomes_empty_disappears() -> None:
    snapshot(LINES)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM facts WHERE id = 4")
        mark_changed(LINES, [date(2026, 4, 1)])
    assert [row[0] for row in mirrored()] == [1, 2, 3]
    assert list(snapshot(LINES).paths) == [date(2026, 1, 1), date(2026, 2, 1)]


def test_uncommitted_change_is_not_lost_when_another_commits_first() -> None:
    snapshot(LINES)
    slow = psycopg.connect(**connector_params())
    slow.execute("INSERT INTO facts VALUES (7, 10, '2026-01-05', 7, '', false)")
    slow.execute("INSERT INTO warehouse_change (dataset, month, times) VALUES ('trial.lines', '2026-01-01', 1)")
    change((8, 10, date(2026, 1, 6), Decimal(8), "", False))
    assert [row[0] for row in mirrored()][:2] == [8, 1]
    slow.commit()
    slow.close()
    assert [row[0] for row in mirrored()][:3] == [7, 8, 1]


def test_several_datasets_are_of_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    second = dataset("trial.others")
    read = building._write_months

    def import_in_between(reader: Any, wanted: Dataset, *rest: Any) -> Any:
        written = read(reader, wanted, *rest)
        if wanted.name == "trial.lines":
            with psycopg.connect(**connector_params()) as other:
                other.execute("INSERT INTO facts VALUES (9, 10, '2026-01-09', 9, '', false)")
                for name in ("trial.lines", "trial.others"):
                    other.execute(
                        "INSERT INTO warehouse_change (dataset, month, times) VALUES (%s, '2026-01-01', 1)", [name]
                    )
        return written

    monkeypatch.setattr(building, "_write_months", import_in_between)
    both = snapshots(LINES, second)
    assert [both["trial.lines"].rows, both["trial.others"].rows] == [4, 4]
    monkeypatch.undo()
    both = snapshots(LINES, second)
    assert [both["trial.lines"].rows, both["trial.others"].rows] == [5, 5]


def test_change_must_be_said_in_its_transaction() -> None:
    with pytest.raises(OutsideTransaction):
        mark_changed(LINES, [date(2026, 1, 1)])
    assert Change.objects.count() == 0


def test_rolled_back_change_leaves_no_mark() -> None:
    first = snapshot(LINES)
    with transaction.atomic():
        insert([(6, 10, date(2026, 1, 2), Decimal(6), "", False)])
        mark_changed(LINES, [date(2026, 1, 2)])
        transaction.set_rollback(True)
    assert snapshot(LINES) == first


def test_marks_are_merged_without_changing_the_counters() -> None:
    with transaction.atomic():
        Change.objects.bulk_create(
            Change(dataset="trial.lines", month=date(2026, 1, 1)) for _number in range(COMPACT_ABOVE + 1)
        )
    first = snapshot(LINES)
    assert Change.objects.get().times == COMPACT_ABOVE + 1
    assert snapshot(LINES) == first


@pytest.mark.parametrize("offset", [0, 100, -1])
def test_flipped_byte_is_named_before_use_and_mended(offset: int) -> None:
    taken = snapshot(LINES)
    path = taken.paths[date(2026, 2, 1)]
    content = bytearray(path.read_bytes())
    content[offset] ^= 1
    path.write_bytes(content)
    with pytest.raises(Damaged, match=path.name):
        snapshot(LINES)
    [finding] = verify(LINES)
    assert (finding.file, finding.kind, finding.month) == (path.name, "content", date(2026, 2, 1))
    rebuild(LINES, months=[finding.month])
    assert verify(LINES) == []
    assert mirrored() == ROWS


def test_lost_files_and_lost_manifest_are_made_again() -> None:
    taken = snapshot(LINES)
    taken.paths[date(2026, 1, 1)].unlink()
    assert [finding.kind for finding in verify(LINES)] == ["missing"]
    assert snapshot(LINES).fingerprint == taken.fingerprint
    (manifest.folder(LINES) / "manifest.json").write_text('{"half": ')
    assert snapshot(LINES).fingerprint == taken.fingerprint
    assert verify(LINES) == []


def computed(expression: str) -> Dataset:
    return Dataset(
        name="trial.computed",
        label="Computed",
        schema=pa.schema([SCHEMA.field("id"), SCHEMA.field("sold_on"), SCHEMA.field("amount")]),
        sql=f"SELECT id, sold_on, {expression} AS amount FROM facts WHERE sold_on >= %(start)s AND sold_on < %(end)s",
        month_column="sold_on",
        order=("id",),
        right="trial.line:view",
    )


@pytest.mark.parametrize("expression", ["amount / 1", "amount * 1.00", "amount::numeric", "amount::numeric(15, 2)"])
def test_decimals_of_any_declaration_stay_exact(expression: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE facts SET amount = 9999999999999.99 WHERE id = 1")
    if expression == "amount / 1":
        with pytest.raises(pa.ArrowInvalid):
            snapshot(computed(expression + " + 0.001"))
        expression = "round(amount / 1, 2)"
    amounts = [parquet.read_table(path)["amount"].to_pylist() for path in snapshot(computed(expression)).files()]
    assert amounts == [[Decimal("9999999999999.99")], [Decimal("-0.01"), Decimal("0.10")], [None]]


def test_another_declaration_reads_everything_again() -> None:
    snapshot(LINES)
    narrower = Dataset(
        name="trial.lines", label="Lines", schema=pa.schema([SCHEMA.field("id"), SCHEMA.field("sold_on")]),
        sql="SELECT id, sold_on FROM facts WHERE sold_on >= %(start)s AND sold_on < %(end)s",
        month_column="sold_on", order=("id",), right="trial.line:view",
    )  # fmt: skip
    assert parquet.read_table(snapshot(narrower).files()[0]).to_pylist() == [{"id": 1, "sold_on": date(2026, 1, 31)}]


def test_full_disk_says_so_and_keeps_the_old_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    first = snapshot(LINES)
    change((5, 10, date(2026, 2, 10), Decimal("5.00"), "x", False))

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        refresh(LINES)
    monkeypatch.undo()
    assert snapshot(LINES, fresh=False) == first
    assert [path.name for path in manifest.folder(LINES).iterdir() if path.name.endswith(".tmp")] == []
    assert snapshot(LINES).rows == 5


PLACES = {
    "before the first query": (manifest, "load"),
    "while a file is written": (parquet, "write_table"),
    "before a file is moved": (os, "fsync"),
    "after a file is moved": (manifest, "sync_folder"),
    "after all files": (building, "_replaced"),
    "before the manifest": (manifest, "save"),
    "before old files go": (building, "_collect"),
}


@pytest.mark.parametrize("place", PLACES)
def test_killed_at_any_moment_leaves_a_whole_mirror(place: str) -> None:
    first = snapshot(LINES)
    change((5, 10, date(2026, 2, 10), Decimal("5.00"), "x", False))
    child = os.fork()
    if not child:
        owner, name = PLACES[place]
        setattr(owner, name, lambda *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL))
        refresh(LINES)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert verify(LINES) == []
    assert snapshot(LINES, fresh=False).rows == (5 if place == "before old files go" else 4)
    assert first.fingerprint != snapshot(LINES).fingerprint
    assert snapshot(LINES).rows == 5


def test_retired_files_go_after_their_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    old = snapshot(LINES).paths[date(2026, 2, 1)]
    change((5, 10, date(2026, 2, 10), Decimal("5.00"), "x", False))
    snapshot(LINES)
    long_ago = (datetime.now(UTC) - timedelta(days=9)).timestamp()
    os.utime(old, (long_ago, long_ago))
    change((6, 10, date(2026, 1, 10), Decimal("5.00"), "x", False))
    snapshot(LINES)
    assert old.exists()
    monkeypatch.setattr(building, "GRACE", timedelta(0))
    change((7, 10, date(2026, 1, 10), Decimal("5.00"), "x", False))
    snapshot(LINES)
    assert not old.exists()


class TestScope:
    def ids(self, *grants: Grant) -> list[int]:
        actor = Actor(person_id=1, label="x", grants=grants)
        return sorted(open_dataset(LINES, actor).id.execute().tolist())

    def test_as_a_list_would_show(self) -> None:
        right = frozenset({"trial.line:view"})
        assert self.ids(Grant(right)) == [1, 2, 3, 4]
        assert self.ids(Grant(right, frozenset({10}))) == [1, 4]
        assert self.ids(Grant(right, frozenset({10})), Grant(right, frozenset({20}))) == [1, 2, 4]
        assert self.ids(Grant(right, frozenset())) == []
        assert self.ids(Grant(right, frozenset({10})), Grant(frozenset({"other.line:view"}))) == [1, 4]

    def test_without_the_right(self) -> None:
        with pytest.raises(Missing):
            self.ids(Grant(frozenset({"other.line:view"})))

    def test_no_facts_at_all(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE facts")
        assert self.ids(Grant(frozenset({"trial.line:view"}))) == []

    def test_decimals_stay_exact(self) -> None:
        actor = Actor(person_id=1, label="x", grants=(Grant(frozenset({"trial.line:view"})),))
        total = open_dataset(LINES, actor).amount.sum().execute()
        assert total == Decimal("100000000000000.08")


@pytest.mark.parametrize(
    ("change_of", "says"),
    [
        ({"name": "Lines"}, "named"),
        ({"order": ("nothing",)}, "lacks"),
        ({"sql": "SELECT 1"}, "start"),
        ({"order": ()}, "order"),
    ],
)
def test_wrong_declarations_are_refused(change_of: dict[str, Any], says: str) -> None:
    fields = {name: getattr(LINES, name) for name in Dataset.__slots__} | change_of
    with pytest.raises(ValueError, match=says):
        Dataset(**fields)
