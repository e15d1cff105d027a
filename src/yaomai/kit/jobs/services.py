"""What people do with jobs: cancel, and start again."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.errors import Conflict, Missing
from yaomai.kit.jobs.definitions import definition_of
from yaomai.kit.jobs.models import Job
from yaomai.kit.jobs.queue import place, withdraw


class AlreadyOver(Conflict):
    """The job has ended."""

    code = "job_over"
    message = _("This job has already ended: %(state)s.")


class StillOpen(Conflict):
    """The job waits or runs."""

    code = "job_open"
    message = _("This job has not ended yet: %(state)s.")


class Unknown(Conflict):
    """No installed room declares the job."""

    code = "job_unknown"
    message = _("No installed part of the system knows this kind of job.")


def _locked(pk: int) -> Job:
    """Return the job, locked, if the current actor may manage it."""
    job: Job | None = Job.objects.allowed("jobs.job:manage").select_for_update(no_key=True).filter(pk=pk).first()
    if job is None:
        raise Missing
    return job


@act("jobs.job:cancel", right="", sentence=_("%(actor)s cancelled job %(target)s"))
def job_cancel(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> Job:
    """Cancel a job: at once when it waits, at its next safe point when it runs.

    Raises:
        Missing: not there, or neither the actor's own nor theirs to manage.
        AlreadyOver: it has ended.
    """
    job = _locked(pk)
    before = job.state
    if not job.is_open:
        raise AlreadyOver(state=job.get_state_display())
    job.cancel_requested = True
    if job.state in Job.WAITING:
        withdraw(job)
        job.state, job.finished_at, job.next_at = Job.State.CANCELLED, now, None
    job.save(update_fields=["cancel_requested", "state", "finished_at", "next_at"])
    trail.note(job, changes={"state": (before, job.state), "cancel_requested": (False, True)})
    return job


@act("jobs.job:retry", right="", sentence=_("%(actor)s started job %(target)s again"))
def job_retry(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> Job:
    """Start a failed or cancelled job again, with the same arguments, on behalf of whoever asked first.

    Raises:
        Missing: see `job_cancel`.
        StillOpen: it waits or runs, or is done.
    """
    job = _locked(pk)
    definition = definition_of(job.name)
    if definition is None:
        raise Unknown
    if job.state not in (Job.State.FAILED, Job.State.CANCELLED):
        raise StillOpen(state=job.get_state_display())
    before = job.state
    job.state, job.cancel_requested, job.failures, job.interruptions = Job.State.QUEUED, False, 0, 0
    job.finished_at, job.next_at, job.error = None, None, {}
    job.save(
        update_fields=["state", "cancel_requested", "failures", "interruptions", "finished_at", "next_at", "error"]
    )
    place(job, definition)
    trail.note(job, changes={"state": (before, job.state)})
    return job
