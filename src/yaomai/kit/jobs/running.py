"""Run one job: start, handler, end. What is written here decides that effects happen once."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor, acting, system_actor
from yaomai.kit.errors import DomainError, Unavailable
from yaomai.kit.errors.outages import outage
from yaomai.kit.jobs.actors import load_actor
from yaomai.kit.jobs.definitions import JobDefinition, definition_of
from yaomai.kit.jobs.handle import Cancelled, Interrupted, JobHandle, Lost
from yaomai.kit.jobs.models import Job, Slot
from yaomai.kit.phrases import Phrase, phrase

log = logging.getLogger(__name__)
MOST_INTERRUPTIONS = 10
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=10)


class NotAllowedAnyMore(DomainError):
    """The person who asked left or may no longer sign in."""

    code = "job_not_allowed"
    message = _("%(person)s, who asked for this, may no longer sign in.")


class Again(Exception):
    """The job shall start again, not before `at`. For procrastinate."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.at = at


def run(job_id: int, *, stopping: Callable[[], bool] | None = None) -> None:
    """Run a job to its end; harmless when it has ended already.

    Raises:
        Again: it failed and may be tried again, or the worker is being stopped.
    """
    job = _start(job_id)
    if job is None:
        return
    try:
        _attempt(job, stopping)
    except Lost:
        log.warning("job %s attempt %s was taken over; nothing of it stays", job.pk, job.attempts)


def _attempt(job: Job, stopping: Callable[[], bool] | None) -> None:
    definition = definition_of(job.name)
    if definition is None:
        _end(job, Job.State.FAILED, error=phrase(_("No installed part of the system knows this kind of job.")))
        return
    try:
        _perform(job, definition, stopping)
    except Cancelled:
        _end(job, Job.State.CANCELLED)
    except Interrupted:
        _end(job, Job.State.QUEUED)
        raise Again(timezone.now()) from None
    except Lost:
        raise
    except Exception as error:
        _fail(job, definition, error)


def pause(failures: int) -> timedelta:
    """Return how long to wait after the n-th failure: 5, 15, 45, 135 … seconds, at most ten minutes."""
    return min(FIRST_PAUSE * 3 ** (failures - 1), LONGEST_PAUSE)


def _start(job_id: int) -> Job | None:
    """Claim the job; None when there is nothing to do. Its own transaction, so that screens see it running."""
    now = timezone.now()
    with transaction.atomic():
        job = Job.unscoped.select_for_update(no_key=True).filter(pk=job_id).first()
        if job is None or not job.is_open:
            return None
        was_interrupted = job.state == Job.State.RUNNING
        job.interruptions += was_interrupted
        job.attempts += 1
        job.state, job.next_at, job.started_at = Job.State.RUNNING, None, now
        job.done, job.total, job.message = 0, None, {}
        if job.cancel_requested:
            job.state, job.finished_at = Job.State.CANCELLED, now
        elif job.interruptions > MOST_INTERRUPTIONS:
            job.state, job.finished_at = Job.State.FAILED, now
            job.error = phrase(
                _("The worker died %(times)s times while it ran this job; it is not tried again by itself."),
                times=job.interruptions,
            )
        job.save(
            update_fields=[
                "state", "attempts", "interruptions", "next_at", "started_at", "finished_at",
                "done", "total", "message", "error",
            ]
        )  # fmt: skip
    return job if job.state == Job.State.RUNNING else None


def _perform(job: Job, definition: JobDefinition, stopping: Callable[[], bool] | None) -> None:
    actor = _actor(job)
    slot = Slot.objects.filter(job=job).values_list("at", flat=True).first()
    handle = JobHandle(job, actor=actor, slot=slot, stopping=stopping)
    try:
        with acting(actor):
            if definition.atomic:
                with transaction.atomic():
                    result = definition.handler(job=handle, **job.arguments)
                    _end(job, Job.State.DONE, result=result)
            else:
                result = definition.handler(job=handle, **job.arguments)
                _end(job, Job.State.DONE, result=result)
    finally:
        handle.close()


def _actor(job: Job) -> Actor:
    """Return who asked, with the positions held now."""
    if job.owner_id is None:
        return system_actor(job.actor_label, job.reason)
    actor = load_actor(job.owner_id, on=timezone.localdate())
    if actor is None:
        raise NotAllowedAnyMore(person=job.actor_label)
    return actor


def _end(
    job: Job,
    state: Job.State,
    *,
    result: dict[str, object] | None = None,
    error: Phrase | None = None,
    next_at: datetime | None = None,
) -> None:
    """Record the outcome of this attempt.

    Raises:
        Lost: a later attempt has begun, or the job was closed otherwise.
    """
    is_over = state not in Job.OPEN
    values: dict[str, object] = {
        "state": state,
        "next_at": next_at,
        "failures": job.failures,
        "finished_at": timezone.now() if is_over else None,
    }
    if result is not None:
        values["result"] = result
    if error is not None or state == Job.State.DONE:
        values["error"] = error or {}
    if state == Job.State.DONE:
        # The last word of a handler may have come too soon after the one before to be written.
        values["done"] = Coalesce("total", "done")
    mine = Job.unscoped.filter(pk=job.pk, attempts=job.attempts, state=Job.State.RUNNING)
    if not mine.update(**values):
        raise Lost


def _fail(job: Job, definition: JobDefinition, error: Exception) -> None:
    """Record the failure; try again later unless the answer would be the same."""
    is_refusal = isinstance(error, DomainError) and not isinstance(error, Unavailable)
    if not is_refusal:
        log.error("job %s %s failed", job.pk, job.name, exc_info=error)
    job.failures += 1
    next_at = None if is_refusal or job.failures > definition.retries else timezone.now() + pause(job.failures)
    state = Job.State.FAILED if next_at is None else Job.State.RETRYING
    _end(job, state, error=_told(job, error), next_at=next_at)
    if next_at is not None:
        raise Again(next_at) from error


def _told(job: Job, error: Exception) -> Phrase:
    """Return what a person may read: a refusal in its own words, a fault without values of rows."""
    error = outage(error) or error
    if isinstance(error, DomainError):
        params = {name: value if isinstance(value, str | int) else str(value) for name, value in error.params.items()}
        return phrase(error.template, **params)
    if isinstance(error, DatabaseError):
        return phrase(
            _("The database did not answer as expected (%(kind)s). The log has the details under job %(job)s."),
            kind=type(error).__name__,
            job=job.pk,
        )
    return phrase(
        _("Something went wrong on our side (%(kind)s). The log has the details under job %(job)s."),
        kind=type(error).__name__,
        job=job.pk,
    )
