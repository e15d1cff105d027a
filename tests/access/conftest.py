"""The world of the access tests: made once in a worker, cloned for every module, left as it was by every request."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from .world import NOW, World, build


@contextmanager
def made_world(data: Path, make: Callable[[Callable[[], World]], World] = lambda world: world()) -> Iterator[World]:
    """Make the world in the present database, with a data folder of its own; it is an hour later then."""
    from django.conf import settings

    with pytest.MonkeyPatch.context() as patch, time_machine.travel(NOW, tick=True) as clock:
        patch.setattr(settings, "DATA", data)
        # Thousands of refusals are expected.
        patch.setattr(logging.getLogger("django.request"), "disabled", True)
        made = make(_world)
        clock.shift(timedelta(hours=1))
        yield made


@pytest.fixture(scope="module")
def world(
    own_database: str,
    made_once: Callable[[Callable[[], World]], World],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    with made_world(tmp_path_factory.mktemp("access"), made_once) as made:
        yield made


def _world() -> World:
    from django.conf import settings

    return build(settings.DATA)
