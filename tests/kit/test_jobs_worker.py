"""The worker as a process: effects happen once, whatever is killed when."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, connections

from yaomai.kit.access import system_actor
from yaomai.kit.jobs.models import Job
from yaomai.kit.jobs.services import job_cancel

HERE = Path(__file__).parent
SYSTEM = system_actor("test", "a test asks")
# The worker of the product with shorter times, so that the tests need not wait for long ones.
START = """
import django; django.setup()
import worker_jobs
from yaomai.kit.jobs import queue, worker
worker.HEARTBEAT = worker.HOUSEKEEPING = worker.GRACE = worker.RECONNECT = 0.5
worker.POLLING, queue.STALLED_AFTER = 0.2, 3
worker.main()
"""


def declared() -> Any:
    """Return the module of the worker's jobs, so that this process can ask for them."""
    if "worker_jobs" not in sys.modules:
        spec = importlib.util.spec_from_file_location("worker_jobs", HERE / "worker_jobs.py")
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["worker_jobs"] = module
        spec.loader.exec_module(module)
    return sys.modules["worker_jobs"]


@pytest.fixture
def start(own_database: str) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Return a function that starts a worker on the test's own database."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS effects (id bigserial PRIMARY KEY, text text NOT NULL)")
        cursor.execute("TRUNCATE effects, jobs_job, procrastinate_jobs CASCADE")
    environment = os.environ | {
        "DATABASE_URL": own_database,
        "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path]),
        "YAOMAI_LOG_LEVEL": "ERROR",
    }
    started: list[subprocess.Popen[bytes]] = []

    def run(*options: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-c", START, *options], env=environment, stderr=subprocess.DEVNULL)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()
    connections.close_all()


def until(condition: Callable[[], bool], *, seconds: float) -> float:
    """Wait for other processes; return how long it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "took too long"
        time.sleep(0.05)
    return time.monotonic() - began


def effects() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM effects ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def state(job: Job) -> str:
    job.refresh_from_db()
    return str(job.state)


def test_runs_shows_progress_and_cancels(start: Callable[..., subprocess.Popen[bytes]]) -> None:
    jobs = declared()
    quick = jobs.note_job.defer(actor=SYSTEM, text="quick")
    long = jobs.note_job.defer(actor=SYSTEM, text="long", seconds=60)
    worker = start()
    until(lambda: state(quick) == "done" and state(long) == "running" and long.total == 2, seconds=30)
    assert effects() == ["quick"]
    job_cancel(actor=SYSTEM, pk=long.pk, now=quick.created_at)
    until(lambda: state(long) == "cancelled", seconds=10)
    assert effects() == ["quick"]
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(15) == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        assert cursor.fetchone() == (0,)


def test_killed_worker_loses_nothing_and_doubles_nothing(start: Callable[..., subprocess.Popen[bytes]]) -> None:
    jobs = declared()
    worker = start()
    whole = jobs.note_job.defer(actor=SYSTEM, text="whole", seconds=3)
    steps = jobs.steps_job.defer(actor=SYSTEM, steps=30, seconds=0.1)
    until(lambda: len(effects()) >= 8 and state(whole) == "running", seconds=30)
    worker.kill()
    worker.wait()
    killed_at = time.monotonic()
    assert "whole" not in effects()
    start()
    until(lambda: state(whole) == "done" and state(steps) == "done", seconds=60)
    assert time.monotonic() - killed_at < 60
    found = effects()
    assert sorted(found) == sorted(["whole", *(f"step {n}" for n in range(30))])
    assert (whole.attempts, whole.interruptions) == (2, 1)
    assert (steps.attempts, steps.interruptions) == (2, 1)


def test_term_gives_running_jobs_back_at_once(start: Callable[..., subprocess.Popen[bytes]]) -> None:
    jobs = declared()
    worker = start()
    job = jobs.note_job.defer(actor=SYSTEM, text="again", seconds=8)
    until(lambda: state(job) == "running" and job.total == 2, seconds=30)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0
    assert (state(job), effects(), job.interruptions) == ("queued", [], 0)


def test_survives_a_restart_of_the_database_connections(start: Callable[..., subprocess.Popen[bytes]]) -> None:
    jobs = declared()
    start()
    job = jobs.note_job.defer(actor=SYSTEM, text="after", seconds=2)
    until(lambda: state(job) == "running", seconds=30)
    own = connection.settings_dict["NAME"]
    with psycopg.connect(**_parameters(), autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
            [own],
        )
    connections.close_all()
    until(lambda: state(job) == "done", seconds=60)
    assert effects() == ["after"]


def test_exclusive_jobs_run_one_after_the_other(start: Callable[..., subprocess.Popen[bytes]]) -> None:
    jobs = declared()
    asked = [jobs.alone_job.defer(actor=SYSTEM, name="a") for _number in range(5)]
    start("--concurrency", "4")
    until(lambda: all(state(job) == "done" for job in asked), seconds=40)
    assert effects() == ["in", "others 0"] * 5


def _parameters() -> dict[str, Any]:
    from procrastinate.contrib.django.utils import connector_params

    return connector_params()


def test_worker_that_has_grown_ends_when_nothing_runs(start: Callable[..., subprocess.Popen[bytes]]) -> None:
    worker = start("--renew-above", "60")
    small = declared().note_job.defer(actor=SYSTEM, text="small")
    until(lambda: state(small) == Job.State.DONE, seconds=30)
    time.sleep(2)
    assert worker.poll() is None
    large = declared().hoard_job.defer(actor=SYSTEM, megabytes=200)
    slow = declared().note_job.defer(actor=SYSTEM, text="slow", seconds=2.0)
    assert worker.wait(30) == 0
    assert (state(large), state(slow)) == (Job.State.DONE, Job.State.DONE)
    assert set(effects()) == {"small", "hoarded", "slow"}
