"""procrastinate holds what waits and what runs; this is the only module that talks to it."""

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone, translation
from procrastinate.contrib.django import app

from yaomai.kit.access import Actor
from yaomai.kit.jobs.definitions import JobDefinition
from yaomai.kit.jobs.models import Job

log = logging.getLogger(__name__)
TASK = "yaomai.run"
"""The one procrastinate task: it runs the `Job` whose id it gets."""
STALLED_AFTER = 12
"""Seconds without a heartbeat after which a worker counts as dead. Heartbeats come every 3 seconds."""


def enqueue(definition: JobDefinition, *, actor: Actor, arguments: dict[str, Any], key: str = "") -> Job:
    """Write the job and its place in the queue in one transaction; return the one there is for the same key."""
    with transaction.atomic():
        existing = _existing(definition, key, arguments)
        if existing is not None:
            return existing
        with translation.override(None):
            reason = str(actor.reason)
        row = Job(
            name=definition.name,
            key=key,
            queue=definition.queue,
            arguments=arguments,
            owner_id=actor.person_id,
            actor_label=actor.label,
            reason=reason,
            created_at=timezone.now(),
        )
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            # Of two that ask at once, the second waited for the first to commit and gets its job.
            return Job.unscoped.get(name=definition.name, key=key)
        place(row, definition)
    return row


def _existing(definition: JobDefinition, key: str, arguments: dict[str, Any]) -> Job | None:
    if key:
        return Job.unscoped.filter(name=definition.name, key=key).first()
    if definition.coalesce:
        # The lock keeps it from starting before this transaction's changes are there for it to see.
        return (
            Job.unscoped.select_for_update(no_key=True)
            .filter(name=definition.name, arguments=arguments, state=Job.State.QUEUED, key="")
            .order_by("pk")
            .first()
        )
    return None


@contextmanager
def at_once() -> Iterator[None]:
    """Run what is asked for within it in this process, when it is committed: where no worker runs yet."""
    before = getattr(settings, "JOBS_IMMEDIATE", False)
    settings.JOBS_IMMEDIATE = True
    try:
        yield
    finally:
        settings.JOBS_IMMEDIATE = before


def place(job: Job, definition: JobDefinition) -> None:
    """Put the job into the queue within the present transaction; at once and in-process in immediate mode."""
    if getattr(settings, "JOBS_IMMEDIATE", False):
        from yaomai.kit.jobs.running import run

        transaction.on_commit(lambda: run(job.pk))
        return
    app.configure_task(TASK, queue=job.queue, lock=definition.lock(job.arguments)).defer(job=job.pk)


def withdraw(job: Job) -> None:
    """Take a job that has not started out of the queue; one that starts at this moment finds itself closed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE task_name = %s AND status = 'todo' AND args->>'job' = %s",
            [TASK, str(job.pk)],
        )


def held_by(worker_id: int) -> set[int]:
    """Return the ids of procrastinate's jobs that a worker has fetched and not recorded as ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM procrastinate_jobs WHERE status = 'doing' AND worker_id = %s", [worker_id])
        return {row[0] for row in cursor.fetchall()}


def release_stalled(*, abandoned: Collection[int] = ()) -> list[int]:
    """Put back what dead workers held, and what a living one holds but does not run.

    Args:
        abandoned: ids of procrastinate's jobs whose end could not be recorded, such as in a short outage.

    Returns:
        ids of procrastinate's jobs that can be fetched again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE procrastinate_jobs
            SET status = 'todo', worker_id = NULL, attempts = attempts + 1, scheduled_at = now()
            WHERE status = 'doing' AND id IN (
                SELECT j.id FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
                WHERE j.status = 'doing'
                  AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => %s) OR j.id = ANY(%s))
                ORDER BY j.id FOR UPDATE OF j SKIP LOCKED
            )
            RETURNING id
            """,
            [STALLED_AFTER, list(abandoned)],
        )
        released = [row[0] for row in cursor.fetchall()]
        if released:
            # Wakes the workers at once instead of at their next look.
            cursor.execute(
                "SELECT pg_notify('procrastinate_any_queue_v1', %s)", ['{"type": "job_inserted", "job_id": 0}']
            )
            log.warning("jobs taken from dead workers: %s", released)
    return released


def workers(*, now: datetime) -> int:
    """Return how many workers gave a sign of life lately."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat >= %s - make_interval(secs => %s)",
            [now, STALLED_AFTER],
        )
        return int(cursor.fetchone()[0])
