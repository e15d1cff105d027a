"""`yaomai check`: what is wrong with this installation, and how to mend it."""

import os
from collections.abc import Iterator
from pathlib import Path

from . import database, machine, product
from .findings import Level, Report, Surroundings, codes, run

__all__ = ["Level", "Report", "codes", "database", "examine", "machine", "product"]


def examine(*, only: str | None = None) -> Iterator[Report]:
    """Run the checks on this installation; Django must be set up."""
    from django.conf import settings
    from django.utils.translation import gettext as _

    from yaomai.server.health import Broken, database_connection

    try:
        connection = database_connection()
    except Broken:
        missing = _("the database cannot be reached")
        yield from run(Surroundings(Path(settings.DATA), dict(os.environ), None, missing), only)
        return
    with connection:
        yield from run(Surroundings(Path(settings.DATA), dict(os.environ), connection), only)
