import errno
from types import SimpleNamespace

import psycopg.errors
import pytest
from django.db import DataError, IntegrityError, InternalError, OperationalError

from yaomai.kit.errors.outages import outage


def caused_by(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "disk_full"),
        (OSError(errno.EROFS, "Read-only file system"), "disk_not_writable"),
        (PermissionError(errno.EACCES, "Permission denied"), "disk_not_writable"),
        (OSError(errno.EIO, "Input/output error"), "disk_not_writable"),
        (caused_by(OperationalError(), psycopg.errors.DiskFull()), "disk_full"),
        (OperationalError("the connection is lost"), "unavailable"),
        (caused_by(InternalError(), psycopg.errors.ReadOnlySqlTransaction()), "unavailable"),
    ],
)
def test_a_fault_of_the_machine_is_said_as_such(error: Exception, code: str) -> None:
    found = outage(caused_by(RuntimeError("in a view"), error))
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(("free", "code"), [(10_000_000, "disk_full"), (500_000_000, "unavailable")])
def test_a_database_that_went_down_for_want_of_space_is_a_full_disk(
    free: int, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL ends when it cannot write its log: all that is left of it is a lost connection."""
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: SimpleNamespace(free=free))
    found = outage(OperationalError("server closed the connection unexpectedly"))
    assert found is not None and found.code == code


@pytest.mark.parametrize("error", [KeyError("x"), DataError(), IntegrityError(), OSError(errno.ENOENT, "x"), None])
def test_a_fault_of_the_program_is_not(error: Exception | None) -> None:
    assert outage(error) is None
