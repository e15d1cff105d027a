"""Lists of this room."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.kit.surfaces import Column, Panel, Surface, register
from yaomai.kit.surfaces.filters import Filter
from yaomai.planning import services
from yaomai.planning.models import DutyState, PlannedVisit, ServiceDuty


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
