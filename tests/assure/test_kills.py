"""R1, R2: processes are killed at random while clients write; nothing acknowledged is lost, doubled or half-done."""

import hashlib
import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from yaomai.kit.embedded import program

from .client import Session, Writer
from .installation import Installation

KILLS = int(os.environ.get("YAOMAI_ASSURE_KILLS", "100"))
WRITERS = 4
USERNAME, PASSWORD = "assurance", "a-password-for-the-tests"
# In a hundred: each kind as often as it hurts.
KINDS = (
    ["web process"] * 20 + ["web"] * 10 + ["worker"] * 15 + ["database"] * 25 + ["backend"] * 15
    + ["database helper"] * 5 + ["everything"] * 10
)  # fmt: skip


class Chain:
    """Recomputes the trail's hashes from what psql prints, from where the last look ended."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.sequence, self.hash = 0, hashlib.sha256(b"").digest()

    def check(self) -> None:
        rows = self.installation.psql(
            "SELECT l.sequence, l.entry_id, encode(l.hash, 'hex'), encode(e.seal, 'hex'),"
            " encode(convert_to(e.content, 'UTF8'), 'hex') FROM audit_link l JOIN audit_entry e ON e.id = l.entry_id"
            f" WHERE l.sequence > {self.sequence} ORDER BY l.sequence"
        )
        for sequence, entry, digest, seal, content in rows:
            assert int(sequence) == self.sequence + 1
            self.hash = hashlib.sha256(
                self.hash + entry.encode() + bytes.fromhex(seal) + bytes.fromhex(content)
            ).digest()
            assert digest == self.hash.hex(), f"the chain is broken at {sequence}"
            self.sequence += 1
        unlinked = self.installation.psql(
            "SELECT count(*) FROM audit_entry e WHERE NOT EXISTS (SELECT 1 FROM audit_link l WHERE l.entry_id = e.id)"
        )
        assert unlinked == [["0"]]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with Installation(tmp_path_factory.mktemp("kills") / "data", "--no-demo") as running:
        running.run("seeding.py", USERNAME, PASSWORD)
        yield running


@pytest.mark.timeout(600)
def test_nothing_acknowledged_is_lost_doubled_or_half_done(installation: Installation) -> None:
    draw = random.Random(20261121)
    kinds = draw.sample(KINDS, len(KINDS))
    writers = begin_writing(installation)
    chain = Chain(installation)
    durations: list[float] = []
    by_kind: dict[str, list[float]] = {}
    killed: Counter[str] = Counter()
    while killed.total() < KILLS:
        kind = kinds[killed.total() % len(kinds)]
        time.sleep(draw.uniform(0.1, 0.6))
        began = time.monotonic()
        if not installation.kill(kind, draw):
            continue
        killed[kind] += 1
        if draw.random() < 0.5 and killed.total() < KILLS:  # half of the kills are followed by one during recovery
            time.sleep(draw.uniform(0.0, 1.0))
            second = draw.choice(("database", "web process", "worker", "backend"))
            installation.ensure_started()
            if installation.kill(second, draw):
                killed[f"{second} during recovery"] += 1
                began = time.monotonic()
        durations.append(installation.await_ready(since=began))
        by_kind.setdefault(kind, []).append(durations[-1])
        chain.check()
    await_progress(writers)
    for writer in writers:
        writer.stop()
    chain.check()
    sent = set[str]().union(*(writer.sent for writer in writers))
    done = set[str]().union(*(writer.done for writer in writers))
    report(killed, durations, sent, done, chain)
    for kind, times in sorted(by_kind.items()):
        print(f"    {kind:<32} median {percentile(times, 0.5):5.2f} s, worst {max(times):5.2f} s ({len(times)})")
    answers = sum((writer.answers for writer in writers), Counter[str]())
    print("    answers:", ", ".join(f"{answer} {count}" for answer, count in answers.most_common()))
    assert_exactly_once(installation, sent, done)
    assert sum(count for kind, count in killed.items() if "recovery" in kind) >= KILLS // 5
    assert percentile(durations, 0.95) <= 5.0
    assert max(durations) <= 15.0


def begin_writing(installation: Installation) -> list[Writer]:
    """Start clients that have signed in before the first kill."""
    writers = []
    for number in range(WRITERS):
        session = Session(installation.port)
        session.sign_in(USERNAME, PASSWORD)
        writers.append(Writer(f"K{number}", session))
    for writer in writers:
        writer.start()
    return writers


def await_progress(writers: list[Writer]) -> None:
    """Wait until every writer was acknowledged once more: all of them found back by themselves."""
    before = [len(writer.done) for writer in writers]
    deadline = time.monotonic() + 30
    while any(len(writer.done) == count for writer, count in zip(writers, before, strict=True)):
        assert time.monotonic() < deadline, [(writer.answers, writer.refusal[:500].decode()) for writer in writers]
        time.sleep(0.05)


def assert_exactly_once(installation: Installation, sent: set[str], done: set[str]) -> None:
    """Compare the client's list with what plain psql reads: rows, and one entry of the trail for each."""
    rows = [row[0] for row in installation.psql("SELECT code FROM customers_institution WHERE code LIKE 'K%-%'")]
    assert len(rows) == len(set(rows)), "an act was done twice"
    assert done - set(rows) == set(), "an acknowledged act was lost"
    assert set(rows) - sent == set()
    entries = installation.psql(
        "SELECT i.code, count(e.id) FROM customers_institution i LEFT JOIN audit_entry e"
        " ON e.target_id = i.id::text AND e.code = 'customers.institution:create' AND e.outcome = 'done'"
        " WHERE i.code LIKE 'K%-%' GROUP BY 1 HAVING count(e.id) <> 1"
    )
    assert entries == [], "an act without its entry, or with two"
    orphans = installation.psql(
        "SELECT count(*) FROM audit_entry e WHERE e.code = 'customers.institution:create' AND e.outcome = 'done'"
        " AND NOT EXISTS (SELECT 1 FROM customers_institution i WHERE i.id::text = e.target_id)"
    )
    assert orphans == [["0"]], "an entry of an act that did not happen"


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def report(killed: Counter[str], durations: list[float], sent: set[str], done: set[str], chain: Chain) -> None:
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(killed.items()))
    print(f"\nR1  {killed.total()} kills ({kinds})")
    print(f"    {len(done)} acts acknowledged of {len(sent)} sent; trail of {chain.sequence} entries recomputed")
    print(
        f"R2  kill to ready: median {percentile(durations, 0.5):.2f} s, p95 {percentile(durations, 0.95):.2f} s,"
        f" worst {max(durations):.2f} s ({len(durations)} recoveries)"
    )


def test_every_page_of_the_database_is_sound_afterwards(installation: Installation) -> None:
    installation.ensure_started()
    installation.await_ready(since=time.monotonic())
    assert installation.stop() == 0
    done = subprocess.run(
        [program("pg_checksums"), "--check", "-D", str(installation.data / "postgres")],
        capture_output=True,
        text=True,
        check=False,
    )
    print("\nR1  pg_checksums:", ", ".join(line.strip() for line in done.stdout.splitlines() if "locks" in line))
    assert done.returncode == 0, done.stderr
    assert "Bad checksums:  0" in done.stdout


def test_stopping_in_order_leaves_no_process(installation: Installation) -> None:
    installation.ensure_started()
    installation.await_ready(since=time.monotonic())
    pids = [pid for some in installation.processes().values() for pid in some]
    assert len(pids) > 5
    assert installation.stop() == 0
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []


def test_killing_the_supervisor_ends_everything_within_seconds(installation: Installation) -> None:
    installation.ensure_started()
    installation.await_ready(since=time.monotonic())
    pids = [pid for some in installation.processes().values() for pid in some]
    assert installation.process is not None
    installation.process.kill()
    installation.process.wait()
    deadline = time.monotonic() + 5
    while left := [pid for pid in pids if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < deadline, left
        time.sleep(0.02)


def test_web_processes_killed_again_and_again_come_back_without_the_others(installation: Installation) -> None:
    """The parent keeps the application loaded: its children come back at once, however often."""
    installation.ensure_started()
    installation.await_ready(since=time.monotonic())
    draw = random.Random(7)
    [parent] = installation.processes()["web"]
    durations = []
    for _ in range(8):
        began = time.monotonic()
        assert installation.kill("web process", draw)
        durations.append(installation.await_ready(since=began, streak=0.2))
    assert installation.processes()["web"] == [parent]
    print(f"\nR2  web process killed 8 times in a row: worst {max(durations):.2f} s")
