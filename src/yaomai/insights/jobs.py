"""Background work of this room."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yaomai.insights import services
from yaomai.kit.jobs import JobHandle, job


@job("insights.value_report", label=_("Customer value report"))
def make_value_report(*, job: JobHandle, report: int) -> dict[str, Any]:
    """Compute a report that was asked for."""
    made = services.value_report_fill(actor=job.actor, pk=report)
    return {"url": reverse("insights:valuereport_detail", args=[made.pk])}
