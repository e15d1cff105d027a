"""What is owed: one's own list, the team's compliance, and a day for a duty."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from yaomai.kit.access import get_visible, require
from yaomai.kit.surfaces.small_forms import row_form, small_form
from yaomai.kit.surfaces.views import actor_of
from yaomai.kit.ui import formats
from yaomai.kit.ui.charts import Chart, Series
from yaomai.kit.ui.tables import Column, Row, Table
from yaomai.planning import checks, problems, selectors, services, showing, tracking
from yaomai.planning.calendar_views import person_asked
from yaomai.planning.forms import DayForm, MissedForm, NoteForm
from yaomai.planning.models import Activity, DutyState, MissedReason, PlannedVisit, ServiceDuty
from yaomai.planning.policies import CadencePolicy
from yaomai.segmentation.selectors import schemes

DUTY = "planning.serviceduty"
MOST = 10
SUGGESTIONS = 5


@login_required
@require_safe
def due(request: HttpRequest) -> HttpResponse:
    """Show what a person owes now: overdue, this week, then; each with its reason and its day."""
    actor, today = actor_of(request), timezone.localdate()
    require(actor, f"{DUTY}:view")
    people = showing.people_in_view(actor)
    person = person_asked(request, people)
    policy = selectors.cadence_policy(today)
    open_ = selectors.open_duties(owner=person.pk if person is not None else 0)
    soon = today + timedelta(days=policy.soon_days + 1)
    groups = [
        (_("Overdue"), open_.filter(window_to__lte=today), "bad"),
        (_("Due within %(days)s days") % {"days": policy.soon_days}, open_.filter(window_to__gt=today, window_to__lte=soon, window_from__lte=today), "warn"),
        (_("Open now, due later"), open_.filter(window_to__gt=soon, window_from__lte=today), ""),
    ]  # fmt: skip
    without = ServiceDuty.objects.filter(
        owner=person, state=DutyState.MISSED, missed_reason="", window_to__gt=today - timedelta(days=60)
    ).select_related("institution", "professional").order_by("-window_to", "pk")  # fmt: skip
    since, until = tracking.quarter_of(today)
    mine = ServiceDuty.objects.filter(owner=person)
    made = tracking.callbacks([person.pk], today=today).get(person.pk, 0) if person is not None else 0
    context = {
        "person": person,
        "people": [(each, f"?person={each.pk}") for each in people],
        "groups": [
            {"label": label, "tone": tone, "count": rows.count(), "rows": _shown(rows[:MOST])}
            for label, rows, tone in groups
        ],
        "without": _shown(without[:MOST]),
        "without_count": without.count(),
        "compliance": tracking.total(mine, since=since, until=until, today=today),
        "rate": _rate(tracking.total(mine, since=since, until=until, today=today)),
        "callbacks": made,
        "callbacks_goal": policy.callbacks,
        "may_edit": person is not None
        and actor.may(f"{DUTY}:edit")
        and (person.pk == actor.person_id or actor.may(f"{DUTY}:manage")),
        "list_url": f"{reverse('planning:serviceduty_list')}?owner={person.pk if person else 0}&state=open",
        "policy_url": reverse("policies:policy_detail", args=[CadencePolicy.name]),
    }
    return render(request, "planning/due.html", context)


def _rate(found: tracking.Compliance) -> str:
    return formats.percent(found.rate, 0) if found.rate is not None else "–"


def _shown(duties: Any) -> list[dict[str, Any]]:
    """Return duties with their tier and the day they are planned for."""
    rows = list(duties)
    planned = {
        visit.duty_id: visit
        for visit in PlannedVisit.objects.filter(duty__in=[row.pk for row in rows], state="planned")
    }
    return [shown | {"visit": planned.get(shown["duty"].pk)} for shown in showing.unplanned(rows)]


@login_required
@require_safe
def compliance(request: HttpRequest) -> HttpResponse:
    """Show how many duties were done in time, by person, territory, tier or activity, and why others were missed."""
    actor, today = actor_of(request), timezone.localdate()
    require(actor, f"{DUTY}:view")
    by = request.GET.get("by", "owner")
    by = by if by in tracking.BY else "owner"
    since, until = tracking.quarter_of(today)
    if request.GET.get("quarter") == "last":
        since, until = tracking.quarter_of(since - timedelta(days=1))
    rows = ServiceDuty.objects.all()
    found = tracking.compliance(rows, by, since=since, until=until, today=today)
    whole = tracking.total(rows, since=since, until=until, today=today)
    why = tracking.reasons(rows, since=since, until=until)
    context = {
        "whole": whole,
        "rate": _rate(whole),
        "lost": whole.missed + whole.overdue,
        "table": _table(found, by),
        "reasons": _reasons(why),
        "since": since,
        "last_on": until - timedelta(days=1),
        "tabs": [
            {"label": label, "url": f"?by={code}&quarter={request.GET.get('quarter', '')}", "is_active": code == by}
            for code, label in (
                ("owner", _("By person")),
                ("territory", _("By territory")),
                ("tier", _("By tier")),
                ("activity", _("By activity")),
            )
        ],
        "is_last": request.GET.get("quarter") == "last",
        "by": by,
        "policy_url": reverse("policies:policy_detail", args=[CadencePolicy.name]),
    }
    return render(request, "planning/compliance.html", context)


def _table(found: list[tracking.Compliance], by: str) -> Table:
    words = _words(by)
    return Table(
        caption=_("Duties whose window ended"),
        columns=[
            Column("name", {"owner": _("Person"), "territory": _("Territory"), "tier": _("Tier"), "activity": _("Activity")}[by]),
            Column("due", _("Due"), "number"),
            Column("on_time", _("Done in time"), "number"),
            Column("late", _("Done late"), "number"),
            Column("missed", str(DutyState.MISSED.label), "number"),
            Column("overdue", _("Overdue"), "number"),
            Column("rate", _("Done"), "percent"),
        ],
        rows=[
            Row(
                cells=(words(each), each.due, each.on_time, each.late, each.missed, each.overdue, each.rate),
                key=str(number),
                url=f"{reverse('planning:due')}?person={each.key}" if by == "owner" and each.key else "",
            )
            for number, each in enumerate(found)
        ],
    )  # fmt: skip


def _words(by: str) -> Any:
    if by == "activity":
        return lambda each: str(Activity(each.key).label)
    if by == "tier":
        names = {
            (scheme.name, tier.name): f"{scheme.label} · {scheme.tier_label(tier.name)}"
            for scheme in schemes(None)
            for tier in scheme.spec.tiers
        }
        return lambda each: names.get((each.key, each.name), _("Entered by hand or next steps"))
    nobody = _("Owed by nobody") if by == "owner" else _("Without a territory")
    return lambda each: each.name or nobody


def _reasons(why: list[tuple[str, int]]) -> Chart | None:
    if not why:
        return None
    said = [(str(MissedReason(code).label) if code else _("No reason said yet"), count) for code, count in why]
    return Chart(
        kind="rank",
        finding=_("Missed most often because: %(reason)s") % {"reason": said[0][0]},
        labels=[label for label, _count in said],
        series=[Series(_("Duties"), [float(count) for _label, count in said])],
        height="small",
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def duty_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a duty its day; free half-days on which the customer can be met are offered first."""
    actor, today = actor_of(request), timezone.localdate()
    require(actor, "planning.plannedvisit:create")
    duty = get_visible(ServiceDuty, pk=pk)
    free = free_halves(duty, today=today)
    form = DayForm(request.POST or None, initial={"slot": f"{free[0][0]}/{free[0][1]}" if free else ""})
    form.fields["slot"].choices = [  # type: ignore[attr-defined]
        (f"{day}/{half}", f"{formats.day(day, today=today)} {label}") for day, half, label in free
    ] + [("", _("Another day"))]
    policy = selectors.cadence_policy(today)
    topic, result = policy.topic(duty.scheme, duty.tier, duty.activity)

    def write(values: dict[str, Any]) -> PlannedVisit:
        day, half = values["day"], values["half"] or "am"
        if values["slot"]:
            text, half = values["slot"].split("/")
            day = date.fromisoformat(text)
        visit: PlannedVisit = services.visit_create(
            actor=actor, now=timezone.now(), institution=duty.institution, professional=duty.professional,
            owner=duty.owner, activity=duty.activity, day=day, duty=duty.pk, objective=(duty.task or topic)[:200],
            expected_result=result, half=half,
        )  # fmt: skip
        return visit

    return small_form(
        request, form, title=_("Plan it"), note=f"{duty.customer} · {duty.get_activity_display()}",
        back=reverse("planning:due"), submit=_("Plan it"), write=write,
        onward=lambda row: f"{reverse('planning:calendar')}?person={row.owner_id}&day={row.day.isoformat()}",
    )  # fmt: skip


def free_halves(duty: ServiceDuty, *, today: date) -> list[tuple[date, str, str]]:
    """Return the next half-days on which the customer of a duty can be met and its owner has room (C16)."""
    if duty.owner is None:
        return []
    since, until = max(today, duty.window_from), max(duty.window_to, today + timedelta(days=14))
    days = problems.workdays(since, min(until, since + timedelta(days=40)))
    if not days:
        return []
    visit = PlannedVisit(
        owner=duty.owner, institution_id=duty.institution_id, professional_id=duty.professional_id,
        activity=duty.activity, duty=duty, day=days[0],
    )  # fmt: skip
    found = checks.breaks(visit, days, today=today)
    labels = {0: _("Morning"), 1: _("Afternoon")}
    free = [
        (day, problems.HALVES[half], labels[half])
        for (day, half), words in found.items()
        if not words or words == [_("Outside the window of the duty")]
    ]
    return free[:SUGGESTIONS]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def duty_miss(request: HttpRequest, pk: int) -> HttpResponse:
    """Say why a duty was missed."""
    require(actor_of(request), f"{DUTY}:edit")
    duty = get_visible(ServiceDuty, pk=pk)
    form = MissedForm(request.POST or None)
    return row_form(request, duty, form, title=_("Could not be done"), service=services.duty_miss)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def duty_waive(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a duty back."""
    require(actor_of(request), f"{DUTY}:manage")
    duty = get_visible(ServiceDuty, pk=pk)
    form = NoteForm(request.POST or None)
    return row_form(request, duty, form, title=_("No longer owed"), service=services.duty_waive)
