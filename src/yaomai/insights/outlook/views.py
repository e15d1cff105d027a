"""Screens of customer outlooks: one customer, one alert, one run, all runs."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yaomai.insights import services
from yaomai.insights.models import ChurnAlert, Outlook
from yaomai.insights.outlook import presenting, selectors
from yaomai.insights.outlook.forms import AlertForm
from yaomai.insights.outlook.policies import OutlookPolicy
from yaomai.insights.services.outlook import KIND
from yaomai.kit.access import Actor, get_visible, require, row_id
from yaomai.kit.errors import Missing
from yaomai.kit.phrases import Text
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.runs.models import Run
from yaomai.kit.runs.pages import facts_of, runs_page
from yaomai.kit.runs.selectors import run_get, run_in_force
from yaomai.kit.surfaces.small_forms import small_form
from yaomai.kit.surfaces.views import actor_of
from yaomai.kit.ui.tables import Column

VIEW, RUN, PUBLISH = (f"insights.outlook:{verb}" for verb in ("view", "run", "publish"))
GREEK = {"alpha": "α", "beta": "β", "gamma": "γ"}


@login_required
@require_safe
def outlook_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what to expect of one customer, and why."""
    actor, today = actor_of(request), timezone.localdate()
    row = get_visible(Outlook, pk=pk)
    alerts = ChurnAlert.objects.filter(institution=row.institution_id).order_by("-last_on")[:10]
    context = {
        "row": row,
        "why": presenting.explained(row, today=today),
        "days": presenting.days_span(row, today),
        "reasons": presenting.reason_texts(row.reasons),
        "risk": presenting.chance(row.p_away),
        "active": presenting.chance(row.p_active),
        "purchases_span": presenting.span(row.purchases_low, row.purchases_high),
        "value_span": presenting.span(row.value_low, row.value_high),
        "tone": presenting.TONES.get(row.alert, ""),
        "alerts": alerts if actor.may(ChurnAlert.right("view")) else [],
        "pending": selectors.pending_of(row.institution) if actor.may(ChurnAlert.right("edit")) else None,
        "away_days": row.run.result["away_days"],
        "crumbs": [(str(row), "")],
    }
    return render(request, "insights/outlook.html", context)


@login_required
@require_safe
def report_page(request: HttpRequest) -> HttpResponse:
    """Show the run in force."""
    actor = actor_of(request)
    require(actor, VIEW)
    run = run_in_force(KIND)
    if run is None:
        return render(
            request,
            "insights/outlook_none.html",
            {"ask_url": reverse("insights:outlook_request") if actor.may(RUN) else "", "crumbs": []},
        )
    return _run(request, run, actor)


@login_required
@require_safe
def run_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one run."""
    actor = actor_of(request)
    require(actor, VIEW)
    run = run_get(pk=pk)
    if run.kind != KIND:
        raise Missing
    return _run(request, run, actor)


def _run(request: HttpRequest, run: Run, actor: Actor) -> HttpResponse:
    policy, _version = policy_on(OutlookPolicy, on=run.as_of)
    result = run.result
    total = selectors.whole() if run.is_in_force else None
    context = {
        "run": run,
        "result": result,
        "policy": policy,
        "problem": presenting.both(result["problem"]) if "problem" in result else "",
        "warnings": [presenting.both(each) for each in result.get("warnings", ())],
        "total": total,
        "goal": policy.goal,
        "groups": [
            (_("By tier"), selectors.by_tier()), (_("By territory"), selectors.by_territory(actor))
        ] if total else [],
        "finding": presenting.method_finding(run) if "model" in result else "",
        "methods": presenting.method_rows(run),
        "amounts": presenting.amount_rows(run),
        "chart": presenting.calibration_chart(run),
        "calibration": presenting.calibration_rows(run),
        "outcomes": selectors.outcomes() if run.is_in_force and actor.may(ChurnAlert.right("view")) else [],
        "facts": _facts(run),
        "policy_url": reverse("policies:policy_detail", args=[OutlookPolicy.name]),
        "ask_url": reverse("insights:outlook_request") if actor.may(RUN) and run.is_in_force else "",
        "may_publish": actor.may(PUBLISH) and run.state == Run.State.FINISHED and not run.is_in_force,
        "instead_of": getattr(run_in_force(KIND), "pk", ""),
        "crumbs": [(str(run), "")],
    }  # fmt: skip
    return render(request, "insights/outlook_run.html", context)


def _facts(run: Run) -> list[tuple[Text, Any]]:
    result = run.result
    read = (_("Sales flow from – to"), f"{result.get('first_on', '–')} – {result.get('until', '–')}")
    if "model" not in result:
        return facts_of(run, read)
    return facts_of(
        run, read,
        (_("Method of orders"), presenting.method_name(result["model"])),
        (_("Method of loss"), presenting.method_name(result["losing"])),
        (_("Parameters (per week)"), ", ".join(f"{GREEK.get(name, name)} = {value:.4g}" for name, value in result["parameters"].items())),
    )  # fmt: skip


@login_required
@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    """List the runs, newest first."""
    return runs_page(
        request, KIND, title=_("Runs of customer outlooks"),
        reason=_("On the third of each month after the sales flow, and whenever somebody asks; equal inputs give the same run."),
        page="insights:outlook_run", ask="insights:outlook_request",
        shown=[
            (Column("customers", _("Customers"), "number"), lambda run: run.result.get("customers")),
            (Column("method", _("Method")), lambda run: presenting.method_name(run.result.get("model", "")) or None),
        ],
    )  # fmt: skip


@login_required
@require_POST
def request_run(request: HttpRequest) -> HttpResponse:
    """Ask for a run as of today and show the job."""
    job = services.outlook_request(actor=actor_of(request), as_of=timezone.localdate(), now=timezone.now())
    return HttpResponseRedirect(reverse("jobs:job_detail", args=[job.pk]))


@login_required
@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a run in force."""
    services.outlook_publish(
        actor=actor_of(request), pk=pk, now=timezone.now(), instead_of=row_id(request.POST.get("instead_of", ""))
    )
    return HttpResponseRedirect(reverse("insights:outlook_report"))


@login_required
@require_safe
def alert_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one alert and what became of it."""
    actor, today = actor_of(request), timezone.localdate()
    row = get_visible(ChurnAlert, pk=pk)
    outlook = selectors.outlook_of(row.institution) if actor.may(VIEW) else None
    context = {
        "row": row,
        "reasons": presenting.reason_texts(row.reasons),
        "tone": presenting.TONES.get(row.level, ""),
        "why": presenting.explained(outlook, today=today) if outlook is not None else None,
        "risk": presenting.chance(row.p_away),
        "may_record": row.state in ChurnAlert.PENDING and actor.may(ChurnAlert.right("edit")),
        "crumbs": [(str(row), "")],
    }
    return render(request, "insights/alert.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def alert_record(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what was done about an alert."""
    actor, now = actor_of(request), timezone.now()
    require(actor, ChurnAlert.right("edit"))
    row = get_visible(ChurnAlert, pk=pk)
    back = reverse("insights:churnalert_detail", args=[pk])
    return small_form(
        request,
        AlertForm(request.POST or None, initial={"state": ChurnAlert.State.CONTACTED}),
        title=_("Record what was done"),
        note=f"{row.institution} · {'；'.join(presenting.reason_texts(row.reasons))}",
        back=back,
        write=lambda told: services.alert_record(actor=actor, now=now, pk=pk, **told),
        done=_("Saved."),
        crumbs=[(str(row), back), (_("Record what was done"), "")],
    )
