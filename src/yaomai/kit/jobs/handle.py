"""What a handler holds of its job: progress, cancellation, and its place for going on after an interruption."""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import psycopg
from django.conf import settings
from django.db import OperationalError, connection, transaction
from procrastinate.contrib.django.utils import connector_params
from psycopg.types.json import Jsonb

from yaomai.kit.access import Actor
from yaomai.kit.jobs.models import Bookmark, Job
from yaomai.kit.phrases import Phrase, Plain, Text, phrase

log = logging.getLogger(__name__)
WRITE_EVERY = 0.5
"""Seconds between two writes of progress."""
PATIENCE = "2s"
"""How long a write of progress waits for a lock before it is left out."""
WRITE = (
    "UPDATE jobs_job SET done = %s, total = %s, message = %s"
    " WHERE id = %s AND attempts = %s AND state = 'running' RETURNING cancel_requested"
)


class Stopped(Exception):
    """The job shall not go on. Handlers let it pass."""


class Cancelled(Stopped):
    """Somebody cancelled the job."""


class Interrupted(Stopped):
    """The worker is being stopped; the job will go on in another."""


class Lost(Stopped):
    """Another worker took the job over while this one was thought dead: nothing of this attempt may stay."""


class JobHandle:
    """The job as its handler sees it. Progress is committed apart from the handler's transaction."""

    def __init__(
        self, job: Job, *, actor: Actor, slot: datetime | None = None, stopping: Callable[[], bool] | None = None
    ) -> None:
        self.id: int = job.pk
        self.key: str = job.key
        self.attempt: int = job.attempts
        self.actor = actor
        self.slot = slot
        self._stopping = stopping or (lambda: False)
        self._written_at = 0.0
        self._message: Phrase = dict(job.message)
        self._place: tuple[int, int | None] = (job.done, job.total)
        self._cancelled = job.cancel_requested
        self._side: psycopg.Connection[Any] | None = None

    def progress(self, done: int, total: int | None = None, message: Text = "", /, **params: Plain) -> None:
        """Say how far the job is; call it as often as you like, once in half a second is written.

        Raises:
            Cancelled, Interrupted, Lost: the job shall stop here; let it pass.
        """
        self._place = (done, total)
        is_last = total is not None and done >= total
        if not is_last and time.monotonic() - self._written_at < WRITE_EVERY:
            return
        if message:
            self._message = phrase(message, **params)
        self._write()
        if self._cancelled:
            raise Cancelled
        if self._stopping():
            raise Interrupted

    @property
    def cancelled(self) -> bool:
        """Whether the job shall stop; for handlers that end by themselves rather than by an exception."""
        if time.monotonic() - self._written_at >= WRITE_EVERY:
            self._write()
        return self._cancelled or self._stopping()

    @property
    def place(self) -> dict[str, Any]:
        """Where an earlier attempt was when it last called `keep`; empty at the first."""
        bookmark = Bookmark.objects.filter(job_id=self.id).first()
        return dict(bookmark.place) if bookmark else {}

    def keep(self, **place: Any) -> None:
        """Keep the place in the present transaction, together with the step it speaks of.

        Raises:
            Lost: another worker has taken the job over; the step rolls back.
        """
        with transaction.atomic():
            still_mine = Job.unscoped.select_for_update(no_key=True).filter(
                pk=self.id, attempts=self.attempt, state=Job.State.RUNNING
            )
            if not still_mine.exists():
                raise Lost
            Bookmark.objects.update_or_create(job_id=self.id, defaults={"place": place})

    def close(self) -> None:
        """Give the connection for progress back."""
        if self._side is not None:
            self._side.close()
            self._side = None

    def _write(self) -> None:
        self._written_at = time.monotonic()
        done, total = self._place
        try:
            row = self._row([done, total, Jsonb(self._message), self.id, self.attempt])
        except (OperationalError, psycopg.OperationalError) as error:
            # Progress that is not seen for a moment is no reason to lose the work.
            log.warning("progress of job %s not written: %s", self.id, type(error).__name__)
            self.close()
            return
        if row is None:
            raise Lost
        self._cancelled = bool(row[0])

    def _row(self, values: list[Any]) -> tuple[Any, ...] | None:
        """Write on a connection of its own: the handler's transaction shows nothing until it commits."""
        if getattr(settings, "JOBS_IMMEDIATE", False):
            with connection.cursor() as cursor:
                cursor.execute(WRITE, values)
                return cursor.fetchone()  # type: ignore[no-any-return]
        if self._side is None:
            self._side = psycopg.connect(**connector_params(), autocommit=True)
            self._side.execute("SELECT set_config('lock_timeout', %s, false)", [PATIENCE])
        return self._side.execute(WRITE, values).fetchone()
