"""Speed of reading, converting and importing tables, as ratios measured side by side.

Run: PYTHONPATH=src python benchmarks/transfer.py --server postgresql://… [--rows N] [--institutions N]

Makes the database yaomai_transfer_benchmark on the server and drops it at the end.
"""

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pyarrow as pa
import python_calamine as calamine

SEED = 20260701
DATABASE = "yaomai_transfer_benchmark"
REPEATS = 3
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


def best(work: Callable[[], Any], repeats: int = REPEATS) -> float:
    """Return the shortest time of some runs in seconds."""
    times = []
    for _run in range(repeats):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


def report(work: str, seconds: float, against: str, base: float, limit: float | None = None) -> None:
    """Print one line of the table."""
    must = "" if limit is None else f"{limit:.1f}"
    print(f"| {work} | {seconds:.2f} s | {against} | {base:.2f} s | {seconds / base:.2f} | {must} |")


# --- reading ---


def sales_lines(count: int) -> list[list[Any]]:
    """Make lines of a sales flow: eight columns, every tenth name written untidily."""
    chooser = random.Random(SEED)
    lines: list[list[Any]] = []
    for number in range(count):
        name = f"第{number % 3000}人民医院"
        day = date(2025, 1, 1) + timedelta(days=number % 365)
        quantity = chooser.randint(-5, 200)
        lines.append(
            [
                f"国药控股第{number % 50}分公司",
                f" {name} " if number % 10 == 0 else name,
                f"产品{number % 20}片 0.5g*24",
                day,
                quantity,
                Decimal(quantity) * Decimal("13.75"),
                f"B{number % 500:05d}",
                "退货" if quantity < 0 else "",
            ]
        )
    return lines


def measure_reading(folder: Path, rows: int) -> None:
    """Compare our reading with calamine's own, and dirty columns with clean ones."""
    from yaomai.kit.transfer.columns import Column, ColumnKind
    from yaomai.kit.transfer.reading import read_table
    from yaomai.kit.transfer.values import parse
    from yaomai.kit.transfer.writing import Heading, write_csv, write_workbook

    kinds = [ColumnKind.TEXT] * 3 + [ColumnKind.DATE, ColumnKind.DECIMAL, ColumnKind.DECIMAL] + [ColumnKind.TEXT] * 2
    labels = ["经销商", "医院名称", "产品", "日期", "数量", "金额", "批号", "备注"]
    headings = [Heading(label, kind) for label, kind in zip(labels, kinds, strict=True)]
    lines = sales_lines(rows)
    book, text = folder / "flow.xlsx", folder / "flow.csv"
    write_workbook(book, headings, lines)
    write_csv(text, headings, lines)

    def own() -> None:
        with calamine.load_workbook(str(book)) as workbook:
            workbook.get_sheet_by_index(0).to_python()

    base = best(own)
    report(f"read {rows:,} × 8 cells of .xlsx", best(lambda: read_table(book)), "calamine alone", base, 1.3)
    report(f"read {rows:,} × 8 cells of .csv", best(lambda: read_table(text)), "calamine alone", base)
    table = read_table(book)
    columns = [Column(str(index), label, kind) for index, (label, kind) in enumerate(zip(labels, kinds, strict=True))]
    mapping = {str(index): index for index in range(len(columns))}
    report(f"convert {rows:,} × 8 cells", best(lambda: parse(table, columns, mapping)), "calamine alone", base)


# --- importing ---


def institution_lines(count: int) -> list[list[Any]]:
    """Make institutions with a code, a name with another name in brackets for every third, and an address."""
    chooser = random.Random(SEED)
    places = ["朝阳", "海淀", "浦东", "天河", "武侯", "江岸", "鼓楼", "历下", "雁塔", "五华"]
    kinds = ["人民医院", "中医院", "妇幼保健院", "社区卫生服务中心", "大药房"]
    lines: list[list[Any]] = []
    for number in range(count):
        place, kind = chooser.choice(places), chooser.choice(kinds)
        name = f"{place}区第{number}{kind}"
        lines.append(
            [
                f"C{number:06d}",
                f"{name}（{place}{kind}{number}）" if number % 3 == 0 else name,
                chooser.choice(["三级", "二级", "一级"]),
                f"{place}区某某路{number % 900}号",
                f"010-{number % 90000000:08d}",
            ]
        )
    return lines


def declare() -> tuple[Any, Any, Any]:
    """Return a model, its other names and their importer, as a room declares them."""
    from django.contrib.postgres.indexes import GinIndex
    from django.db import models

    from yaomai.kit.access import Scope, ScopedModel
    from yaomai.kit.search import SearchVectorField, vectors
    from yaomai.kit.transfer.columns import Column
    from yaomai.kit.transfer.model_importer import Children, ModelImporter
    from yaomai.kit.transfer.registry import Context, register_importer

    class Place(ScopedModel):
        scope = Scope(company=True)
        code = models.CharField(max_length=64)
        name = models.CharField(max_length=200)
        grade = models.CharField(max_length=20, blank=True)
        address = models.CharField(max_length=300, blank=True)
        phone = models.CharField(max_length=64, blank=True)
        version = models.PositiveIntegerField(default=1)
        created_at = models.DateTimeField()
        updated_at = models.DateTimeField()
        search = SearchVectorField(null=True)

        class Meta(ScopedModel.Meta):
            app_label = "transfer"
            constraints = (models.UniqueConstraint(fields=["code"], name="place_code"),)
            indexes = (
                models.Index(fields=["name", "id"], name="place_order"),
                GinIndex(fields=["search"], name="place_search"),
            )

    class PlaceName(models.Model):
        place = models.ForeignKey(Place, on_delete=models.CASCADE)
        name = models.CharField(max_length=200)

        class Meta:
            app_label = "transfer"
            indexes = (models.Index(fields=["name"], name="placename_name"),)

    def other_names(fields: pa.Table) -> list[list[str]]:
        return [name.rstrip("）").split("（")[1:] for name in fields.column("name").to_pylist()]

    @register_importer
    class PlaceImporter(ModelImporter):
        name, label, right = "transfer.place", "Places", "transfer.place:import"
        model = Place
        columns = (
            Column("code", "机构编码", required=True, length=64),
            Column("name", "机构名称", required=True, length=200),
            Column("grade", "等级", length=20),
            Column("address", "地址", length=300),
            Column("phone", "电话", length=64),
        )
        keys = (("code",),)

        def derive(self, fields: pa.Table, context: Context) -> Mapping[str, pa.Array]:
            names = [[name] for name in fields.column("name").to_pylist()]
            return {"search": pa.array(list(vectors(names)), pa.string())}

        def children(self, fields: pa.Table, context: Context) -> Sequence[Children]:
            found = [(row, name) for row, names in enumerate(other_names(fields)) for name in names]
            rows = pa.table(
                {
                    "row": pa.array([row for row, _name in found], pa.int32()),
                    "name": pa.array([name for _row, name in found], pa.string()),
                }
            )
            return [Children(PlaceName, "place", ("name",), rows)]

    return Place, PlaceName, PlaceImporter


def measure_importing(folder: Path, count: int) -> None:
    """Compare the path of a user with reading the file and COPY into a bare table."""
    from django.db import connection

    from yaomai.kit.access import system_actor
    from yaomai.kit.transfer import services
    from yaomai.kit.transfer.columns import ColumnKind
    from yaomai.kit.transfer.command import import_file
    from yaomai.kit.transfer.writing import Heading, write_workbook

    place, place_name, _importer = declare()
    with connection.schema_editor() as editor:
        editor.create_model(place)
        editor.create_model(place_name)
    labels = ["机构编码", "机构名称", "等级", "地址", "电话"]
    path = folder / "places.xlsx"
    write_workbook(path, [Heading(label, ColumnKind.TEXT) for label in labels], institution_lines(count))
    actor = system_actor("benchmark", "measuring")
    steps: list[tuple[str, float]] = []

    def step(name: str) -> None:
        steps.append((name, time.perf_counter()))

    def bare() -> None:
        with calamine.load_workbook(str(path)) as workbook:
            rows = workbook.get_sheet_by_index(0).to_python()[1:]
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS bare")
            cursor.execute("CREATE TABLE bare (code text, name text, grade text, address text, phone text)")
            with cursor.copy("COPY bare FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)

    def ours() -> Any:
        steps.clear()
        row = import_file(
            actor=actor, now=NOW, path=path, importer="transfer.place", options={"run": len(steps)}, step=step
        )
        step("end")
        return row

    before = best(bare)
    begun = time.perf_counter()
    row = ours()
    first = time.perf_counter() - begun
    base = (before + best(bare)) / 2
    assert row.created_count == count, row.created_count
    report(f"import {count:,} institutions", first, "calamine + COPY", base, 12.0)
    for (name, at), (_next, until) in pairwise(steps):
        report(f"… of it {name}", until - at, "calamine + COPY", base)
    begun = time.perf_counter()
    again = ours()
    report("the same file again", time.perf_counter() - begun, "calamine + COPY", base)
    assert (again.created_count, again.updated_count) == (0, 0)
    begun = time.perf_counter()
    services.import_undo(actor=actor, now=NOW, pk=row.pk)
    report("undo", time.perf_counter() - begun, "calamine + COPY", base)
    assert place.unscoped.count() == 0


def main() -> None:
    """Measure everything and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True, help="postgresql://… of a role that may make databases")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--institutions", type=int, default=30_000)
    asked = parser.parse_args()
    parts = urlsplit(asked.server)
    with psycopg.connect(asked.server, autocommit=True) as administrator, tempfile.TemporaryDirectory() as name:
        administrator.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        administrator.execute(f"CREATE DATABASE {DATABASE}")
        os.environ["DATABASE_URL"] = urlunsplit(parts._replace(path=f"/{DATABASE}"))
        os.environ["YAOMAI_DATA"] = name
        os.environ["YAOMAI_TESTING"] = "1"
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yaomai.server.settings")
        try:
            measure(Path(name), asked.rows, asked.institutions)
        finally:
            administrator.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


def measure(folder: Path, rows: int, institutions: int) -> None:
    """Start Django on the database and run the measurements."""
    import django
    from django.core.management import call_command

    from yaomai.kit import keys

    keys.make_missing(folder)
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    print("| work | time | against | time | ratio | at most |\n|---|---|---|---|---|---|")
    measure_reading(folder, rows)
    measure_importing(folder, institutions)


if __name__ == "__main__":
    main()
