"""Screens of background work."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yaomai.kit.access import current_actor, row_id
from yaomai.kit.jobs import selectors, services
from yaomai.kit.jobs.models import Job
from yaomai.kit.jobs.queue import workers


def _tabs(state: str) -> list[dict[str, object]]:
    choices = [("", _("All")), ("open", _("Waiting or running")), ("failed", _("Failed")), ("done", _("Done"))]
    base = reverse("jobs:job_list")
    return [
        {"label": label, "url": f"{base}?state={code}" if code else base, "is_active": code == state}
        for code, label in choices
    ]


@require_GET
def job_list(request: HttpRequest) -> HttpResponse:
    """List jobs, newest first."""
    state, before = request.GET.get("state", ""), request.GET.get("before", "")
    jobs = selectors.job_list(state=state, before=row_id(before))
    page = jobs[: selectors.PAGE]
    following = urlencode({"state": state, "before": page[-1].pk}) if len(jobs) > len(page) else ""
    context = {
        "jobs": page,
        "tabs": _tabs(state),
        "next_url": f"?{following}" if following else "",
        "is_working": workers(now=timezone.now()) > 0,
        "sees_all": current_actor().may("jobs.job:view"),
    }
    return render(request, "jobs/list.html", context)


@require_GET
def job_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one job and what can be done with it."""
    job = selectors.job_get(pk=pk)
    context = {"job": job, "may_manage": selectors.may_manage(job), "pairs": _facts(job)}
    return render(request, "jobs/detail.html", context)


def _facts(job: Job) -> list[tuple[str, object]]:
    pairs: list[tuple[str, object]] = [
        (_("State"), job.get_state_display()),
        (_("Asked by"), job.asked_by),
        (_("Asked"), job.created_at),
        (_("Started"), job.started_at),
        (_("Ended"), job.finished_at),
        (_("Attempts"), job.attempts),
    ]
    if job.next_at is not None:
        pairs.append((_("Next try"), job.next_at))
    if job.interruptions:
        pairs.append((_("Interrupted"), job.interruptions))
    return pairs


@require_GET
def job_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the progress part, which asks again while the job is open; its end shows in the whole page."""
    job = selectors.job_get(pk=pk)
    response = render(request, "jobs/progress.html", {"job": job})
    if not job.is_open:
        response.headers["HX-Refresh"] = "true"
    return response


@require_POST
def job_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a job."""
    job: Job = services.job_cancel(actor=current_actor(), pk=pk, now=timezone.now())
    if job.is_open:
        messages.info(request, _("The job stops at its next safe point."))
    else:
        messages.success(request, _("The job is cancelled."))
    return redirect("jobs:job_detail", pk=pk)


@require_POST
def job_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Start an ended job again."""
    services.job_retry(actor=current_actor(), pk=pk, now=timezone.now())
    messages.success(request, _("The job starts again."))
    return redirect("jobs:job_detail", pk=pk)
