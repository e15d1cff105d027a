"""Background work of this room."""

from typing import Any

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.integrity import services, watching
from yaomai.kit.jobs import JobHandle, job, periodic


# Not atomic: reading and computing hold no transaction open; the cases are written in one at the end.
@periodic("40 3 * * *", reason=_("What looks odd since yesterday"))
@job("integrity.sweep", label=_("Looking for what is odd"), exclusive_by="integrity.sweep", coalesce=True, atomic=False)
def sweep(*, job: JobHandle) -> dict[str, Any]:
    """Look over the lines and open cases."""
    now = timezone.now()
    found = watching.look(on=timezone.localdate(now))
    new = services.cases_open(actor=job.actor, now=now, found=found)
    return {"new": new, "url": reverse("integrity:case_list")}


@periodic("10 6 * * *", reason=_("Letters of the anonymous channel"))
@job("integrity.letterbox", label=_("Emptying the letterbox"), exclusive_by="integrity.letterbox")
def empty_letterbox(*, job: JobHandle) -> None:
    """Make reports of letters. The job tells nobody how many there were."""
    services.letterbox_empty(actor=job.actor, now=timezone.now())


@periodic("50 2 * * *", reason=_("Reports whose time is over"))
@job("integrity.reports_delete", label=_("Deleting reports whose time is over"), exclusive_by="integrity.letterbox")
def delete_reports(*, job: JobHandle) -> None:
    """Delete closed reports after the days of the policy."""
    services.reports_delete(actor=job.actor, now=timezone.now())


# Not atomic: everything is read from one snapshot, which must be the first thing that its transaction asks for.
@job("integrity.dossier", label=_("Making an inspection dossier"), exclusive_by="integrity.dossier", atomic=False)
def make_dossier(*, job: JobHandle, dossier: int) -> dict[str, Any]:
    """Make the file of a dossier."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        made = services.dossier_make(actor=job.actor, pk=dossier, now=timezone.now())
    return {"url": reverse("integrity:dossier_detail", args=[made.pk])}


@periodic("20 3 * * *", reason=_("Inspection dossiers whose time is over"))
@job(
    "integrity.dossiers_delete",
    label=_("Deleting inspection dossiers whose time is over"),
    exclusive_by="integrity.dossier",
)
def delete_dossiers(*, job: JobHandle) -> None:
    """Delete files of dossiers after the days of the policy."""
    services.dossiers_delete(actor=job.actor, now=timezone.now())
