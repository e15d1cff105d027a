"""Lists of evaluations and improvements."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.insights import services
from yaomai.insights.evaluations.rules import period_text
from yaomai.insights.models import Evaluation, Improvement
from yaomai.kit.surfaces import Column, Panel, Surface, register
from yaomai.kit.surfaces.filters import Filter


def _period(evaluation: Evaluation) -> str:
    return period_text(evaluation.level, evaluation.begins_on)


def _problem(improvement: Improvement) -> str:
    from yaomai.insights.evaluations.presenting import problem

    return problem(improvement)


def _state(improvement: Improvement) -> str:
    from yaomai.insights.evaluations.presenting import state

    return state(improvement)


def _due(improvement: Improvement) -> Any:
    return improvement.due


def _strategic(chosen: Any) -> Q:
    asked = Q(trigger__in=Improvement.STRATEGIC)
    return asked if chosen else ~asked


@register
class EvaluationSurface(Surface):
    model = Evaluation
    section = "insights"
    columns = (
        Column("period_seen", label=pgettext_lazy("evaluation", "Period"), value=_period),
        "territory",
        "level",
        "state",
        "owner",
        Column("begins_on", is_default=False),
        Column("ends_on", is_default=False),
        Column("closed_at", kind="date"),
        Column("closed_by", is_default=False),
        Column("learned", sortable=False, is_default=False),
        Column("next_steps", sortable=False, is_default=False),
    )
    filters = ("level", "territory", "state", "owner", "begins_on")
    order = ("-begins_on", "-id")
    form = ("level", "begins_on", "territory", "owner")
    services = {"create": services.evaluation_create}


@register
class ImprovementSurface(Surface):
    model = Improvement
    section = "insights"
    columns = (
        Column("problem_seen", label=pgettext_lazy("improvement", "Problem"), value=_problem),
        "territory",
        Column("state", value=_state),
        "cause",
        "kind",
        Column("action", sortable=False),
        "responsible",
        Column("due_seen", label=pgettext_lazy("improvement", "Next day"), kind="date", value=_due),
        Column("trigger", is_default=False),
        Column("measure", is_default=False),
        Column("due_on", is_default=False),
        Column("recheck_on", is_default=False),
        Column("round", is_default=False),
        Column("owner", is_default=False),
    )
    filters = (
        "state", "trigger", "territory", "cause", "kind", "measure", "responsible", "evaluation", "due_on",
        "recheck_on",
        Filter("strategic", label=_("Strategy reviews"), kind="flag", condition=_strategic),
    )  # fmt: skip
    order = ("-id",)
    panels = (Panel("facts", fields=("territory", "trigger", "measure", "state", "cause", "kind", "action")),)
