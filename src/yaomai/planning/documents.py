"""Plans and calendars on paper (N11): who, where, when, what for."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yaomai.kit.documents.parts import Column, Document, Figure, Figures, Paragraph, Section, Table, Value
from yaomai.planning.models import Plan, PlannedVisit, Review

MOST_ROWS = 3000


def _columns() -> tuple[Column, ...]:
    return (
        Column(_("Day"), "date"), Column(_("Weekday")), Column(_("Begins")), Column(_("Institution"), width=3),
        Column(_("Professional")), Column(_("Activity"), width=2), Column(_("Objective"), width=3),
    )  # fmt: skip


WEEKDAYS = ("一二三四五六日", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))


def weekday(day: date) -> str:
    """Return the short name of a weekday."""
    is_chinese = (get_language() or "zh").startswith("zh")
    return f"周{WEEKDAYS[0][day.weekday()]}" if is_chinese else WEEKDAYS[1][day.weekday()]


def _row(row: Any, objective: str) -> tuple[Value, ...]:
    return (
        row.day, weekday(row.day), f"{row.starts_at:%H:%M}" if row.starts_at else "", row.institution.name,
        str(row.professional or ""), row.get_activity_display(), objective,
    )  # fmt: skip


def calendar_document(
    visits: Iterable[PlannedVisit], *, name: str, since: date, until: date, made_by: str, now: datetime
) -> Document:
    """Return the visits of a period as a document."""
    rows = [_row(visit, visit.objective) for visit in visits]
    return Document(
        title=_("Planned visits of %(name)s") % {"name": name},
        subtitle=f"{since} – {until - timedelta(days=1)}",
        as_of=since,
        made_at=now,
        made_by=made_by,
        is_landscape=True,
        blocks=(Table(columns=_columns(), rows=tuple(rows[:MOST_ROWS])),),
    )


def plan_document(plan: Plan, *, made_by: str, now: datetime) -> Document:
    """Return a plan with its figures, what does not fit, and its visits."""
    language = "zh" if (get_language() or "zh").startswith("zh") else "en"
    lines = plan.lines.select_related("institution", "professional", "duty").order_by("day", "order")[:MOST_ROWS]
    advice = plan.advice.get(language, []) if isinstance(plan.advice, dict) else []
    return Document(
        title=_("Plan of visits of %(name)s") % {"name": plan.owner.name},
        subtitle=f"{plan.begins_on} – {plan.ends_on - timedelta(days=1)} · V{plan.number} · {plan.get_state_display()}",
        as_of=plan.begins_on,
        made_at=now,
        made_by=made_by,
        is_landscape=True,
        blocks=(
            Figures(
                (
                    Figure(_("Visits with a day"), plan.figures.get("placed", 0)),
                    Figure(_("Duties in the period"), plan.figures.get("duties", 0)),
                    Figure(_("Below the bound"), plan.figures.get("gap", 0.0), "percent"),
                    Figure(_("Hours on the way"), plan.figures.get("hours", 0)),
                )
            ),
            *((Section(_("What does not fit, and what would help"), tuple(Paragraph(line) for line in advice)),) if advice else ()),
            Table(columns=_columns(), rows=tuple(_row(line, line.duty.task if line.duty else "") for line in lines)),
        ),
    )  # fmt: skip


def review_document(review: Review, *, made_by: str, now: datetime) -> Document:
    """Return a review with the figures as they stood, and its lessons (N11)."""
    figures = review.figures
    return Document(
        title=_("Review of the plan of %(name)s") % {"name": review.owner.name},
        subtitle=f"{review.begins_on} – {review.ends_on - timedelta(days=1)}",
        as_of=review.begins_on,
        made_at=now,
        made_by=made_by,
        blocks=(
            Figures(
                (
                    Figure(_("Visits planned"), figures.get("planned", 0)),
                    Figure(_("Visits done"), figures.get("done", 0)),
                    Figure(_("Duties due"), figures.get("due", 0)),
                    Figure(_("Duties done"), figures.get("on_time", 0) + figures.get("late", 0)),
                )
            ),
            Section(_("What we learned"), (Paragraph(review.lessons),)),
            Section(_("What we do differently"), (Paragraph(review.next_steps),)),
        ),
    )
