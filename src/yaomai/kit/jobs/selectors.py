"""Read jobs as the actor may see them."""

from yaomai.kit.access import get_visible
from yaomai.kit.jobs.models import Job

PAGE = 50


def job_list(*, state: str = "", before: int | None = None) -> list[Job]:
    """Return a page of the jobs in the current actor's view, newest first; one more than `PAGE` when more follow.

    Args:
        state: "open" for what waits or runs, else one of the states; empty for all.
        before: id of the last job of the page before.
    """
    rows = Job.objects.select_related("owner").order_by("-pk")
    if state == "open":
        rows = rows.filter(state__in=Job.OPEN)
    elif state in Job.State.values:
        rows = rows.filter(state=state)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows[: PAGE + 1])


def job_get(*, pk: int) -> Job:
    """Return one job in the current actor's view.

    Raises:
        Missing: there is none, or it is somebody else's.
    """
    return get_visible(Job, pk=pk)


def may_manage(job: Job) -> bool:
    """Tell whether the current actor may cancel or repeat the job."""
    return Job.objects.allowed("jobs.job:manage").filter(pk=job.pk).exists()
