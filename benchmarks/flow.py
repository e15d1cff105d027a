"""Import of sales flow as a user does it, names matched, against reading the file and COPY into a bare table.

python -m benchmarks flow [--lines 100000] [--institutions 30000] [--names 6000] [--repeats 3] [--profile]

One distributor's month on the built-in PostgreSQL with the settings of `yaomai up`: upload, columns, check and import
with their trail, the memory of names, the queue for review and the marks for the mirror. The master list and the month
before are there. Of the written names 60 % were seen then, 25 % are exact, and 15 % are dirty and new: place dropped,
abbreviated, brackets, 市/县, full-width. Both ways run in turns; medians are compared.
"""

import argparse
import cProfile
import pstats
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dirty_names
import market
from figures import Figure, report
from ground import HEAD, Clock, bare_copy, conditions, installation, load_divisions

SEED = 20260702
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
LIMIT = 6.0
SECONDS = 60
SEEN, EXACT = 0.60, 0.25
DISTRIBUTOR = "安衡医药商业有限公司"
LABELS = ("销售日期", "客户名称", "所属城市", "商品名称", "规格", "数量", "单价", "金额", "批号")
PRODUCTS = 40

Name = tuple[str, str]
"""A buyer as written, and the city that the file gives."""


def written_names(count: int, master: Sequence[market.Institution]) -> tuple[list[Name], list[Name]]:
    """Return names that the month before brought, and names that are new: exact ones, then dirty ones."""
    chance = random.Random(SEED)
    buyers = chance.sample(master, count)
    damage = dirty_names.Damage(
        [
            dirty_names.Institution(each.name, each.place.province, each.place.city, each.place.district)
            for each in buyers
        ]
    )
    kinds = [each for label, each in damage.kinds().items() if label != "one wrong character"]
    names: list[Name] = []
    for position, each in enumerate(buyers):
        name = each.name
        # a fifth of what was seen before is dirty too, as it was then
        if position >= count * (SEEN + EXACT) or (position < count * SEEN and chance.random() < 0.2):
            plain = dirty_names.Institution(name, each.place.province, each.place.city, each.place.district)
            name = next(filter(None, (kind(plain) for kind in chance.sample(kinds, len(kinds)))), name)
        names.append((name, each.place.city))
    return names[: int(count * SEEN)], names[int(count * SEEN) :]


def lines_of(names: Sequence[Name], count: int, first: date, seed: int) -> list[list[Any]]:
    """Make a month's lines: every name at least once if there is room, few names buy much, some lines are returns."""
    chance = random.Random(seed)
    chosen = list(names[:count]) + [
        names[int(len(names) * chance.random() ** 3)] for _each in range(count - len(names))
    ]
    chance.shuffle(chosen)
    lines = []
    for name, city in chosen:
        product = chance.randrange(PRODUCTS)
        quantity = (
            -chance.randint(1, 20) if chance.random() < 0.02 else chance.choice((5, 10, 20, 30, 60, 100, 200, 400))
        )
        price = 12 + product * 3.5
        lines.append([
            first + timedelta(days=chance.randrange(28)), name, city, f"安衡{product:02d}片", f"{5 + product}mg×28片",
            quantity, price, round(quantity * price, 2), f"{20250000 + chance.randrange(400)}",
        ])  # fmt: skip
    return lines


def write_files(folder: Path, name: str, lines: Sequence[Sequence[Any]]) -> tuple[Path, Path]:
    """Write lines as a workbook and as text."""
    from yaomai.kit.transfer.columns import ColumnKind
    from yaomai.kit.transfer.writing import Heading, write_csv, write_workbook

    text, number = ColumnKind.TEXT, ColumnKind.DECIMAL
    kinds = (ColumnKind.DATE, text, text, text, text, number, number, number, text)
    headings = [Heading(label, kind) for label, kind in zip(LABELS, kinds, strict=True)]
    book, plain = folder / f"{name}.xlsx", folder / f"{name}.csv"
    write_workbook(book, headings, lines)
    write_csv(plain, headings, lines)
    return book, plain


@dataclass(frozen=True, slots=True)
class World:
    """Where the months are taken in: who acts, and what was there before the measured one."""

    actor: Any
    distributor: str = DISTRIBUTOR

    def take_in(self, path: Path, run: Callable[[str, Callable[[], Any]], Any]) -> Any:
        """Upload, choose columns, check and import; `run` is told the name of each step."""
        from yaomai.kit.transfer import services

        common: dict[str, Any] = {"actor": self.actor, "now": NOW}
        row = run("… upload", lambda: services.import_upload(
            **common, importer="commerce.flow", path=path, file_name=path.name,
            options={"distributor": self.distributor}))  # fmt: skip
        run("… columns", lambda: services.import_map(**common, pk=row.pk, mapping=row.mapping))
        run("… check", lambda: services.import_check(**common, pk=row.pk))
        return run("… import", lambda: services.import_apply(**common, pk=row.pk, wait=True))


def prepare(master: Sequence[market.Institution], folder: Path, before: Path) -> World:
    """Fill the master lists and take in the month before."""
    import importing

    from yaomai.catalog.services import product_create
    from yaomai.customers.services import institution_create
    from yaomai.kit.access import acting, system_actor
    from yaomai.kit.transfer.command import import_file

    actor = system_actor("benchmark", "measuring")
    importing.write_file(folder / "institutions.xlsx", len(master), seed=SEED)
    import_file(actor=actor, now=NOW, path=folder / "institutions.xlsx", importer="customers.institution")
    with acting(actor):
        institution_create(actor=actor, now=NOW, name=DISTRIBUTOR, kind="distributor")
        for product in range(PRODUCTS):
            product_create(
                actor=actor, now=NOW, code=f"AH{product:02d}", name=f"安衡{product:02d}片",
                generic_name=f"安衡{product:02d}片", specification=f"{5 + product}mg×28片",
            )  # fmt: skip
    world = World(actor)
    world.take_in(before, lambda _name, work: work())
    return world


class Mark:
    """How far the tables were filled; what came since can be taken away, as if it had never been."""

    TABLES = ("commerce_salesline", "commerce_flowbatch", "commerce_sourcename", "transfer_import")

    def __init__(self) -> None:
        self.last = {table: self._value(f"SELECT coalesce(max(id), 0) FROM {table}") for table in self.TABLES}

    def return_to(self) -> None:
        """Delete what came since."""
        from django.db import connection

        with connection.cursor() as cursor:
            for table, last in self.last.items():
                cursor.execute(f"DELETE FROM {table} WHERE id > %s", [last])
                cursor.execute(f"VACUUM ANALYZE {table}")

    @staticmethod
    def _value(statement: str) -> int:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(statement)
            return int(cursor.fetchone()[0])


def measure(world: World, paths: Sequence[Path], lines: int, repeats: int, profile: bool) -> list[Figure]:
    """Run both ways in turns with each form of the file, print the steps of each, and return the figures."""
    mark = Mark()
    found = []
    for path in paths:
        clock, steps = Clock(), Clock()
        base, whole = f"read {path.suffix} and COPY", f"import of {lines:,} lines, {path.suffix}"
        for number in range(repeats):
            clock.run(base, lambda path=path: bare_copy(path, len(LABELS)))
            profiler = cProfile.Profile()
            if profile and number:
                profiler.enable()
            row = clock.run(whole, lambda path=path, steps=steps: world.take_in(path, steps.run))
            profiler.disable()
            if profile and number:
                pstats.Stats(profiler).sort_stats("tottime").print_stats(45)
            assert row.created_count == lines and not row.refused_count, (row.created_count, row.result["problems"][:3])
            mark.return_to()
        say(clock, steps, base, whole)
        found.append(clock.figure(f"{whole}, against reading the file and COPY", whole, base, LIMIT))
        seconds = clock.wall(whole)
        found.append(Figure("… within a minute", f"{seconds:.1f} s", f"≤ {SECONDS} s", seconds <= SECONDS))
    cold(world, paths[0], mark)
    return found


def say(clock: Clock, steps: Clock, base: str, whole: str) -> None:
    """Print the table of one form of file."""
    print(f"{conditions()}; base {clock.wall(base):.3f} s ({clock.processor(base):.3f} s of processors)\n\n{HEAD}")
    print(clock.line(whole, base, LIMIT))
    steps.runs[base] = clock.runs[base]
    for name in ("… upload", "… columns", "… check", "… import"):
        print(steps.line(name, base))
    print()


def cold(world: World, path: Path, mark: Mark) -> None:
    """Print what the first file costs in a process that has not read the master list yet, and what became of names."""
    from yaomai.commerce import names
    from yaomai.commerce.models import SourceName

    clock = Clock()
    names._master.cache_clear()
    row = clock.run("first", lambda: world.take_in(path, lambda _name, work: work()))
    new = SourceName.unscoped.filter(kind="institution", pk__gt=mark.last["commerce_sourcename"])
    certain = new.filter(decision="accepted").count()
    print(
        f"first file of a process: {clock.wall('first'):.1f} s; {row.created_count:,} lines, {new.count():,} new names:"
    )
    print(f"{certain:,} matched by certainty, {new.count() - certain:,} for review")
    mark.return_to()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--institutions", type=int, default=30_000)
    parser.add_argument("--names", type=int, default=6_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--profile", action="store_true")
    asked = parser.parse_args()
    with installation(), tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        load_divisions(market.SHARED)
        master = list(market.institutions(asked.institutions, SEED))
        seen, new = written_names(asked.names, master)
        before, _text = write_files(folder, "202601", lines_of(seen, asked.lines // 2, date(2026, 1, 1), SEED))
        paths = write_files(folder, "202602", lines_of([*seen, *new], asked.lines, date(2026, 2, 1), SEED + 1))
        found = measure(prepare(master, folder, before), paths, asked.lines, asked.repeats, asked.profile)
    sys.exit(0 if report(found) else 1)


if __name__ == "__main__":
    main()
