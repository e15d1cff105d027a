"""On whose behalf a job runs. Who people are is known above; that room registers how to load them."""

from collections.abc import Callable
from datetime import date

from yaomai.kit.access import Actor

Loader = Callable[[int, date], Actor | None]
_loaders: list[Loader] = []


def register_actor_loader(loader: Loader) -> None:
    """Register the function (person id, day) -> Actor with the positions held that day; None: may not act."""
    _loaders[:] = [loader]


def load_actor(person_id: int, *, on: date) -> Actor | None:
    """Return the person as an actor on a day, or None when the person is gone or may no longer sign in.

    Raises:
        RuntimeError: no room registered a loader.
    """
    if not _loaders:
        raise RuntimeError("no actor loader is registered; see yaomai.kit.jobs.register_actor_loader")
    return _loaders[0](person_id, on)
