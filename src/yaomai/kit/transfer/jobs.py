"""Large imports in the background."""

from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.kit.errors import DomainError
from yaomai.kit.jobs import JobHandle, job, periodic
from yaomai.kit.transfer import retention, services, writes


@job("transfer.import", label=_("Import of a file"), exclusive_by="import:{pk}")
def import_in_background(*, job: JobHandle, pk: int, now: str) -> dict[str, Any]:
    """Apply an import; its effects and the mark that the job is done are one transaction."""

    def progress(done: int, total: int) -> None:
        job.progress(done, total, _("Importing rows"))

    try:
        with transaction.atomic():
            services.import_finish(actor=job.actor, now=datetime.fromisoformat(now), pk=pk, progress=progress)
    except DomainError as error:
        services.import_fail(actor=job.actor, pk=pk, reason=str(error))
    return {"url": reverse("transfer:import_detail", args=[pk])}


@periodic("50 3 * * *", reason=_("Uploaded files are kept for as long as the policy says"))
@job("transfer.prune", label=_("Removal of old uploaded files"))
def prune(*, job: JobHandle) -> dict[str, Any]:
    """Remove uploaded files whose time is over."""
    return dict(retention.remove_old(now=timezone.now()))


@job("transfer.index", label=_("Finish the search index after an import"), exclusive_by="index:{model}")
def finish_indexes(*, job: JobHandle, model: str) -> None:
    """Merge what an import left waiting before the model's search index; `model` is its label."""
    writes.enter_waiting(apps.get_model(model))
