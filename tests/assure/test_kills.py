"""R1, R2: processes are killed at random while clients write; nothing acknowledged is lost, doubled or half-done."""

import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from yaomai.kit.embedded import program

from .client import Session, Writer
from .installation import Installation
from .oracle import Chain, assert_exactly_once

KILLS = int(os.environ.get("YAOMAI_ASSURE_KILLS", "100"))
WRITERS = 4
USERNAME, PASSWORD = "assurance", "a-password-for-the-tests"
# In a hundred: each kind as often as it hurts.
KINDS = (
    ["web process"] * 20 + ["web"] * 10 + ["worker"] * 10 + ["database"] * 25 + ["backend"] * 15
    + ["database helper"] * 5 + ["supervisor"] * 5 + ["everything"] * 10
)  # fmt: skip


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with Installation(tmp_path_factory.mktemp("kills") / "data", "--no-demo") as running:
        running.run("seeding.py", USERNAME, PASSWORD)
        yield running


@pytest.mark.timeout(600)
def test_nothing_acknowledged_is_lost_doubled_or_half_done(
    installation: Installation, figure: Callable[[str, str], None]
) -> None:
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
        if sum(killed.values()) % 3 == 2 and killed.total() < KILLS:  # every third kill comes during a recovery
            second = kill_during_recovery(installation, draw)
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
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(killed.items()))
    figure("R1", f"{killed.total()} kills ({kinds})")
    figure(
        "R1", f"{len(done):,} acts acknowledged of {len(sent):,} sent; trail of {chain.sequence:,} entries recomputed"
    )
    answers = sum((writer.answers for writer in writers), Counter[str]())
    figure("R1", "what clients saw: " + ", ".join(f"{answer} × {count:,}" for answer, count in answers.most_common()))
    figure("R2", f"kill to ready: {summary(durations)}")
    for kind, times in sorted(by_kind.items()):
        figure("R2", f"  {kind:<16} {summary(times)}")
    assert_exactly_once(installation, sent, done)
    assert answers["500"] == 0, "who meets an outage is told so, and told to try again"
    assert sum(count for kind, count in killed.items() if "recovery" in kind) >= KILLS * 3 // 10
    assert percentile(durations, 0.95) <= 5.0
    assert max(durations) <= 15.0


def kill_during_recovery(installation: Installation, draw: random.Random) -> str:
    """Kill once more before everything is up again; return what."""
    time.sleep(draw.uniform(0.0, 1.0))
    kinds = ["database", "web process", "worker", "backend", "supervisor"]
    draw.shuffle(kinds)
    while True:
        installation.ensure_started()
        for kind in kinds:
            if installation.kill(kind, draw):
                return kind
        time.sleep(0.02)


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


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def summary(durations: list[float]) -> str:
    return (
        f"median {percentile(durations, 0.5):.2f} s, p95 {percentile(durations, 0.95):.2f} s,"
        f" worst {max(durations):.2f} s ({len(durations)} recoveries)"
    )


def test_every_page_of_the_database_is_sound_afterwards(
    installation: Installation, figure: Callable[[str, str], None]
) -> None:
    installation.ensure_started()
    installation.await_ready(since=time.monotonic())
    assert installation.stop() == 0
    done = subprocess.run(
        [program("pg_checksums"), "--check", "-D", str(installation.data / "postgres")],
        capture_output=True,
        text=True,
        check=False,
    )
    figure("R1", "pg_checksums: " + ", ".join(line.strip() for line in done.stdout.splitlines() if "locks" in line))
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


def test_web_processes_killed_again_and_again_come_back_without_the_others(
    installation: Installation, figure: Callable[[str, str], None]
) -> None:
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
    figure("R2", f"a web process killed 8 times in a row: worst {max(durations):.2f} s")
