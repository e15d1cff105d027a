"""What background work brings to boards: what failed."""

from datetime import timedelta
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.kit.dashboards.links import leads_to
from yaomai.kit.dashboards.registry import Asked, Card, Reading, register_card
from yaomai.kit.jobs.models import Job

RECENT = timedelta(days=7)


def register() -> None:
    """Register the card."""
    register_card(
        Card(
            key="jobs.failed", label=gettext_lazy("Jobs that failed"), right="jobs.job:manage", good_when="down",
            question=gettext_lazy("Background work of the last seven days that was given up."), compute=_failed, order=720,
            next_step=leads_to(gettext_lazy("Look at the jobs"), "jobs:job_list"),
        )
    )  # fmt: skip


def _failed(asked: Asked) -> Reading:
    failed = Job.objects.filter(state=Job.State.FAILED, finished_at__gte=asked.now - RECENT)
    last = failed.order_by("-finished_at").first()
    said = _("Last: %(job)s") % {"job": last} if last is not None else _("None in seven days.")
    return Reading(Decimal(failed.count()), reason=said, as_of=asked.now)
