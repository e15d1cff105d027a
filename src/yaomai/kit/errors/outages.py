"""Faults of the machine, not of the program: what a person can be told, wherever in a request or job they occur."""

import errno

import psycopg.errors
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext_lazy as _

from yaomai.kit.embedded import is_full
from yaomai.kit.errors import Unavailable


class NoSpace(Unavailable):
    """The disk is full."""

    code = "disk_full"
    status = 507
    message = _("The disk of the server is full. Nothing was lost or half saved. Make space, then try again.")


class NotWritable(Unavailable):
    """The data folder cannot be written, or its disk fails."""

    code = "disk_not_writable"
    status = 507
    message = _(
        "The server cannot write its data. Nothing was lost or half saved. Ask the administrators to check the disk and "
        "the rights of the data folder, then try again."
    )


class DamagedData(Unavailable):
    """A page of the database is not as it was written."""

    code = "data_damaged"
    status = 507
    message = _(
        "A part of the data on the server's disk is damaged. It was noticed and not used, and nothing was changed. Ask the"
        " administrators: the log names the file, and a backup has what was in it (yaomai restore)."
    )


_FULL = (errno.ENOSPC, errno.EDQUOT)
_BROKEN = (errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)


def outage(error: BaseException | None) -> Unavailable | None:
    """Return what to say when a full or failing disk, damaged data, or a database that is away or read-only, is behind an error, else None."""
    away = False
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return NoSpace()
        if isinstance(error, OSError) and error.errno in _BROKEN:
            return NotWritable()
        if isinstance(error, psycopg.errors.DataCorrupted | psycopg.errors.IndexCorrupted):
            return DamagedData()
        if isinstance(error, psycopg.errors.DiskFull):
            return NoSpace()
        away = away or isinstance(error, OperationalError | InterfaceError | psycopg.errors.ReadOnlySqlTransaction)
        error = error.__cause__
    if not away:
        return None
    # The database goes down when it cannot write its log: the disk behind it is what people have to look at.
    return NoSpace() if is_full(settings.DATA) else Unavailable()
