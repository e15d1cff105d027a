"""The world of the access tests: committed once per module, and left as it was by every request."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from .world import NOW, World, build


@pytest.fixture(scope="module")
def world(own_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Return the world, an hour after it was made."""
    from django.conf import settings

    data = tmp_path_factory.mktemp("access")
    with pytest.MonkeyPatch.context() as patch, time_machine.travel(NOW, tick=True) as clock:
        patch.setattr(settings, "DATA", data)
        made = build(data)
        clock.shift(timedelta(hours=1))
        yield made
