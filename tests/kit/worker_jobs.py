"""Jobs for tests of the worker, which runs in another process and imports this file."""

import time
from typing import Any

from django.db import connection

from yaomai.kit.jobs import JobHandle, job


def note(text: str) -> None:
    """Leave an effect in the transaction of the handler."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO effects (text) VALUES (%s)", [text])


@job("trial.note", retries=2)
def note_job(*, job: JobHandle, text: str, seconds: float = 0.0) -> dict[str, Any]:
    note(text)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        time.sleep(0.01)
        job.progress(1, 2, "Half way")
    return {"text": text}


@job("trial.steps", atomic=False)
def steps_job(*, job: JobHandle, steps: int, seconds: float) -> None:
    from django.db import transaction

    for step in range(job.place.get("done", 0), steps):
        with transaction.atomic():
            note(f"step {step}")
            job.keep(done=step + 1)
        time.sleep(seconds)
        job.progress(step + 1, steps)


@job("trial.marked_steps", atomic=False)
def marked_steps_job(*, job: JobHandle, mark: str, steps: int, seconds: float) -> None:
    from django.db import transaction

    for step in range(job.place.get("done", 0), steps):
        with transaction.atomic():
            note(f"{mark} step {step}")
            job.keep(done=step + 1)
        time.sleep(seconds)


@job("trial.hoard")
def hoard_job(*, job: JobHandle, megabytes: int) -> None:
    kept.append(b"." * (megabytes * 2**20))
    note("hoarded")


kept: list[bytes] = []


@job("trial.alone", exclusive_by="trial:{name}")
def alone_job(*, job: JobHandle, name: str) -> None:
    note("in")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 77")
        others = cursor.fetchone()[0]
        cursor.execute("SELECT pg_advisory_xact_lock_shared(77, 1)")
    note(f"others {others}")
    time.sleep(0.05)
