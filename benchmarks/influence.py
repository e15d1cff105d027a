"""Authors and the network: how right automatic links are, and time as a ratio to the libraries called directly.

python -m benchmarks influence [--people 200000] [--ties 2000000] [--entries 50000] [--repeats 3] [--only authors|network|import]
"""

import argparse
import io
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from author_labels import build
from figures import Figure, report, share, times
from ground import HEAD, Clock, conditions, installation

from yaomai.engine.authors import Matcher
from yaomai.engine.network import SAMPLES, positions

BASE = "parse and COPY"


def authors() -> list[Figure]:
    """Measure precision and recall on labelled publications."""
    world = build(people=20_000, works=12_000)
    known = {each.id for each in world.authors if each.is_ours}
    matcher = Matcher(world.people(), world.hospitals)
    right = wrong = asked = ours = 0
    begun = time.perf_counter()
    for work in world.works:
        for finding, (_mention, truth) in zip(matcher.find([each for each, _truth in work]), work, strict=True):
            ours += truth in known
            if finding.verdict == "certain":
                right += finding.candidates[0].id == truth
                wrong += finding.candidates[0].id != truth
            elif finding.verdict == "question":
                asked += truth in {each.id for each in finding.candidates}
    seconds = time.perf_counter() - begun
    print(f"automatic links: {right + wrong}, {wrong} wrong")
    print(f"of ours: {right / ours:.1%} linked, {asked / ours:.1%} asked with the right one among the candidates")
    print(f"{len(world.works) / seconds:,.0f} publications a second")
    return [share("automatic links of authors that are right", right / (right + wrong), 0.99)]


def network(people: int, ties: int) -> list[Figure]:
    """Compare the measures with networkit and scipy called directly on the arrays as they are."""
    chance = np.random.default_rng(11)
    centres = chance.integers(0, people, ties)
    other = (centres + chance.geometric(0.02, ties) * chance.choice((-1, 1), ties)) % people
    far = chance.random(ties) < 0.02
    other[far] = chance.integers(0, people, int(far.sum()))
    first, second = pa.array(centres.astype(np.int64) + 1_000_000), pa.array(other.astype(np.int64) + 1_000_000)
    begun = time.perf_counter()
    found = positions(first, second)
    ours = time.perf_counter() - begun
    begun = time.perf_counter()
    _directly(centres, other, people)
    direct = time.perf_counter() - begun
    print(f"measures {ours:.1f} s, libraries directly {direct:.1f} s")
    work = (
        f"network measures of {found.num_rows:,} people and {ties:,} ties, against networkit and scipy called directly"
    )
    return [times(work, ours / direct)]


def _directly(first: np.ndarray, second: np.ndarray, count: int) -> None:
    import networkit
    from scipy.sparse import csr_matrix

    networkit.setNumberOfThreads(1)
    graph = networkit.GraphFromCoo((first.astype(np.uint64), second.astype(np.uint64)), n=count)
    graph.removeMultiEdges()
    graph.removeSelfLoops()
    networkit.centrality.EstimateBetweenness(graph, SAMPLES, normalized=True).run().scores()
    networkit.community.PLM(graph, refine=True).run().getPartition().getVector()
    ties = csr_matrix(
        (np.ones(2 * len(first), np.int32), (np.r_[first, second], np.r_[second, first])), shape=(count, count)
    )
    for start in range(0, count, 8_192):
        np.diff((ties[start : start + 8_192] @ ties + ties[start : start + 8_192]).indptr)


def imported(entries: int, folder: Path, repeats: int) -> list[Figure]:
    """Compare the import of a reference file with parsing it by the library and COPY of what was parsed; in turns, medians."""
    from yaomai.kit.access import acting, system_actor

    boss, clock = system_actor("benchmark", "measure an import"), Clock()
    world = build(people=20_000, works=entries)
    path, few = _listed(world, folder / "list.ris"), _listed(world, folder / "few.ris", 200)
    work, again, undo = f"import of {entries:,} publications", "… the same file again", "… its undo"
    with acting(boss):
        _fill(world)
        _undone(boss, _taken(boss, few))  # what a process reads once is read
        for _repeat in range(repeats):
            clock.run(BASE, lambda: _plainly(path))
            done = clock.run(work, lambda: _taken(boss, path))
            assert done.created_count == entries, done.result
            same = clock.run(again, lambda: _taken(boss, path))
            assert (same.created_count, same.updated_count) == (0, 0), (same.created_count, same.updated_count)
            undone = clock.run(undo, lambda pk=done.pk: _undone(boss, pk))
            assert undone.result["removed"] == entries, undone.result
            _forget()
    lines = (clock.line(BASE, BASE), clock.line(work, BASE, 6), clock.line(again, BASE), clock.line(undo, BASE))
    print("\n".join((conditions(), HEAD, *lines)))
    return [clock.figure(f"{work}, against parsing and COPY", work, BASE, 6)]


def _listed(world: Any, path: Path, most: int | None = None) -> Path:
    entries = (
        "TY  - JOUR\n"
        f"TI  - 论文题目{number}\n"
        + "".join(f"AU  - {mention.name}\n" for mention, _truth in work)
        + f"AD  - {work[0][0].affiliation or '不详'}\nJO  - 江城医学杂志\nPY  - 2024\nDO  - 10.1000/b.{number}\nER  - \n\n"
        for number, work in enumerate(world.works[:most])
    )
    path.write_text("".join(entries), encoding="utf-8")
    return path


def _plainly(path: Path) -> None:
    """Parse the file by the library and copy what was parsed into a table without keys: the base."""
    import rispy
    from django.db import connection, transaction

    rows = rispy.loads(path.read_text(encoding="utf-8"))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS plain")
        cursor.execute("CREATE TABLE plain (title text, journal text, year text, doi text, authors text, place text)")
        buffer = io.StringIO()
        for row in rows:
            cells = (
                row["title"], row["journal_name"], row["year"], row["doi"], ";".join(row["authors"]), row["author_address"],
            )  # fmt: skip
            buffer.write("\t".join(map(str, cells)).replace("\n", " ") + "\n")
        with cursor.cursor.copy("COPY plain FROM STDIN") as copy:
            copy.write(buffer.getvalue())


def _taken(boss: Any, path: Path) -> Any:
    from django.utils import timezone

    from yaomai.kit.transfer.command import import_file

    now = timezone.now()
    return import_file(actor=boss, now=now, path=path, importer="influence.publication", source="benchmark")


def _undone(boss: Any, done: Any) -> Any:
    from django.utils import timezone

    from yaomai.kit.transfer import services

    return services.import_undo(actor=boss, now=timezone.now(), pk=getattr(done, "pk", done))


def _forget() -> None:
    """Empty what an import wrote, as if it had never been."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE transfer_importchange, transfer_import, influence_authorship, influence_publication CASCADE"
        )
        cursor.execute("VACUUM ANALYZE influence_publication, influence_authorship, transfer_importchange")


def _fill(world: Any) -> None:
    from django.utils import timezone

    from yaomai.customers.models import Institution, Professional

    now = timezone.now()
    hospitals = {
        number: Institution(name=names[0], created_at=now, updated_at=now) for number, names in world.hospitals.items()
    }
    Institution.unscoped.bulk_create(hospitals.values())
    Professional.unscoped.bulk_create(
        [
            Professional(
                name=each.name, institution=hospitals[each.hospital], specialty=each.department, created_at=now, updated_at=now
            )
            for each in world.authors if each.is_ours
        ]
    )  # fmt: skip


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--ties", type=int, default=2_000_000)
    parser.add_argument("--entries", type=int, default=50_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", choices=("authors", "network", "import"))
    asked = parser.parse_args()
    found: list[Figure] = []
    if asked.only in (None, "authors"):
        found += authors()
    if asked.only in (None, "network"):
        found += network(asked.people, asked.ties)
    if asked.only in (None, "import"):
        with tempfile.TemporaryDirectory() as folder, installation():
            found += imported(asked.entries, Path(folder), asked.repeats)
    raise SystemExit(0 if report(found) else 1)


if __name__ == "__main__":
    main()
