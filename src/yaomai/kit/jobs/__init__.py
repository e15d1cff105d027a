"""Background work: a queue in PostgreSQL, with progress, retries, schedules and resumption after a kill.

A room declares its jobs in `jobs.py`:

    @job("commerce.import_flow", label=_("Import of sales flow"), exclusive_by="flow:{distributor}")
    def import_flow(*, job: JobHandle, distributor: int, file: str) -> dict[str, Any]:
        for done, line in enumerate(lines):
            job.progress(done, len(lines), _("Reading lines"))       # cheap; also where a cancel takes effect
        return {"url": "/commerce/batches/7/"}

and any service asks for one inside its own transaction; the job exists if and only if that commits:

    import_flow.defer(actor=actor, distributor=7, file="…")

The handler runs on behalf of whoever asked, with the positions that person holds when it runs. Its effects and
the mark that it is done are one transaction (unless `atomic=False`), so a worker killed at any moment leaves
either nothing or everything, once. A handler that works in steps of its own keeps its place with `job.keep(…)`.

    @periodic("0 3 * * *", reason=_("Nightly refresh"))
    @job("warehouse.refresh_all")
    def refresh_all(*, job: JobHandle) -> None: …

runs exactly once for each slot of the schedule (site time), however many workers there are.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yaomai.kit.jobs.actors import register_actor_loader
    from yaomai.kit.jobs.definitions import JobDefinition, job, periodic
    from yaomai.kit.jobs.handle import Cancelled, JobHandle
    from yaomai.kit.jobs.queue import at_once

__all__ = ["Cancelled", "JobDefinition", "JobHandle", "at_once", "job", "periodic", "register_actor_loader"]

_HOMES = {
    "Cancelled": "handle",
    "JobDefinition": "definitions",
    "JobHandle": "handle",
    "at_once": "queue",
    "job": "definitions",
    "periodic": "definitions",
    "register_actor_loader": "actors",
}


def __getattr__(name: str) -> Any:
    """Load on first use: the package is imported as an app before there can be models."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
