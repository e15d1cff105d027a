"""Read runs as the actor may see them."""

from datetime import datetime
from typing import Any

from django.db.models import Q

from yaomai.kit.access import get_visible
from yaomai.kit.audit.trail import difference
from yaomai.kit.memo import once_a_page
from yaomai.kit.runs.models import Period, Run

PAGE = 50


def run_get(*, pk: int) -> Run:
    """Return one run in the current actor's view.

    Raises:
        Missing: there is none, or its kind is not for the actor.
    """
    return get_visible(Run, pk=pk)


def run_list(*, kind: str = "", before: int | None = None) -> list[Run]:
    """Return a page of runs, newest first; one more than `PAGE` when more follow."""
    rows = Run.objects.order_by("-pk")
    if kind:
        rows = rows.filter(kind=kind)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows[: PAGE + 1])


@once_a_page
def run_in_force(kind: str) -> Run | None:
    """Return the run in force. No actor is needed: whose rows of its result are seen is decided where they are."""
    return Run.unscoped.filter(kind=kind, published_at__isnull=False, superseded_at__isnull=True).first()


def run_newest(kind: str) -> Run | None:
    """Return the run that finished last, in force or not."""
    return Run.unscoped.filter(kind=kind, state=Run.State.FINISHED).order_by("-pk").first()


def run_waiting(kind: str) -> Run | None:
    """Return the run that finished last when it came after the one in force: it waits to be published."""
    newest, current = run_newest(kind), run_in_force(kind)
    return newest if newest is not None and (current is None or newest.pk > current.pk) else None


def run_before(run: Run) -> Run | None:
    """Return the run that was in force before one, to which it can be taken back; None when there was none."""
    first = Period.objects.filter(run=run).order_by("pk").first()
    earlier = (
        Period.objects.filter(run__kind=run.kind, pk__lt=first.pk if first else 0)
        .exclude(run_id=run.pk)
        .select_related("run")
        .order_by("-pk")
        .first()
    )
    return None if earlier is None else earlier.run


def run_in_force_at(kind: str, *, at: datetime) -> Run | None:
    """Return the run that was in force at a moment, by the periods of publication."""
    period = (
        Period.objects.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=at), run__kind=kind, began_at__lte=at)
        .select_related("run")
        .first()
    )
    return None if period is None else period.run


def run_compare(*, first: Run, second: Run) -> dict[str, tuple[Any, Any]]:
    """Return what went in differently: name → (first, second); empty when both must give the same bytes."""
    return difference(_went_in(first), _went_in(second))


def _went_in(run: Run) -> dict[str, Any]:
    flat: dict[str, Any] = {"as_of": run.as_of, "engine_version": run.engine_version, "seed": run.seed}
    for group, values in (("parameters", run.parameters), ("inputs", run.inputs), ("policies", run.policies)):
        flat |= {f"{group}.{name}": value for name, value in values.items()}
    return flat
