"""How the runs of this room are computed: once for equal inputs, and put in force where the actor may."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Protocol

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai import __version__
from yaomai.kit.access import Actor
from yaomai.kit.runs.models import Run
from yaomai.kit.runs.selectors import run_in_force
from yaomai.kit.runs.services import run_finish, run_start


class Gathering(Protocol):
    """Everything a run reads, as of one moment."""

    @property
    def versions(self) -> dict[str, int | None]:
        """The versions of the policies that are read."""

    def fingerprints(self) -> dict[str, str]:
        """Return what tells two gatherings apart."""


def compute_once(
    gathered: Gathering,
    *,
    kind: str,
    actor: Actor,
    as_of: date,
    compute: Callable[[Run], dict[str, Any]],
    parameters: Mapping[str, Any] | None = None,
) -> Run:
    """Return the finished run of these inputs, computed unless it is there.

    Args:
        compute: keeps the tables of a run and returns its summary.
    """
    run, is_new = run_start(
        actor=actor, kind=kind, parameters=parameters or {}, as_of=as_of, inputs=gathered.fingerprints(),
        policies=gathered.versions, engine_version=__version__, now=timezone.now(),
    )  # fmt: skip
    if is_new or run.state != Run.State.FINISHED:
        run = run_finish(actor=actor, pk=run.pk, result=compute(run), now=timezone.now())
    return run


def compute_and_publish(
    gathered: Gathering,
    *,
    kind: str,
    actor: Actor,
    as_of: date,
    compute: Callable[[Run], dict[str, Any]],
    publish: Callable[..., Run],
    report: Callable[..., object],
    steps: int,
) -> Run:
    """Return the run of these inputs (`compute_once`), in force where the actor holds `<kind>:publish`.

    Args:
        publish: the act that puts a run in force.
        report: takes done, total and what is being done; putting in force is the last of so many `steps`.
    """
    run = compute_once(gathered, kind=kind, actor=actor, as_of=as_of, compute=compute)
    report(steps - 1, steps, _("Putting it in force"))
    current = run_in_force(kind)
    if actor.may(f"{kind}:publish") and (current is None or current.pk != run.pk):
        run = publish(actor=actor, pk=run.pk, now=timezone.now(), instead_of=current.pk if current else None)
    return run
