"""Changes of many rows in the background."""

from typing import Any

from django.apps import apps
from django.utils.translation import gettext_lazy as _

from yaomai.kit.jobs import JobHandle, job
from yaomai.kit.surfaces.bulk import apply_given
from yaomai.kit.surfaces.surface import surface_of


@job("surfaces.change_rows", label=_("Change of many rows"), exclusive_by="rows:{surface}")
def change_rows(
    *, job: JobHandle, surface: str, action: str, fields: list[str], given: dict[str, list[str]], keys: list[int]
) -> dict[str, Any]:
    """Apply a bulk action; all rows, their entries and the mark that it is done are one transaction."""
    found = surface_of(apps.get_model(surface))

    def progress(done: int, total: int) -> None:
        job.progress(done, total, _("Changing rows"))

    apply_given(found, job.actor, action, fields, given, keys, progress)
    return {"url": found.url("list")}
