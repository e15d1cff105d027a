"""What service brings to boards: what waits, whether it was resolved in time, and how long it took."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Aggregate, Count, DurationField, F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.kit.dashboards import periods
from yaomai.kit.dashboards.links import leads_to
from yaomai.kit.dashboards.registry import Asked, Card, Piece, Reading, Source, Sum, register_card, register_source
from yaomai.support.models import ServiceRequest

VIEW = ServiceRequest.right("view")
RESOLVED = "support.resolved"
_RESOLVED = """
SELECT date_trunc('month', resolved_at AT TIME ZONE %(zone)s)::date, territory_id,
  CASE WHEN resolved_at <= due_at AND reopened = 0 THEN 'in_time' ELSE 'late' END, 0, count(*)
FROM support_servicerequest WHERE resolved_at AT TIME ZONE %(zone)s >= %(start)s
  AND resolved_at AT TIME ZONE %(zone)s < %(end)s GROUP BY 1, 2, 3
"""
_WORDS = {"in_time": gettext_lazy("In time"), "late": gettext_lazy("Late, or reopened")}


class Median(Aggregate):
    """The middle of some lengths of time."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def _sql(_today: date) -> tuple[str, Mapping[str, Any]]:
    return _RESOLVED, {"zone": settings.TIME_ZONE}


def _parts(keys: Sequence[str]) -> Mapping[str, str]:
    return {key: str(label) for key, label in _WORDS.items() if key in keys}


def register() -> None:
    """Register source and cards."""
    register_source(Source(RESOLVED, gettext_lazy("Resolved service requests"), _sql))
    look = leads_to(gettext_lazy("To the queue"), "support:queue")
    register_card(
        Card(
            key="support.open", label=gettext_lazy("Open service requests"), right=VIEW, good_when="down",
            question=gettext_lazy("What customers asked for and nobody has resolved yet (C6)."), compute=_open,
            next_step=look, order=280,
        )
    )  # fmt: skip
    register_card(
        Card(
            key="support.in_time", label=gettext_lazy("Service requests resolved in time"), right=VIEW, unit="percent",
            question=gettext_lazy("Resolved within the hours of the policy and not reopened, among all that were resolved."),
            of=Sum(RESOLVED, parts=("in_time",)), over=Sum(RESOLVED), parts=_parts,
            parts_label=gettext_lazy("How they were resolved"), next_step=look, order=281,
        )
    )  # fmt: skip
    register_card(
        Card(
            key="support.hours", label=gettext_lazy("Hours until resolved"), right=VIEW, good_when="down",
            question=gettext_lazy("Half of the service requests of the period were resolved within so many hours."),
            compute=_hours, next_step=look, order=282,
        )
    )  # fmt: skip


def _open(asked: Asked) -> Reading:
    rows = ServiceRequest.objects.filter(state__in=ServiceRequest.UNRESOLVED)
    found = rows.aggregate(
        all=Count("pk"), late=Count("pk", filter=Q(due_at__lte=asked.now)), nobodys=Count("pk", filter=Q(owner=None))
    )
    late = Decimal(found["late"])
    parts = (
        [Piece(_("Overdue"), late), Piece(_("In time so far"), Decimal(found["all"]) - late)] if found["all"] else []
    )
    said = _("%(late)s overdue, %(nobodys)s belong to nobody.") % found if found["all"] else _("None waits.")
    return Reading(Decimal(found["all"]), parts=parts, reason=said, as_of=asked.now)


def _hours(asked: Asked) -> Reading:
    now, before = (_median(span) for span in (asked.window.now, asked.window.before))
    if now is None:
        return Reading(None, note=_("None was resolved in this period."), as_of=asked.now)
    return Reading(now, before, as_of=asked.now)


def _median(span: tuple[date, date] | None) -> Decimal | None:
    """Return the hours within which half of those in view were resolved in some months."""
    if span is None:
        return None
    rows = ServiceRequest.objects.filter(
        resolved_at__date__gte=span[0], resolved_at__date__lt=periods.first_of(span[1], -1)
    )
    found: timedelta | None = rows.aggregate(found=Median(F("resolved_at") - F("taken_at")))["found"]
    return None if found is None else Decimal(round(found.total_seconds() / 360)) / 10
