"""Background work of this room."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.commerce.panels import first_month
from yaomai.insights import services
from yaomai.insights.models import Evaluation
from yaomai.insights.signals.presenting import month_of
from yaomai.insights.targets.selectors import focus_named
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


# Not atomic: as above.
@job("insights.quadrant", label=_("Target hospitals"), exclusive_by="insights.quadrant:{focus}:{reach}", atomic=False)
def compute_quadrants(*, job: JobHandle, focus: str, reach: str) -> dict[str, Any]:
    """Place the hospitals that the asker sees between growth and match; who sees the same shares the result."""
    chosen = focus_named(focus)
    run = services.quadrants_compute(actor=job.actor, focus=chosen, as_of=timezone.localdate(), job=job)
    return {**run.result, "url": f"{reverse('insights:quadrants')}?{urlencode({'focus': focus})}"}


@periodic("30 5 3 * *", reason=_("Target hospitals, after the month's sales flow"))
@job("insights.quadrant_monthly", label=_("Target hospitals"), exclusive_by="insights.quadrant", atomic=False)
def compute_quadrants_monthly(*, job: JobHandle) -> dict[str, Any]:
    """Compute anew what people had computed of late."""
    count = services.quadrants_renew(actor=job.actor, now=timezone.now(), job=job)
    return {"computed": count, "url": reverse("insights:quadrants")}


@job("insights.effect", label=_("Did it help?"))
def look_at_effect(*, job: JobHandle, check: int) -> dict[str, Any]:
    """Compute a look at an effect study that was asked for."""
    done = services.effect_check_fill(actor=job.actor, pk=check)
    return {"url": reverse("insights:effectstudy_detail", args=[done.study_id])}


@job("insights.event_assess", label=_("Impact of a policy event"), exclusive_by="insights.event:{event}")
def assess_event(*, job: JobHandle, event: int) -> dict[str, Any]:
    """Work out what a policy event means for every customer."""
    count = services.policy_event_assess(actor=job.actor, pk=event, now=timezone.now())
    return {"customers": count, "url": reverse("insights:policyevent_detail", args=[event])}


@job("insights.event_compare", label=_("What came of a policy event"), exclusive_by="insights.event:{event}")
def compare_event(*, job: JobHandle, event: int) -> dict[str, Any]:
    """Hold what came since a policy event against its range."""
    months = services.policy_event_compare(actor=job.actor, pk=event, now=timezone.now())
    return {"months": months, "url": reverse("insights:policyevent_detail", args=[event])}


@periodic("50 4 3 * *", reason=_("The month that ended is looked at for signals"))
@job("insights.signals", label=_("Signals in purchases"), exclusive_by="insights.signals", coalesce=True)
def find_purchase_signals(*, job: JobHandle, month: str = "") -> dict[str, Any]:
    """Look at a month such as 2026-10, by default the one that ended last."""
    today = timezone.localdate()
    asked = month_of(month, today=today) or first_month(today, 1)
    found = services.purchase_signals_find(actor=job.actor, month=asked, now=timezone.now())
    return {"found": found, "url": f"{reverse('insights:purchasesignal_list')}?state=open"}


@job("insights.evaluation", label=_("Figures of an evaluation"), exclusive_by="insights.evaluation:{evaluation}")
def compute_evaluation(*, job: JobHandle, evaluation: int) -> dict[str, Any]:
    """Compute the figures of an evaluation that was opened, or is to be brought up to date."""
    services.evaluation_compute(actor=job.actor, pk=evaluation, now=timezone.now())
    return {"url": reverse("insights:evaluation_detail", args=[evaluation])}


# Not atomic: what is opened, computed and measured stands on its own, whatever becomes of the rest.
@periodic("20 6 * * *", reason=_("Evaluations of what ended, figures of open ones, re-checks that are due"))
@job("insights.evaluations", label=_("Evaluations and re-checks"), exclusive_by="insights.evaluations", atomic=False)
def keep_evaluations(*, job: JobHandle) -> dict[str, Any]:
    """Open evaluations and reviews, bring open ones up to date, and measure again what is due."""
    now = timezone.now()
    today = timezone.localdate(now)
    services.evaluations_open(actor=job.actor, now=now)
    services.strategy_reviews_open(actor=job.actor, now=now)
    rows = list(Evaluation.unscoped.filter(state=Evaluation.State.OPEN).order_by("pk").values_list("pk", flat=True))
    due = services.improvements_to_measure(today)
    for place, pk in enumerate(rows):
        job.progress(place, len(rows) + len(due), _("Computing figures"))
        services.evaluation_compute(actor=job.actor, pk=pk, now=now)
    for pk in due:
        services.improvement_measure(actor=job.actor, pk=pk, now=now)
    return {"computed": len(rows), "measured": len(due), "url": reverse("insights:evaluation_list")}
