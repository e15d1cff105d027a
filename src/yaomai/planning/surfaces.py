"""Lists of this room."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.kit.surfaces import Column, Panel, Surface, register
from yaomai.kit.surfaces.filters import ARCHIVED, Filter
from yaomai.planning import services
from yaomai.planning.importers import AbsenceImporter, LocationImporter, WorkingTimeImporter
from yaomai.planning.models import (
    Absence,
    Callback,
    DutyState,
    EnvironmentNote,
    Goal,
    Location,
    Plan,
    PlannedVisit,
    Review,
    ServiceDuty,
    WorkingTime,
)


def _overdue(chosen: bool) -> Q:
    late = Q(state=DutyState.OPEN, window_to__lte=timezone.localdate())
    return late if chosen else ~late


def _unowned(chosen: bool) -> Q:
    return Q(owner__isnull=chosen)


@register
class ServiceDutySurface(Surface):
    model = ServiceDuty
    slug = "duties"
    section = "planning"
    columns = (
        "institution",
        "professional",
        "activity",
        "window_from",
        Column("due_on", label=_("Due on"), kind="date", value=lambda row: row.due_on),
        "owner",
        "state",
        Column("task", sortable=False),
        "done_on",
        Column("missed_reason", is_default=False),
        Column("origin", is_default=False),
        Column("window_to", is_default=False),
    )
    filters = (
        "owner",
        "institution",
        "professional",
        "activity",
        "state",
        "window_from",
        "window_to",
        Filter("overdue", label=_("Overdue"), kind="flag", condition=_overdue),
        Filter("unowned", label=_("Owed by nobody"), kind="flag", condition=_unowned),
        "missed_reason",
        "origin",
        "scheme",
        "tier",
    )
    order = ("window_to", "id")
    form = ("institution", "professional", "activity", "window_from", "window_to", "owner", "task")
    services = {"create": services.duty_create, "update": services.duty_update}


@register
class CallbackSurface(Surface):
    model = Callback
    section = "planning"
    columns = (
        "on",
        "institution",
        "professional",
        "outcome",
        Column("words", sortable=False),
        Column("next_step", sortable=False),
        "next_on",
        "person",
    )
    filters = ("person", "institution", "professional", "outcome", "on")
    order = ("-on", "-id")
    form = ("institution", "professional", "outcome", "words", "next_step", "next_on")
    services = {"create": services.callback_record}
    panels = (Panel("callback", template="planning/panels/callback.html", load=lambda row, actor: {}),)


@register
class PlannedVisitSurface(Surface):
    model = PlannedVisit
    slug = "visits"
    section = "planning"
    columns = (
        "day",
        "starts_at",
        "institution",
        "professional",
        "activity",
        "objective",
        "owner",
        "state",
        Column("expected_result", is_default=False),
        Column("ends_at", is_default=False),
        Column("missed_reason", is_default=False),
        Column("origin", is_default=False),
        Column("done_on", is_default=False),
    )
    filters = ("owner", "institution", "professional", "day", "activity", "state", "missed_reason", "origin")
    order = ("-day", "-id")
    form = (
        "institution",
        "professional",
        "day",
        "starts_at",
        "ends_at",
        "activity",
        "objective",
        "expected_result",
        "owner",
    )
    services = {"create": services.visit_create, "update": services.visit_update}
    panels = (
        Panel(
            "facts",
            _("Planned visit"),
            fields=(
                "institution",
                "professional",
                "day",
                "starts_at",
                "ends_at",
                "activity",
                "objective",
                "expected_result",
                "owner",
                "duty",
                "origin",
                "state",
                "missed_reason",
                "note",
                "done_on",
            ),
        ),
    )


@register
class PlanSurface(Surface):
    model = Plan
    section = "planning"
    columns = (
        "owner",
        "number",
        "begins_on",
        "ends_on",
        "state",
        Column("placed", label=_("Visits with a day"), kind="number", value=lambda row: row.figures.get("placed")),
        Column("duties", label=_("Duties in the period"), kind="number", value=lambda row: row.figures.get("duties")),
        Column("gap", label=_("Below the bound"), kind="percent", value=lambda row: row.figures.get("gap")),
        Column("reason", sortable=False),
        Column("created_at", label=_("Made"), kind="date"),
    )
    filters = ("owner", "state", "begins_on")
    order = ("-id",)


@register
class AbsenceSurface(Surface):
    model = Absence
    section = "planning"
    columns = ("person", "institution", "professional", "kind", "starts_at", "ends_at", "title")
    filters = (
        "person",
        "institution",
        "professional",
        "kind",
        "starts_at",
        ARCHIVED,
    )
    order = ("-starts_at", "-id")
    form = ("kind", "starts_at", "ends_at", "title", "person", "institution", "professional")
    importer = AbsenceImporter
    services = {
        "create": services.absence_create,
        "update": services.absence_update,
        "archive": services.absence_archive,
    }


@register
class WorkingTimeSurface(Surface):
    model = WorkingTime
    section = "planning"
    columns = (
        "institution",
        "professional",
        Column("weekday", kind="text"),
        "half",
        "kind",
        Column("source", sortable=False),
        Column("updated_at", label=_("Changed"), kind="date"),
    )
    filters = ("institution", "professional", "weekday", "half", "kind")
    order = ("-updated_at", "-id")
    form = ("institution", "professional", "weekday", "half", "kind", "source")
    importer = WorkingTimeImporter
    services = {"create": services.working_time_enter, "update": services.working_time_change}


@register
class LocationSurface(Surface):
    model = Location
    section = "planning"
    columns = ("institution", "latitude", "longitude", "source", Column("updated_at", label=_("Changed"), kind="date"))
    filters = ("institution",)
    order = ("-updated_at", "-id")
    form = ("institution", "latitude", "longitude", "source")
    importer = LocationImporter
    services = {"create": services.location_create, "update": services.location_update}


@register
class GoalSurface(Surface):
    model = Goal
    section = "planning"
    columns = ("title", "level", "begins_on", "territory", "owner", "product", "measure", "target", "source", "state")
    filters = (
        "level",
        "territory",
        "owner",
        "product",
        "measure",
        "source",
        "state",
        "begins_on",
        ARCHIVED,
    )
    order = ("begins_on", "id")
    form = (
        "title",
        "level",
        "begins_on",
        "territory",
        "owner",
        "product",
        "parent",
        "source",
        "measure",
        "target",
        "basis",
        "relevance",
    )
    services = {"create": services.goal_create, "update": services.goal_update, "archive": services.goal_archive}


@register
class EnvironmentNoteSurface(Surface):
    model = EnvironmentNote
    section = "planning"
    columns = (
        "noted_on",
        "factor",
        "territory",
        Column("text", sortable=False),
        Column("effect", sortable=False),
        "goal",
        Column("source", sortable=False),
    )
    filters = ("factor", "territory", "noted_on", "goal", ARCHIVED)
    order = ("-noted_on", "-id")
    form = ("territory", "factor", "noted_on", "text", "effect", "source", "goal")
    services = {"create": services.note_create, "update": services.note_update, "archive": services.note_archive}


@register
class ReviewSurface(Surface):
    model = Review
    section = "planning"
    columns = (
        "owner",
        "level",
        "begins_on",
        Column("lessons", sortable=False),
        Column("next_steps", sortable=False),
        "created_by",
    )
    filters = ("owner", "level", "begins_on")
    order = ("-begins_on", "-id")
    form = ("owner", "level", "begins_on", "lessons", "next_steps")
    panels = (
        Panel(
            "facts",
            pgettext_lazy("planning", "review"),
            fields=("owner", "level", "begins_on", "created_by", "lessons", "next_steps"),
        ),
    )
    services = {"create": services.review_create, "update": services.review_update}
