"""The database for the time of one command."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running_database() -> Iterator[None]:
    """Use the server that runs, or start the built-in one for the time of the command."""
    if os.environ.get("DATABASE_URL"):
        yield
        return
    from yaomai.kit.embedded import EmbeddedPostgres

    with EmbeddedPostgres(Path(os.environ.get("YAOMAI_DATA", "data"))):
        yield
