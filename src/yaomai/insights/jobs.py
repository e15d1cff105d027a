"""Background work of this room."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.insights import services
from yaomai.kit.jobs import JobHandle, job, periodic


@job("insights.value_report", label=_("Customer value report"))
def make_value_report(*, job: JobHandle, report: int) -> dict[str, Any]:
    """Compute a report that was asked for."""
    made = services.value_report_fill(actor=job.actor, pk=report)
    return {"url": reverse("insights:valuereport_detail", args=[made.pk])}


# Not atomic: the run must be seen while it works, and its files are whole or absent whatever happens.
@job("insights.outlook", label=_("Customer outlook"), exclusive_by="insights.outlook", atomic=False)
def compute_outlook(*, job: JobHandle, as_of: str) -> dict[str, Any]:
    """Compute what to expect of customers as of a day, and put it in force."""
    services.outlook_compute(actor=job.actor, as_of=date.fromisoformat(as_of), job=job)
    return {"url": reverse("insights:outlook_report")}


@periodic("40 4 3 * *", reason=_("What to expect of customers, after the month's sales flow"))
@job("insights.outlook_monthly", label=_("Customer outlook"), exclusive_by="insights.outlook", atomic=False)
def compute_outlook_monthly(*, job: JobHandle) -> dict[str, Any]:
    """Compute it as of today."""
    services.outlook_compute(actor=job.actor, as_of=timezone.localdate(), job=job)
    return {"url": reverse("insights:outlook_report")}


@job("insights.forecast", label=_("Sales forecast"), exclusive_by="insights.forecast", atomic=False)
def compute_forecast(*, job: JobHandle, as_of: str) -> dict[str, Any]:
    """Forecast sales as of a day, and put it in force."""
    services.forecast_compute(actor=job.actor, as_of=date.fromisoformat(as_of), job=job)
    return {"url": reverse("insights:forecast")}


@periodic("10 5 3 * *", reason=_("Sales forecast, after the month's sales flow"))
@job("insights.forecast_monthly", label=_("Sales forecast"), exclusive_by="insights.forecast", atomic=False)
def compute_forecast_monthly(*, job: JobHandle) -> dict[str, Any]:
    """Forecast sales as of today."""
    services.forecast_compute(actor=job.actor, as_of=timezone.localdate(), job=job)
    return {"url": reverse("insights:forecast")}
