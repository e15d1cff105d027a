"""`{% job_progress job %}`: how far a job is, on any screen; it follows the job until the end."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from yaomai.kit.jobs.models import Job

register = template.Library()

STATES = {
    Job.State.QUEUED: "running",
    Job.State.RETRYING: "running",
    Job.State.RUNNING: "running",
    Job.State.DONE: "done",
    Job.State.FAILED: "failed",
    Job.State.CANCELLED: "cancelled",
}


@register.inclusion_tag("jobs/parts/progress.html")
def job_progress(job: Job) -> dict[str, Any]:
    """Draw the progress of a job, with its message or error and a link to it."""
    return {
        "job": job,
        "state": STATES[Job.State(job.state)],
        # What a job did last is no news once it is done.
        "message": _waiting(job) if job.state == Job.State.DONE else job.message_text or _waiting(job),
        "poll_url": reverse("jobs:job_progress", args=[job.pk]),
        "result_url": job.result.get("url", "") if job.state == Job.State.DONE else "",
    }


def _waiting(job: Job) -> str:
    if job.cancel_requested and job.is_open:
        return _("Stopping at the next safe point…")
    if job.state == Job.State.RETRYING:
        return _("Will try again in a moment.")
    return str(job.get_state_display())
