"""Import of institutions as a user does it, against reading the file and COPY into a bare table.

python -m benchmarks importing [--institutions 30000] [--repeats 3] [--profile]

Upload, columns, check and import with their trail, search index, provenance and undo records, on the built-in
PostgreSQL with the settings of `yaomai up`. Both ways run in turns; medians are compared.
"""

import argparse
import cProfile
import pstats
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from figures import Figure, report
from ground import HEAD, Clock, bare_copy, conditions, installation, load_divisions
from market import SHARED, institutions

SEED = 20260701
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
LIMIT = 12.0
BASE = "read the file and COPY"
LATER = "… afterwards, in the background: the search index"
LABELS = (
    "机构编码", "机构名称", "类型", "等级", "省份", "城市", "区县", "地址", "电话", "床位数", "年门诊量",
)  # fmt: skip
WRITTEN = (
    "transfer_importchange", "transfer_import", "customers_institutionname", "customers_institutioncontact",
    "customers_institutionterritory", "customers_institution",
)  # fmt: skip


def write_file(path: Path, count: int, seed: int = SEED) -> None:
    """Write the workbook that is imported."""
    from yaomai.kit.transfer.columns import ColumnKind
    from yaomai.kit.transfer.writing import Heading, write_workbook

    rows = (
        (
            each.code, each.name, each.kind, each.grade, each.place.province, each.place.city, each.place.district,
            each.address, each.phone, each.beds, each.outpatients,
        )
        for each in institutions(count, seed)
    )  # fmt: skip
    write_workbook(path, [Heading(label, ColumnKind.TEXT) for label in LABELS], rows)


def forget() -> None:
    """Empty what an import wrote, as if it had never been."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(WRITTEN)} CASCADE")
        cursor.execute("VACUUM ANALYZE customers_institution, transfer_importchange")


def measure(path: Path, count: int, repeats: int, profile: bool) -> list[Figure]:
    """Run both ways in turns, print the steps, and return the figures."""
    from yaomai.customers.models import Institution
    from yaomai.kit.access import system_actor
    from yaomai.kit.transfer import services, writes
    from yaomai.kit.transfer.command import import_file

    actor, clock, steps = system_actor("benchmark", "measuring"), Clock(), Clock()
    whole, again, undo = f"import of {count:,} institutions", "… the same file again", "… its undo"

    def ours() -> Any:
        uploaded = steps.run("… upload", lambda: services.import_upload(
            actor=actor, now=NOW, importer="customers.institution", path=path, file_name=path.name))  # fmt: skip
        steps.run("… columns", lambda: services.import_map(
            actor=actor, now=NOW, pk=uploaded.pk, mapping=uploaded.mapping))  # fmt: skip
        steps.run("… check", lambda: services.import_check(actor=actor, now=NOW, pk=uploaded.pk))
        return steps.run("… import", lambda: services.import_apply(actor=actor, now=NOW, pk=uploaded.pk, wait=True))

    for number in range(repeats):
        clock.run(BASE, lambda: bare_copy(path, len(LABELS)))
        profiler = cProfile.Profile()
        if profile and number:
            profiler.enable()
        row = clock.run(whole, ours)
        profiler.disable()
        if profile and number:
            pstats.Stats(profiler).sort_stats("tottime").print_stats(45)
        clock.run(LATER, lambda: writes.enter_waiting(Institution))
        assert row.created_count == count and not row.refused_count, (row.created_count, row.result["problems"][:3])
        clock.run(BASE, lambda: bare_copy(path, len(LABELS)))
        same = clock.run(again, lambda: import_file(
            actor=actor, now=NOW, path=path, importer="customers.institution"))  # fmt: skip
        assert (same.created_count, same.updated_count) == (0, 0), (same.created_count, same.updated_count)
        undone = clock.run(undo, lambda pk=row.pk: services.import_undo(actor=actor, now=NOW, pk=pk))
        assert undone.result["removed"] == count, undone.result
        forget()
    print(f"{conditions()}; base {clock.wall(BASE):.3f} s ({clock.processor(BASE):.3f} s of processors)\n\n{HEAD}")
    print(clock.line(whole, BASE, LIMIT))
    steps.runs[BASE] = clock.runs[BASE]
    for name in ("… upload", "… columns", "… check", "… import"):
        print(steps.line(name, BASE))
    print(clock.line(LATER, BASE))
    print(clock.line(again, BASE))
    print(clock.line(undo, BASE))
    return [
        clock.figure(f"{whole}, against reading the file and COPY", whole, BASE, LIMIT),
        *(clock.figure(name, name, BASE) for name in (LATER, again, undo)),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--institutions", type=int, default=30_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--profile", action="store_true")
    asked = parser.parse_args()
    with installation(), tempfile.TemporaryDirectory() as folder:
        load_divisions(SHARED)
        path = Path(folder) / "institutions.xlsx"
        write_file(path, asked.institutions)
        found = measure(path, asked.institutions, asked.repeats, asked.profile)
    sys.exit(0 if report(found) else 1)


if __name__ == "__main__":
    main()
