"""Plans of a person: computed with progress, looked at, compared, put before whoever decides; what moves after a disturbance."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yaomai.kit.access import get_visible, require, row_id
from yaomai.kit.errors import Conflict, Missing
from yaomai.kit.surfaces.small_forms import small_form
from yaomai.kit.surfaces.views import actor_of
from yaomai.kit.ui import formats
from yaomai.organization.models import Person
from yaomai.planning import comparing, rules, services, showing
from yaomai.planning.forms import PlanForm, ReplanForm, SubmitForm
from yaomai.planning.models import Plan, PlannedVisit, Replan
from yaomai.planning.policies import DayPolicy

both = require_http_methods(["GET", "HEAD", "POST"])
PLAN, VISIT = "planning.plan", "planning.plannedvisit"


@login_required
@both
def plan_new(request: HttpRequest) -> HttpResponse:
    """Ask for a plan of oneself or of somebody whom one plans for."""
    actor, today = actor_of(request), timezone.localdate()
    require(actor, f"{PLAN}:create")
    people = showing.people_in_view(actor) if actor.may(f"{PLAN}:manage") else []
    form = PlanForm(
        request.POST or None,
        initial={
            "owner": row_id(request.GET.get("person", "")) or actor.person_id,
            "begins_on": today + timedelta(days=1),
            "last_on": rules.next_month(today.replace(day=1), 3) - timedelta(days=1),
        },
    )
    if people:
        form.fields["owner"].queryset = Person.unscoped.filter(pk__in=[each.pk for each in people])  # type: ignore[attr-defined]
    else:
        del form.fields["owner"], form.fields["everybody"]

    def write(values: dict[str, Any]) -> Any:
        told = {
            "actor": actor, "now": timezone.now(), "begins_on": values["begins_on"],
            "ends_on": values["last_on"] + timedelta(days=1), "reason": values["reason"],
        }  # fmt: skip
        if values.get("everybody"):
            return services.plans_create(**told, owners=people)
        return services.plan_create(**told, owner=values.get("owner"))

    return small_form(
        request, form, title=_("Compute a plan"), back=reverse("planning:plan_list"), submit=_("Compute"),
        note=_("Duties of the tiers, clinic times, leave, ways and capacity are weighed; it takes less than half a minute."),
        write=write,
        onward=lambda made: reverse("planning:plan_list")
        if isinstance(made, list)
        else reverse("planning:plan_detail", args=[made.pk]),
    )  # fmt: skip


def _language() -> str:
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


@login_required
@require_safe
def plan_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a plan: how good it is, what does not fit and what would help, what changes against another version."""
    actor = actor_of(request)
    require(actor, f"{PLAN}:view")
    plan = get_visible(Plan, pk=pk)
    versions = list(Plan.objects.filter(owner=plan.owner_id).exclude(pk=pk).order_by("-number")[:20])
    other = _other(request, plan, versions)
    is_own = plan.owner_id == actor.person_id or actor.may(f"{PLAN}:manage")
    context = {
        "plan": plan,
        "last_on": plan.ends_on - timedelta(days=1),
        "figures": plan.figures,
        "fill": _fill(plan),
        "gap_text": formats.percent(plan.figures.get("gap", 0), 1),
        "way_text": _("%(hours)s h") % {"hours": formats.grouped(plan.figures.get("hours", 0))},
        "advice": plan.advice.get(_language(), []) if isinstance(plan.advice, dict) else [],
        "unplaced": comparing.unplaced(plan),
        "weeks": comparing.weeks(plan),
        "other": other,
        "versions": versions,
        "changes": comparing.changes(other, plan) if other is not None and plan.figures else None,
        "may_edit": is_own and actor.may(f"{PLAN}:edit"),
        "job": plan.job,
        "policy_url": reverse("policies:policy_detail", args=[DayPolicy.name]),
        "calendar_url": f"{reverse('planning:calendar')}?person={plan.owner_id}&day={plan.begins_on.isoformat()}"
        + (f"&plan={plan.pk}" if plan.state != Plan.State.IN_FORCE else ""),
        "crumbs": [(str(plan), "")],
    }
    return render(request, "planning/plan.html", context)


def _other(request: HttpRequest, plan: Plan, versions: list[Plan]) -> Plan | None:
    """Return the version to compare with: the one asked for, else the one in force, else the one before."""
    key = row_id(request.GET.get("with", ""))
    chosen = next((each for each in versions if each.pk == key), None)
    computed = [each for each in versions if each.figures]
    in_force = next((each for each in computed if each.state == Plan.State.IN_FORCE), None)
    return chosen or in_force or next((each for each in computed if each.number < plan.number), None)


def _fill(plan: Plan) -> float:
    duties = plan.figures.get("duties") or 0
    return plan.figures["placed"] / duties if duties else 1.0


@login_required
@require_safe
def plan_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer how far the computation is; when it is over, the page is loaded anew."""
    require(actor_of(request), f"{PLAN}:view")
    plan = get_visible(Plan, pk=pk)
    response = render(request, "planning/progress.html", {"plan": plan, "job": plan.job})
    if plan.state != Plan.State.COMPUTING:
        response["HX-Refresh"] = "true"
    return response


def _step(request: HttpRequest, pk: int, service: Any) -> HttpResponse:
    actor = actor_of(request)
    get_visible(Plan, pk=pk)
    try:
        service(actor=actor, pk=pk, now=timezone.now())
    except Conflict as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("planning:plan_detail", args=[pk]))


@login_required
@require_POST
def plan_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the best plan so far."""
    require(actor_of(request), f"{PLAN}:create")
    return _step(request, pk, services.plan_stop)


@login_required
@require_POST
def plan_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a submitted plan back."""
    require(actor_of(request), f"{PLAN}:edit")
    return _step(request, pk, services.plan_withdraw)


@login_required
@require_POST
def plan_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a draft away."""
    require(actor_of(request), f"{PLAN}:edit")
    return _step(request, pk, services.plan_discard)


@login_required
@both
def plan_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a draft before whoever decides."""
    actor = actor_of(request)
    require(actor, f"{PLAN}:edit")
    plan = get_visible(Plan, pk=pk)
    back = reverse("planning:plan_detail", args=[pk])
    form = SubmitForm(request.POST or None, initial={"reason": plan.reason})
    return small_form(
        request, form, title=_("Submit for approval"), note=str(plan), back=back, submit=_("Submit"),
        write=lambda values: services.plan_submit(actor=actor, pk=pk, now=timezone.now(), **values),
        done=_("Submitted: whoever approves plans there finds it in Today."),
    )  # fmt: skip


# After a disturbance ---------------------------------------------------------------------------------------------------


@login_required
@both
def replan_new(request: HttpRequest) -> HttpResponse:
    """Say what happened, and get a proposal of what moves."""
    actor = actor_of(request)
    require(actor, f"{VISIT}:edit")
    key = row_id(request.GET.get("visit", ""))
    visit = PlannedVisit.objects.filter(pk=key).select_related("owner").first() if key else None
    owner = visit.owner if visit is not None else _person(request)
    initial = {"kind": Replan.Kind.FELL_OUT if visit is not None else Replan.Kind.ILL}
    form = ReplanForm(request.POST or None, initial=initial)
    kinds = form.fields["kind"]
    hidden = {"new_customer", "ill"} if visit is not None else {"fell_out", "customer_away"}
    kinds.choices = [pair for pair in Replan.Kind.choices if pair[0] not in hidden]  # type: ignore[attr-defined]
    return small_form(
        request, form, title=_("Plan again"), back=reverse("planning:calendar"), submit=pgettext("replan", "Propose"),
        note=str(visit) if visit is not None else _("Only what has to moves; you see it before anything changes."),
        write=lambda values: services.replan_propose(
            actor=actor, now=timezone.now(), owner=owner, visit=visit.pk if visit is not None else None, **values
        ),
        onward=lambda row: reverse("planning:replan", args=[row.pk]),
    )  # fmt: skip


def _person(request: HttpRequest) -> Person | None:
    key = row_id(request.GET.get("person", ""))
    return next((each for each in showing.people_in_view(actor_of(request)) if each.pk == key), None)


@login_required
@require_safe
def replan_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a proposal: what moves, from where to where, and why."""
    actor = actor_of(request)
    require(actor, f"{PLAN}:view")
    row = get_visible(Replan, pk=pk)
    today = timezone.localdate()
    moves = [
        {
            **move,
            "before": _when(move["before"], today),
            "after": _when(move["after"], today),
            "why": services.WHY[move["why"]],
            "icon": showing.ICONS.get(move["activity"], "point"),
        }
        for move in sorted(row.moves, key=lambda move: (move["after"] or move["before"] or ["9"])[0])
    ]
    context = {
        "row": row,
        "moves": moves,
        "dropped": sum(move["after"] == "" for move in moves),
        "last_on": row.until - timedelta(days=1),
        "is_open": row.state == Replan.State.PROPOSED,
        "may_edit": (row.owner_id == actor.person_id or actor.may(f"{PLAN}:manage")) and actor.may(f"{VISIT}:edit"),
        "calendar_url": f"{reverse('planning:calendar')}?person={row.owner_id}&day={row.since.isoformat()}",
        "crumbs": [(_("Calendar"), reverse("planning:calendar")), (_("Plan again"), "")],
    }
    return render(request, "planning/replan.html", context)


def _when(told: list[str] | None, today: date) -> str:
    return f"{formats.day(date.fromisoformat(told[0]), today=today)} {told[1]}".strip() if told is not None else ""


def _decided(request: HttpRequest, pk: int, service: Any, words: str) -> HttpResponse:
    actor = actor_of(request)
    require(actor, f"{VISIT}:edit")
    row = Replan.objects.filter(pk=pk).first()
    if row is None:
        raise Missing
    try:
        service(actor=actor, pk=pk, now=timezone.now())
    except Conflict as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("planning:replan", args=[pk]))
    messages.success(request, words)
    return HttpResponseRedirect(f"{reverse('planning:calendar')}?person={row.owner_id}&day={row.since.isoformat()}")


@login_required
@require_POST
def replan_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Move the visits as proposed."""
    return _decided(request, pk, services.replan_accept, _("The calendar is as proposed now."))


@login_required
@require_POST
def replan_dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave the calendar as it is."""
    return _decided(request, pk, services.replan_dismiss, _("The calendar stays as it was."))
