"""Read imports as the actor may see them."""

from collections.abc import Mapping
from typing import Any

from yaomai.kit.access import current_actor, get_visible, require
from yaomai.kit.jobs.models import Job
from yaomai.kit.transfer.models import Import
from yaomai.kit.transfer.problems import Problem
from yaomai.kit.transfer.reading import Place
from yaomai.kit.transfer.registry import importers_for

PAGE = 50


def import_list(*, before: int | None = None) -> list[Import]:
    """Return a page of imports in the current actor's view, newest first; one more than `PAGE` when more follow."""
    require(current_actor(), "transfer.import:view")
    rows = Import.objects.filter(importer__in=_usable()).select_related("person").order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows[: PAGE + 1])


def _usable() -> list[str]:
    """Return the importers that the actor may use: what others brought in shows what it is about."""
    return [importer.name for importer in importers_for(current_actor())]


def import_get(*, pk: int) -> Import:
    """Return one import in the current actor's view.

    Raises:
        Missing: there is none, it is somebody else's, or of a kind that the actor may not import.
    """
    return get_visible(Import, pk=pk, importer__in=_usable())


def problems_shown(row: Import) -> list[Problem]:
    """Return the first problems of the last check."""
    return [_problem(each) for each in row.result.get("problems", [])]


def problem_kinds(row: Import) -> list[tuple[int, Problem]]:
    """Return how often each kind of problem came up in a column, the most frequent first, with the first of its kind.

    A kind of which none is among the problems that are shown is left out: all are in the file with reasons.
    """
    first: dict[tuple[str, str], Problem] = {}
    for each in problems_shown(row):
        first.setdefault((each.column, each.code), each)
    counted = [(count, first.get((column, code))) for column, code, count in row.result.get("counts", [])]
    return [(count, each) for count, each in counted if each is not None]


def _problem(kept: Mapping[str, Any]) -> Problem:
    return Problem(Place(*kept["place"]), kept["header"], kept["column"], kept["value"], kept["code"], kept["params"])


def job_of(row: Import) -> Job | None:
    """Return the background job of an import."""
    return None if row.job_id is None else Job.unscoped.filter(pk=row.job_id).first()
