"""The goal tree with its roll-up, a goal with its five tests, plan against execution, and reviews."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yaomai.kit.access import get_visible, require
from yaomai.kit.errors import Conflict, Invalid
from yaomai.kit.surfaces.small_forms import small_form
from yaomai.kit.surfaces.views import actor_of
from yaomai.kit.ui import formats
from yaomai.kit.ui.charts import Chart, Series
from yaomai.planning import actuals, services, showing, tracking
from yaomai.planning.calendar_views import person_asked
from yaomai.planning.forms import NoteForm
from yaomai.planning.models import RATES, EnvironmentNote, Goal, PlannedVisit, Review, ServiceDuty
from yaomai.planning.policies import GoalPolicy

GOAL = "planning.goal"
MOST = 400


@dataclass
class Node:
    """A goal of the tree with what was reached."""

    goal: Goal
    actual: Decimal | None
    parts: list["Node"] = field(default_factory=list)

    @property
    def share(self) -> float | None:
        if self.actual is None or not self.goal.target:
            return None
        return min(1.0, float(self.actual / self.goal.target))

    @property
    def parts_sum(self) -> Decimal | None:
        """Return what the parts add up to; None without parts, or where parts do not add up."""
        if not self.parts or self.goal.measure in RATES:
            return None
        return sum((part.goal.target for part in self.parts), Decimal(0))

    @property
    def gap(self) -> Decimal | None:
        """Return what the parts lack of the whole; None where they add up."""
        return None if self.parts_sum in (None, self.goal.target) else self.goal.target - (self.parts_sum or 0)

    @property
    def target_text(self) -> str:
        return shown(self.goal, self.goal.target)

    @property
    def actual_text(self) -> str:
        return shown(self.goal, self.actual) if self.actual is not None else "–"


def shown(goal: Goal, value: Decimal) -> str:
    """Return a figure of a goal as a person reads it."""
    if goal.measure in RATES:
        return f"{formats.grouped(value, 1)}%"
    return formats.money(value) if goal.measure == "purchases" else formats.grouped(value)


@login_required
@require_safe
def goals(request: HttpRequest) -> HttpResponse:
    """Show the goals of a year as a tree, each with what was reached."""
    actor, today = actor_of(request), timezone.localdate()
    require(actor, f"{GOAL}:view")
    text = request.GET.get("year", "")
    year = int(text) if text.isdigit() and 2000 <= int(text) <= 2100 else today.year
    rows = list(
        Goal.objects.filter(archived_at=None, begins_on__lt=date(year + 1, 1, 1), ends_on__gt=date(year, 1, 1))
        .select_related("owner", "territory", "product").order_by("begins_on", "pk")[:MOST]
    )  # fmt: skip
    context = {
        "year": year,
        "roots": tree(rows, today),
        "count": len(rows),
        "previous": f"?year={year - 1}",
        "next": f"?year={year + 1}",
        "notes": EnvironmentNote.objects.filter(archived_at=None).select_related("territory", "goal").order_by("-noted_on", "-pk")[:8],
        "policy_url": reverse("policies:policy_detail", args=[GoalPolicy.name]),
    }  # fmt: skip
    return render(request, "planning/goals.html", context)


def tree(rows: Sequence[Goal], today: date) -> list[Node]:
    """Return goals as a tree; a part whose whole is out of view stands at the top."""
    reached = actuals.of(rows, today=today)
    nodes = {goal.pk: Node(goal, reached.get(goal.pk)) for goal in rows}
    roots: list[Node] = []
    for goal in rows:
        above = nodes.get(goal.parent_id or 0)
        (above.parts if above is not None else roots).append(nodes[goal.pk])
    return roots


@login_required
@require_safe
def goal_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a goal: what was reached, what it lacks of the five tests, its parts, and the notes it rests on."""
    actor, today = actor_of(request), timezone.localdate()
    require(actor, f"{GOAL}:view")
    goal = get_visible(Goal, pk=pk)
    parts = list(
        goal.parts.filter(archived_at=None).select_related("owner", "territory", "product").order_by("begins_on")
    )
    (node,) = [each for each in tree([goal, *parts], today) if each.goal.pk == pk]
    may_edit = actor.may(f"{GOAL}:edit") and (
        actor.may(f"{GOAL}:manage") or (goal.owner_id is not None and goal.owner_id == actor.person_id)
    )
    context = {
        "node": node,
        "goal": goal,
        "last_on": goal.ends_on - timedelta(days=1),
        "missing": services.smart_missing(goal, today=today) if goal.state == Goal.State.DRAFT else [],
        "notes": goal.notes.filter(archived_at=None).order_by("-noted_on"),
        "may_edit": may_edit and goal.archived_at is None,
        "may_break_down": may_edit and not parts and goal.level != "week" and goal.archived_at is None,
        "crumbs": [(_("Goals"), reverse("planning:goals")), (str(goal), "")],
    }
    return render(request, "planning/goal.html", context)


def _step(request: HttpRequest, pk: int, service: Any, words: str) -> HttpResponse:
    get_visible(Goal, pk=pk)
    try:
        service(actor=actor_of(request), pk=pk, now=timezone.now())
    except (Conflict, Invalid) as error:
        told = [str(text) for texts in error.fields.values() for text in texts] if isinstance(error, Invalid) else []
        messages.error(request, " ".join(told) or str(error))
    else:
        messages.success(request, words)
    return HttpResponseRedirect(reverse("planning:goal_detail", args=[pk]))


@login_required
@require_POST
def goal_finalize(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a goal final."""
    require(actor_of(request), f"{GOAL}:edit")
    return _step(request, pk, services.goal_finalize, _("The goal is final."))


@login_required
@require_POST
def goal_decompose(request: HttpRequest, pk: int) -> HttpResponse:
    """Break a goal down by season."""
    require(actor_of(request), f"{GOAL}:create")
    return _step(
        request, pk, services.goal_decompose, _("Broken down by season; the parts add up. Change them as you see fit.")
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def goal_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a final goal for changes."""
    actor = actor_of(request)
    require(actor, f"{GOAL}:edit")
    goal = get_visible(Goal, pk=pk)
    back = reverse("planning:goal_detail", args=[pk])
    return small_form(
        request, NoteForm(request.POST or None), title=_("Open for changes"), note=str(goal), back=back,
        submit=_("Open for changes"),
        write=lambda values: services.goal_reopen(actor=actor, pk=pk, reason=values["note"], now=timezone.now()),
    )  # fmt: skip


@login_required
@require_safe
def track(request: HttpRequest) -> HttpResponse:
    """Show plan against execution by week and by day, why visits did not happen, and what was learned."""
    actor, today = actor_of(request), timezone.localdate()
    require(actor, "planning.plannedvisit:view")
    people = showing.people_in_view(actor)
    person = person_asked(request, people)
    since = today - timedelta(days=today.weekday() + 56)
    visits = PlannedVisit.objects.filter(owner=person)
    weeks = tracking.executed(visits, since=since, until=today + timedelta(days=1), by_week=True, today=today)
    days = tracking.executed(
        visits, since=today - timedelta(days=13), until=today + timedelta(days=1), by_week=False, today=today
    )
    why = tracking.reasons(ServiceDuty.objects.filter(owner=person), since=since, until=today + timedelta(days=1))
    whole = sum(week.planned for week in weeks)
    done = sum(week.done for week in weeks)
    context = {
        "person": person,
        "people": [(each, f"?person={each.pk}") for each in people],
        "rate": formats.percent(done / whole, 0) if whole else "–",
        "share": done / whole if whole else None,
        "this_week": f"{weeks[-1].done}/{weeks[-1].planned}" if weeks else "–",
        "planned": whole,
        "unreported": sum(week.unreported for week in weeks),
        "chart": _chart(weeks) if weeks else None,
        "days": [(each, formats.day(each.since, today=today)) for each in reversed(days)],
        "reasons": [(_reason(code), count) for code, count in why[:6]],
        "reviews": Review.objects.filter(owner=person).order_by("-begins_on", "level")[:6],
        "may_review": actor.may("planning.review:create"),
        "open_url": f"{reverse('planning:plannedvisit_list')}?owner={person.pk if person else 0}&state=planned&day_to={(today - timedelta(days=1)).isoformat()}",
    }  # fmt: skip
    return render(request, "planning/tracking.html", context)


def _reason(code: str) -> str:
    from yaomai.planning.models import MissedReason

    return str(MissedReason(code).label) if code else _("No reason said yet")


def _chart(weeks: Sequence[tracking.Executed]) -> Chart:
    last = weeks[-1]
    return Chart(
        kind="bar",
        finding=_("This week %(done)s of %(planned)s visits are done") % {"done": last.done, "planned": last.planned},
        labels=[f"{week.since.month}/{week.since.day}" for week in weeks],
        series=[
            Series(_("Planned"), [float(week.planned) for week in weeks], tone="muted"),
            Series(_("Done"), [float(week.done) for week in weeks], tone="accent"),
        ],
        note=_("Weeks by their Monday"),
        height="medium",
    )
