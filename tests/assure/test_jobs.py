"""R7: workers are killed again and again under a stream of jobs; 400 days of schedules pass, with clocks that jump.

`YAOMAI_ASSURE_JOBS=10000` is the whole line; a worker is killed for every hundred jobs that have ended.
"""

import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from tests.kit.test_jobs_worker import declared

from yaomai.kit.access import system_actor
from yaomai.kit.jobs.definitions import Schedule, job
from yaomai.kit.jobs.handle import JobHandle
from yaomai.kit.jobs.models import Job
from yaomai.workdays import is_workday

JOBS, KILL_EVERY = int(os.environ.get("YAOMAI_ASSURE_JOBS", "500")), 100
WORKERS, OUTSTANDING = 2, 40
LATE = 60.0
SYSTEM = system_actor("assurance", "a stream of jobs")
KIT = Path(__file__).parents[1] / "kit"
# The product's own worker, with its own times: how soon a dead one is noticed is what is measured.
START = "import django; django.setup(); import worker_jobs; from yaomai.kit.jobs import worker; worker.main()"


@pytest.fixture
def start(own_database: str) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE effects (id bigserial PRIMARY KEY, text text NOT NULL)")
    environment = os.environ | {
        "DATABASE_URL": own_database, "PYTHONPATH": os.pathsep.join([str(KIT), *sys.path]), "YAOMAI_LOG_LEVEL": "ERROR",
    }  # fmt: skip
    started: list[subprocess.Popen[bytes]] = []

    def run() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-c", START], env=environment, stderr=subprocess.DEVNULL))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait()
    connections.close_all()


@pytest.mark.timeout(0)
def test_every_effect_happens_once_however_often_workers_die(
    start: Callable[[], subprocess.Popen[bytes]], figure: Callable[[str, str], None]
) -> None:
    draw, jobs, begun = random.Random(20261128), declared(), time.monotonic()
    workers = [start() for _number in range(WORKERS)]
    _await(lambda: _living() == WORKERS, 300)  # machines differ in how long a start takes
    expected: Counter[str] = Counter()
    asked = killed = 0
    while asked < JOBS:
        done = _ended()
        if done // KILL_EVERY > killed:
            killed += 1
            _replace(workers, draw, start)
        for _number in range(min(OUTSTANDING - (asked - done), JOBS - asked)):
            asked += 1
            if draw.random() < 0.1:
                jobs.marked_steps_job.defer(actor=SYSTEM, mark=str(asked), steps=3, seconds=0.02)
                expected.update(f"{asked} step {step}" for step in range(3))
            else:
                jobs.note_job.defer(actor=SYSTEM, text=str(asked), seconds=draw.random() * 0.05)
                expected[str(asked)] += 1
        time.sleep(0.05)
    _replace(workers, draw, start)
    killed += 1
    _await(lambda: _ended() == JOBS, 300)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM effects")
        found = Counter(row[0] for row in cursor.fetchall())
    late = [(job.finished_at - job.created_at).total_seconds() for job in Job.unscoped.all() if job.finished_at]
    states = Counter(Job.unscoped.values_list("state", flat=True))
    again = Job.unscoped.filter(interruptions__gt=0).count()
    figure(
        "R7",
        f"{JOBS:,} jobs in {time.monotonic() - begun:.0f} s, {killed} workers killed, {again} jobs begun again:"
        f" {found.total():,} effects, each once; from asked to done median {sorted(late)[len(late) // 2]:.1f} s, worst {max(late):.1f} s",
    )
    assert found == expected
    assert states == {"done": JOBS}
    assert max(late) <= LATE


def _replace(workers: list[subprocess.Popen[bytes]], draw: random.Random, start: Callable[[], Any]) -> None:
    """Kill one of the workers, as the machine would, and start another, as the supervisor does."""
    place = draw.randrange(len(workers))
    workers[place].kill()
    workers[place].wait()
    workers[place] = start()


def _ended() -> int:
    return Job.unscoped.exclude(state__in=Job.OPEN).count()


def _living() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '10 seconds'"
        )
        return int(cursor.fetchone()[0])


def _await(condition: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "took too long"
        time.sleep(0.1)


# 400 days ------------------------------------------------------------------------------------------------------------

CHINA = timedelta(hours=8)
FIRST = datetime(2026, 1, 1, 0, 0, tzinfo=UTC)
DAYS = 400
CRONS = {
    "nightly": ("30 2 * * *", False),
    "packs of the day": ("0 6 * * *", True),
    "leap day": ("0 8 29 2 *", True),
    "last month": ("40 4 3 * *", False),
    "Mondays": ("15 7 * * 1", True),
    "four times a day": ("10 */6 * * *", True),
}


def wanted(name: str, since: datetime, until: datetime) -> list[datetime]:
    """Return the slots of a schedule by the calendar, without its own arithmetic."""
    hours = {"nightly": [(2, 30)], "packs of the day": [(6, 0)], "leap day": [(8, 0)], "last month": [(4, 40)],
             "Mondays": [(7, 15)], "four times a day": [(0, 10), (6, 10), (12, 10), (18, 10)]}  # fmt: skip
    days: dict[str, Callable[[date], bool]] = {
        "leap day": lambda day: (day.month, day.day) == (2, 29), "last month": lambda day: day.day == 3,
        "Mondays": lambda day: day.weekday() == 0,
    }  # fmt: skip
    found, day = [], (since + CHINA).date() - timedelta(days=1)
    while day <= (until + CHINA).date():
        if days.get(name, lambda _day: True)(day):
            found += [datetime(day.year, day.month, day.day, *at, tzinfo=UTC) - CHINA for at in hours[name]]
        day += timedelta(days=1)
    return [at for at in found if since < at <= until]


@pytest.mark.timeout(0)
@pytest.mark.parametrize("first", [FIRST, FIRST.replace(year=2028)], ids=["with 调休", "with a leap day"])
def test_no_slot_is_missed_or_doubled_in_400_days(
    own_database: str, monkeypatch: pytest.MonkeyPatch, figure: Callable[[str, str], None], first: datetime
) -> None:
    from yaomai.kit.jobs import definitions, schedule

    draw, made = random.Random(first.year), {}
    for name, (cron, every_slot) in CRONS.items():
        label = f"trial.{first.year} {name}"

        @job(label)
        def handler(*, job: JobHandle) -> None: ...

        made[name] = Schedule(handler, cron, "a simulated year", every_slot)
    monkeypatch.setattr(schedule, "schedules", lambda: list(made.values()))
    now, ending, jumps = first, first + timedelta(days=DAYS), 0
    schedule.take_due_slots(now=now)
    while now < ending:
        # Somebody looks several times a day; once in a while nobody does for most of a day.
        now += timedelta(minutes=draw.randint(20, 420) if draw.random() < 0.97 else draw.randint(600, 1300))
        now = min(now, ending)
        if draw.random() < 0.05 and now - first > timedelta(days=3):  # back to before the beginning is no slot missed
            jumps += 1
            schedule.take_due_slots(now=now + timedelta(seconds=draw.randint(-172_800, 172_800)))
        if draw.random() < 0.1:
            _at_the_same_moment(lambda moment=now: schedule.take_due_slots(now=moment))
        else:
            schedule.take_due_slots(now=now)
    total = 0
    for name, each in made.items():
        rows = Job.unscoped.filter(name=each.definition.name).values_list("key", flat=True)
        taken = Counter(datetime.fromisoformat(key.removeprefix("slot ")).astimezone(UTC) for key in rows)
        expected = wanted(name, first, ending)
        assert [at for at, count in taken.items() if count > 1] == [], f"{name}: doubled"
        assert [at for at in expected if at not in taken] == [], f"{name}: missed"
        assert set(taken) - set(expected) - set(wanted(name, ending, ending + timedelta(days=2))) == set(), name
        total += len(expected)
        definitions.forget(each.definition.name)
    leap = len(wanted("leap day", first, ending))
    days = {(at + CHINA).date() for at in wanted("packs of the day", first, ending)}
    weekends = [day for day in days if day.weekday() >= 5 and is_workday(day)]
    assert leap == (first.year == 2028)
    assert first.year != 2026 or date(2026, 2, 14) in weekends, "a Saturday on which the country works has its slot too"
    figure(
        "R7",
        f"{DAYS} days from {first:%Y-%m-%d}, {jumps} jumps of the clock by up to two days, workers that look at the same moment:"
        f" {total:,} slots, 0 missed, 0 doubled ({leap} on a leap day, {len(weekends)} on weekends that are worked)",
    )


def _at_the_same_moment(look: Callable[[], Any]) -> None:
    def one() -> None:
        barrier.wait()
        look()
        connections.close_all()

    barrier = threading.Barrier(2)
    looking = [threading.Thread(target=one) for _number in range(2)]
    for each in looking:
        each.start()
    for each in looking:
        each.join()
