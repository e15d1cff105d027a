"""The totals of boards keep themselves up to date, and report packs are made on their days."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.kit.dashboards import services, totals
from yaomai.kit.dashboards.registry import sources
from yaomai.kit.jobs import JobHandle, job, periodic
from yaomai.kit.phrases import phrase


@periodic("*/15 * * * *", reason=_("Boards show what was counted a quarter of an hour ago at most"))
@job("dashboards.refresh", label=_("Totals of boards"), exclusive_by="dashboards.totals", atomic=False)
def refresh_latest(*, job: JobHandle) -> None:
    """Make the totals of the latest months anew."""
    _refresh(job, whole=False)


@periodic("20 2 * * *", reason=_("Nightly count of everything that boards show"))
@job("dashboards.refresh_all", label=_("Totals of boards, all months"), exclusive_by="dashboards.totals", atomic=False)
def refresh_whole(*, job: JobHandle) -> None:
    """Make the totals of all months anew."""
    _refresh(job, whole=True)


def _refresh(job: JobHandle, *, whole: bool) -> None:
    known = list(sources().values())
    for done, source in enumerate(known):
        job.progress(done, len(known), _("Counting %(source)s"), source=phrase(source.label))
        totals.refresh(source, now=timezone.now(), whole=whole)


@periodic("0 6 * * *", reason=_("Report packs of the day"), every_slot=True)
@job("dashboards.packs", label=_("Report packs of the day"))
def hand_out(*, job: JobHandle) -> dict[str, Any]:
    """Put the packs of the slot's day in the hands of their receivers."""
    at: datetime = job.slot or timezone.now()
    return {"delivered": services.hand_out(day=timezone.localdate(at))}


@job("dashboards.deliver", label=_("Report pack"))
def deliver(*, job: JobHandle, delivery: int) -> dict[str, Any]:
    """Make the files of a delivery on behalf of its receiver, in the receiver's scope."""
    services.delivery_make(actor=job.actor, pk=delivery, now=timezone.now())
    return {"url": "/boards/packs/"}
