"""What integrity brings to boards: open cases of the watch, and how often its detectors are right."""

from datetime import date
from decimal import Decimal

from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.integrity.models import Case
from yaomai.integrity.words import DETECTORS
from yaomai.kit.dashboards import periods
from yaomai.kit.dashboards.links import leads_to
from yaomai.kit.dashboards.registry import Asked, Card, Piece, Reading, register_card

VIEW = "integrity.case:view"


def register() -> None:
    """Register the cards."""
    look = leads_to(gettext_lazy("Look at the cases"), "integrity:watch")
    register_card(
        Card(
            key="integrity.open", label=gettext_lazy("Open cases of the watch"), right=VIEW, good_when="down",
            question=gettext_lazy("Findings that nobody has closed yet. The line shows how many were found in a month."),
            parts_label=gettext_lazy("By detector"), compute=_open, next_step=look, order=600,
        )
    )  # fmt: skip
    register_card(
        Card(
            key="integrity.precision", label=gettext_lazy("How often detectors are right"), right=VIEW, unit="percent",
            question=gettext_lazy("Closed cases that were confirmed, among all that were closed; by detector, cases closed."),
            parts_label=gettext_lazy("Closed cases by detector"), compute=_precision, next_step=look, order=610,
        )
    )  # fmt: skip


def _label(detector: str) -> str:
    return str(DETECTORS.get(detector, detector))


def _open(asked: Asked) -> Reading:
    rows = Case.objects.exclude(state=Case.State.CLOSED).order_by().values_list("detector").annotate(count=Count("pk"))
    parts = sorted((Piece(_label(name), Decimal(count)) for name, count in rows), key=lambda piece: -(piece.value or 0))
    months = periods.months(asked.today)
    since = Case.objects.filter(found_on__gte=months[0]).order_by().annotate(month=TruncMonth("found_on"))
    found: dict[date, int] = dict(since.values_list("month").annotate(count=Count("pk")))
    return Reading(
        sum((piece.value or Decimal(0) for piece in parts), Decimal(0)),
        months=months,
        series=[Decimal(found.get(month, 0)) for month in months] if found else [None] * len(months),
        parts=parts,
        as_of=asked.now,
    )


def _precision(asked: Asked) -> Reading:
    rows = (
        Case.objects.filter(state=Case.State.CLOSED)
        .order_by()
        .values_list("detector", "outcome")
        .annotate(count=Count("pk"))
    )
    closed: dict[str, int] = {}
    right: dict[str, int] = {}
    for detector, outcome, count in rows:
        closed[detector] = closed.get(detector, 0) + count
        if outcome == Case.Outcome.CONFIRMED:
            right[detector] = right.get(detector, 0) + count
    total = sum(closed.values())
    parts = [Piece(_label(name), Decimal(count)) for name, count in sorted(closed.items(), key=lambda pair: -pair[1])]
    worst = min(closed, key=lambda name: right.get(name, 0) / closed[name], default=None)
    said = ""
    if worst is not None:
        said = _("Least often right: %(detector)s, %(right)s of %(all)s.") % {
            "detector": _label(worst), "right": right.get(worst, 0), "all": closed[worst],
        }  # fmt: skip
    value = Decimal(sum(right.values())) / total if total else None
    return Reading(
        value, parts=parts, reason=said, note="" if total else _("No case has been closed yet."), as_of=asked.now
    )
