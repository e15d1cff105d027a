"""What privacy brings to boards: requests of data subjects whose clock runs, and whether they were answered in time."""

from decimal import Decimal

from django.db.models import Count, F, Min, Q
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.kit.dashboards import periods
from yaomai.kit.dashboards.links import leads_to
from yaomai.kit.dashboards.registry import Asked, Card, Piece, Reading, register_card
from yaomai.kit.ui import formats
from yaomai.privacy.models import SubjectRequest


def register() -> None:
    """Register the cards."""
    look = leads_to(gettext_lazy("Answer them"), "privacy:subjectrequest_list", query="state=open")
    register_card(
        Card(
            key="privacy.open", label=gettext_lazy("Requests of data subjects"), right="privacy.request:view",
            good_when="down", question=gettext_lazy("Requests that wait for their answer; the law sets the time (PIPL 50)."),
            compute=_open, next_step=look, order=620,
        )
    )  # fmt: skip
    register_card(
        Card(
            key="privacy.on_time", label=gettext_lazy("Requests answered in time"), right="privacy.request:view",
            unit="percent", question=gettext_lazy("Of those answered in the last twelve months."), compute=_on_time,
            next_step=look, order=630,
        )
    )  # fmt: skip


def _open(asked: Asked) -> Reading:
    found = SubjectRequest.objects.filter(state=SubjectRequest.State.OPEN).aggregate(
        all=Count("pk"), late=Count("pk", filter=Q(due_on__lt=asked.today)), next=Min("due_on")
    )
    said = _("None waits.")
    if found["next"] is not None:
        said = _("The next is due %(day)s; %(late)s are late.") % {
            "day": formats.day(found["next"], today=asked.today), "late": found["late"],
        }  # fmt: skip
    parts = [Piece(_("Late"), Decimal(found["late"]))] if found["late"] else []
    return Reading(Decimal(found["all"]), parts=parts, reason=said, as_of=asked.now)


def _on_time(asked: Asked) -> Reading:
    since = periods.first_of(asked.today, 12)
    closed = SubjectRequest.objects.filter(closed_at__date__gte=since).annotate(day=TruncDate("closed_at"))
    found = closed.aggregate(all=Count("pk"), good=Count("pk", filter=Q(day__lte=F("due_on"))))
    if not found["all"]:
        return Reading(None, note=_("None was answered in the last twelve months."), as_of=asked.now)
    return Reading(
        Decimal(found["good"]) / found["all"],
        reason=_("%(good)s of %(all)s.") % {"good": found["good"], "all": found["all"]},
        as_of=asked.now,
    )
