"""The mirror keeps itself up to date, and whole."""

import logging
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.kit.jobs import JobHandle, job, periodic
from yaomai.kit.phrases import phrase
from yaomai.kit.warehouse.building import rebuild, refresh
from yaomai.kit.warehouse.dataset import datasets
from yaomai.kit.warehouse.reading import verify

log = logging.getLogger(__name__)


@periodic("*/5 * * * *", reason=_("Facts changed since the last refresh of the mirror"))
@job("warehouse.refresh", label=_("Refresh of the analytics mirror"), exclusive_by="warehouse", atomic=False)
def refresh_all(*, job: JobHandle) -> None:
    """Bring every dataset up to date."""
    known = datasets()
    for done, dataset in enumerate(known):
        job.progress(done, len(known), _("Reading %(dataset)s"), dataset=phrase(dataset.label))
        refresh(dataset)


@periodic("30 3 * * *", reason=_("Nightly proof that the files of the mirror are whole"))
@job("warehouse.verify", label=_("Proof of the analytics mirror"), exclusive_by="warehouse", atomic=False)
def verify_all(*, job: JobHandle) -> dict[str, Any]:
    """Read every file; make those anew that are not as they were written."""
    damaged = []
    known = datasets()
    for done, dataset in enumerate(known):
        job.progress(done, len(known), _("Reading %(dataset)s"), dataset=phrase(dataset.label))
        findings = verify(dataset)
        if findings:
            log.error("damaged files of %s, made anew: %s", dataset.name, [finding.file for finding in findings])
            rebuild(dataset, months=[finding.month for finding in findings])
            damaged += [finding.file for finding in findings]
    return {"damaged": damaged}
