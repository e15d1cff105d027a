"""The calendar: month, week and day of a person, with what breaks where a visit is dropped; the way of a day."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from yaomai.kit.access import get_visible, require, row_id
from yaomai.kit.errors import Invalid
from yaomai.kit.surfaces.small_forms import row_form, small_form
from yaomai.kit.surfaces.views import actor_of
from yaomai.kit.ui import formats
from yaomai.organization.models import Person
from yaomai.planning import checks, selectors, services, showing
from yaomai.planning.forms import MissedForm, MoveForm, NoteForm
from yaomai.planning.models import ON_SITE, Plan, PlannedVisit
from yaomai.planning.policies import DayPolicy

VIEW, EDIT = "planning.plannedvisit:view", "planning.plannedvisit:edit"
VIEWS = ("month", "week", "day")
MOST_UNPLANNED = 8
MOST_WRONG = 2


def day_asked(request: HttpRequest, name: str = "day") -> date:
    """Return the day of an address; today without one or when it is none."""
    try:
        found = date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return timezone.localdate()
    return found if 2000 <= found.year <= 2100 else timezone.localdate()


def person_asked(request: HttpRequest, people: list[Person]) -> Person | None:
    """Return whose calendar an address asks for, of those in view; by default one's own, else the first."""
    key = row_id(request.GET.get("person", "")) or actor_of(request).person_id
    return next((person for person in people if person.pk == key), people[0] if people else None)


def period(view: str, day: date) -> tuple[date, date]:
    """Return what a view of a day shows, half-open."""
    if view == "day":
        return day, day + timedelta(days=1)
    if view == "month":
        return showing.month_grid(day)
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=7)


def _beside(view: str, day: date, forward: bool) -> date:
    if view == "day":
        return day + timedelta(days=1 if forward else -1)
    if view == "week":
        return day + timedelta(days=7 if forward else -7)
    first = day.replace(day=1)
    return (first + timedelta(days=32)).replace(day=1) if forward else (first - timedelta(days=1)).replace(day=1)


@login_required
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Show the calendar of a person: what is planned, where one does not work, what has no place yet."""
    actor, today = actor_of(request), timezone.localdate()
    require(actor, VIEW)
    people = showing.people_in_view(actor)
    person, day = person_asked(request, people), day_asked(request)
    view = request.GET.get("view", "week")
    view = view if view in VIEWS else "week"
    since, until = period(view, day)
    visits = list(selectors.visits_of(person.pk, since=since, until=until)) if person is not None else []
    draft = _draft(request, person)
    lines = list(
        draft.lines.filter(day__gte=since, day__lt=until, duty__isnull=False)
        .select_related("institution", "professional", "duty").order_by("day", "order")
    ) if draft is not None else []  # fmt: skip
    days = showing.days_shown(
        visits, lines, since=since, until=until, today=today, person=person.pk if person else None,
        month=day.month if view == "month" else 0,
    )  # fmt: skip
    duties = (
        selectors.open_duties(owner=person.pk, before=max(until, today + timedelta(days=1)))
        .filter(activity__in=ON_SITE).exclude(visits__state="planned")
        if person is not None else selectors.open_duties().none()
    )  # fmt: skip
    in_force = Plan.objects.filter(owner=person, state=Plan.State.IN_FORCE).first() if person is not None else None

    def url(**changes: Any) -> str:
        asked = {"view": view, "day": day.isoformat()} | ({"person": person.pk} if person is not None else {}) | changes
        return f"{reverse('planning:calendar')}?" + "&".join(f"{name}={value}" for name, value in asked.items())

    context = {
        "view": view,
        "day": day,
        "days": days,
        "weeks": [days[start : start + 7] for start in range(0, len(days), 7)],
        "person": person,
        "people": [(each, url(person=each.pk)) for each in people],
        "count": sum(shown.count for shown in days),
        "previous": url(day=_beside(view, day, False).isoformat()),
        "next": url(day=_beside(view, day, True).isoformat()),
        "today_url": url(day=today.isoformat()),
        "title": _title(view, day, since, until, today),
        "tabs": [
            {"label": label, "url": url(view=code), "is_active": code == view}
            for code, label in (
                ("month", pgettext("calendar", "Month")),
                ("week", pgettext("calendar", "Week")),
                ("day", pgettext("calendar", "Day")),
            )
        ],
        "route": showing.route_of(visits, today=today) if view == "day" else None,
        "unplanned": showing.unplanned(list(duties[:MOST_UNPLANNED])),
        "unplanned_count": duties.count(),
        "plan": in_force,
        "advice": _advice(in_force),
        "draft": draft,
        "is_provisional": any(shown.is_provisional for shown in days),
        "may_edit": person is not None
        and actor.may(EDIT)
        and (person.pk == actor.person_id or actor.may("planning.plannedvisit:manage")),
        "is_mine": person is not None and person.pk == actor.person_id,
        "policy_url": reverse("policies:policy_detail", args=[DayPolicy.name]),
    }
    return render(request, "planning/calendar.html", context)


def _advice(plan: Plan | None) -> list[str]:
    """Return what does not fit, in short, and everything that would help."""
    if plan is None or not isinstance(plan.advice, dict):
        return []
    lines = plan.advice.get("zh" if (get_language() or "zh").startswith("zh") else "en", [])
    wrong = [line for line in lines if not line.startswith("- ")]
    helps = [line.removeprefix("- ") for line in lines if line.startswith("- ")]
    return wrong[:MOST_WRONG] + (wrong[-1:] if helps and len(wrong) > MOST_WRONG else []) + helps


def _draft(request: HttpRequest, person: Person | None) -> Plan | None:
    key = row_id(request.GET.get("plan", ""))
    return Plan.objects.filter(pk=key, owner=person).first() if key and person is not None else None


def _title(view: str, day: date, since: date, until: date, today: date) -> str:
    if view == "month":
        return formats.month(day)
    if view == "day":
        return formats.day(day, today=today)
    return f"{formats.day(since, today=today)} – {formats.day(until - timedelta(days=1), today=today)}"


@login_required
@require_safe
def visit_breaks(request: HttpRequest, pk: int) -> JsonResponse:
    """Answer what would break on each half-day between two days, for the calendar while a visit is dragged."""
    require(actor_of(request), EDIT)
    visit = get_visible(PlannedVisit, pk=pk)
    since, until = day_asked(request, "since"), day_asked(request, "until")
    if not 0 <= (until - since).days <= 45:
        raise Invalid(fields={"until": [_("At most 45 days.")]})
    days = [since + timedelta(days=number) for number in range((until - since).days + 1)]
    found = checks.breaks(visit, days, today=timezone.localdate())
    halves = ("am", "pm")
    return JsonResponse(
        {"breaks": {f"{day.isoformat()}-{halves[half]}": words for (day, half), words in found.items()}}
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def visit_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a visit to another half-day; what breaks there is said before it is done, and needs a reason."""
    actor, today = actor_of(request), timezone.localdate()
    require(actor, EDIT)
    visit = get_visible(PlannedVisit, pk=pk)
    asked = {name: request.GET[name] for name in ("day", "half") if name in request.GET}
    form = MoveForm(request.POST or None, initial={"day": visit.day, "half": "am"} | asked)
    broken = _broken(visit, form, today)
    back = f"{reverse('planning:calendar')}?person={visit.owner_id}&day={visit.day.isoformat()}"
    return small_form(
        request, form, title=pgettext("planning", "Move"), back=back, submit=pgettext("planning", "Move"),
        note=_("%(name)s: %(broken)s") % {"name": visit.customer, "broken": formats.listed(broken)}
        if broken else str(visit.customer),
        write=lambda values: services.visit_move(actor=actor, pk=pk, now=timezone.now(), **values),
        onward=lambda row: f"{reverse('planning:calendar')}?person={row.owner_id}&day={row.day.isoformat()}",
        done=_("Moved."),
    )  # fmt: skip


def _broken(visit: PlannedVisit, form: MoveForm, today: date) -> list[str]:
    """Return what breaks where the form would put the visit."""
    try:
        day = date.fromisoformat(str(form["day"].value()))
    except ValueError:
        return []
    half = 1 if form["half"].value() == "pm" else 0
    return checks.breaks(visit, [day], today=today)[day, half]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def visit_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a visit off."""
    require(actor_of(request), EDIT)
    visit = get_visible(PlannedVisit, pk=pk)
    form = NoteForm(request.POST or None)
    return row_form(request, visit, form, title=_("Call off"), service=services.visit_cancel)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def visit_miss(request: HttpRequest, pk: int) -> HttpResponse:
    """Say why a visit did not happen."""
    require(actor_of(request), EDIT)
    visit = get_visible(PlannedVisit, pk=pk)
    form = MissedForm(request.POST or None)
    return row_form(request, visit, form, title=_("Did not happen"), service=services.visit_miss)
