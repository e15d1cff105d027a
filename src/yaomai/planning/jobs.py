"""Background work of this room."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.engine.planning.solving import Progress
from yaomai.kit.jobs import JobHandle, job, periodic
from yaomai.planning import services


@periodic("40 4 * * *", reason=_("Duties follow from the tiers of the day"))
@job("planning.duties", label=_("Laying out service duties"), exclusive_by="planning.duties")
def lay_out_duties(*, job: JobHandle) -> dict[str, Any]:
    """Lay out the duties of the tiers in force, and count as missed what is overdue for too long."""
    now = timezone.now()
    laid = services.duties_lay_out(actor=job.actor, now=now)
    missed = services.duties_settle(actor=job.actor, now=now)
    return {"made": laid.made, "changed": laid.changed, "withdrawn": laid.withdrawn, "missed": missed}


# Not atomic: the plan is seen while it is computed, and is whole or absent whatever happens.
@job("planning.compute", label=_("Computing a plan"), exclusive_by="planning.compute:{plan}", atomic=False, retries=0)
def compute_plan(*, job: JobHandle, plan: int) -> dict[str, Any]:
    """Compute a plan; whoever stops it keeps the best so far."""

    def told(progress: Progress, seconds: float) -> None:
        job.progress(
            min(99, round(100 * progress.seconds / seconds)), 100,
            _("%(placed)s of %(duties)s visits have a place; %(gap)s %% below the bound"), placed=progress.placed,
            duties=progress.duties, gap=f"{100 * progress.gap:.1f}",
        )  # fmt: skip

    try:
        made = services.plan_compute(plan, on_progress=told)
    except BaseException:
        services.plan_failed(plan, timezone.now())
        raise
    return {"url": reverse("planning:plan_detail", args=[made.pk])}
