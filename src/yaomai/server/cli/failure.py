"""Turn known errors into a message that says what is wrong and what to do."""

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from yaomai.words import _


def guarded(run: Callable[[], object]) -> None:
    """Run a program; known errors become one message and exit code 1, never a traceback."""
    try:
        run()
    except Exception as error:
        message = explained(error)
        if message is None:
            raise
        print(message, file=sys.stderr)
        raise SystemExit(1) from None


def explained(error: Exception) -> str | None:
    """Return the message for a known error, None for one that is a defect of the program."""
    from yaomai.kit.embedded import EmbeddedError

    backup = sys.modules.get("yaomai.kit.backup")
    if isinstance(error, EmbeddedError) or (backup and isinstance(error, backup.BackupError)):
        parts = [_(error.message) % error.params, _(error.mend) % error.params, error.detail]
        return "\n".join(part for part in parts if part)
    if isinstance(error, Refusal):
        return str(error)
    domain = sys.modules.get("yaomai.kit.errors")
    if domain and isinstance(error, domain.DomainError):
        return "\n".join(_told(error, domain))
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return _("The disk is full. Free some space and run the command again; nothing that was saved is lost.")
    if isinstance(error, PermissionError):
        return _("%(file)s cannot be read or written: its owner is another user.") % {"file": error.filename}
    return _explained_by_library(error)


def _told(error: Any, domain: Any) -> list[str]:
    """Return what an error says, line by line; nothing is marked here, so what is to be corrected is named instead."""
    if isinstance(error, domain.Invalid):
        fields = [
            f"{name}: {message}" if name else str(message) for name, found in error.fields.items() for message in found
        ]
        return fields if fields and error.template == domain.Invalid.message else [str(error), *fields]
    citations = error.citations if isinstance(error, domain.Refused) else ()
    return [str(error), *(_("Source: %(citation)s") % {"citation": citation} for citation in citations)]


class Refusal(Exception):
    """A command that cannot do what was asked; the message is for the person who asked."""


def _explained_by_library(error: Exception) -> str | None:
    """Look at errors of libraries only when they are loaded: importing them would make every failure slow."""
    if (errors := sys.modules.get("yaomai.kit.errors")) and isinstance(error, errors.DomainError):
        return str(error)
    core = sys.modules.get("django.core.exceptions")
    if core and isinstance(error, core.ImproperlyConfigured):
        return "\n".join((_("A key or a setting is not in order; yaomai check tells which."), str(error)))
    database = sys.modules.get("django.db")
    driver = sys.modules.get("psycopg")
    if driver and (closed := _refusal_to_write(error, driver)) is not None:
        return "\n".join(
            (
                _("The database does not let itself be written to."),
                _(
                    "DATABASE_URL must name a server that is not read-only, and a user who owns the database (ALTER DATABASE"
                    " … OWNER TO …); yaomai check tells more."
                ),
                str(closed).strip().splitlines()[0],
            )
        )
    if (database and isinstance(error, database.OperationalError)) or (
        driver and isinstance(error, driver.OperationalError)
    ):
        if _is_disk_full():
            return _("The disk is full. Free some space and run the command again; nothing that was saved is lost.")
        return "\n".join(
            (
                _("The database cannot be reached."),
                _("Start Yaomai (yaomai up) or check DATABASE_URL; yaomai check tells more."),
                str(error).strip().splitlines()[0],
            )
        )
    return None


def _is_disk_full() -> bool:
    """Tell whether the disk of the data folder is full: the database goes down when it cannot write its log."""
    from yaomai.kit.embedded import is_full

    folder = Path(os.environ.get("YAOMAI_DATA", "data"))
    return folder.exists() and is_full(folder)


def _refusal_to_write(error: BaseException | None, driver: Any) -> BaseException | None:
    """Return what the server said where rights are missing or nothing can be written, else None."""
    kinds: tuple[type[Exception], ...] = (driver.errors.InsufficientPrivilege, driver.errors.ReadOnlySqlTransaction)
    while error is not None:
        if isinstance(error, kinds):
            return error
        error = error.__cause__ or error.__context__
    return None
