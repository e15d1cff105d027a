"""S7: whatever breaks during an act, the act and its entry stand or fall together; without the trail there is no act.

Every service with an example (`tests/<room>/acts_examples.py`) meets every fault on a database of its own where
commits are real; afterwards each table is as it was, hash by hash. Then the act is done once, and the chain holds
exactly one entry of it.
"""

import os
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from tests.test_acts import GIVEN

from yaomai.kit import keys
from yaomai.kit.acts import acts
from yaomai.kit.audit.models import Entry, Link
from yaomai.kit.backup import Table, differences, tables

pytestmark = [pytest.mark.timeout(300), pytest.mark.django_db(transaction=True)]
Call = Callable[[], object]


def state() -> dict[str, Table]:
    """Return the rows of every table as counts and hashes."""
    with connection.cursor() as cursor:
        return tables(cursor.connection)


# Faults -----------------------------------------------------------------------------------------------------


def process_killed(call: Call) -> None:
    """The process ends after everything was written, before the commit."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        with transaction.atomic():
            call()
            os.kill(os.getpid(), signal.SIGKILL)
    _pid, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL


def connection_killed(call: Call) -> None:
    """The database ends the connection after everything was written, before the commit."""
    with pytest.raises(DatabaseError), transaction.atomic():  # noqa: PT012 — the commit is what fails
        call()
        with connection.copy().cursor() as other:
            other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
            other.connection.close()
    connections.close_all()


def no_entries(call: Call) -> None:
    """The trail takes no entry."""
    with refusing("audit_entry", "BEFORE INSERT"), pytest.raises(DatabaseError, match="sink is gone"):
        call()


def no_links(call: Call) -> None:
    """The chain cannot be extended, which shows at the commit."""
    with refusing("audit_link", "BEFORE INSERT"), pytest.raises(DatabaseError, match="sink is gone"):
        call()


def head_locked(call: Call) -> None:
    """The chain's end cannot be had in time."""
    with locked_head(), short_patience(), pytest.raises(DatabaseError, match="timeout"):
        call()


FAULTS = (process_killed, connection_killed, no_entries, no_links, head_locked)


@contextmanager
def refusing(table: str, when: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION sink_is_gone() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'the sink is gone'; END $$"
        )
        cursor.execute(f"CREATE TRIGGER a_fault {when} ON {table} FOR EACH ROW EXECUTE FUNCTION sink_is_gone()")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION sink_is_gone() CASCADE")


@contextmanager
def locked_head() -> Iterator[None]:
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT 1 FROM audit_head FOR UPDATE")
        try:
            yield
        finally:
            other.close()


@contextmanager
def short_patience() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 0")


# The walk ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(GIVEN))
def test_an_act_and_its_entry_stand_or_fall_together(code: str, settings: Any, tmp_path: Path) -> None:
    keys.make_missing(tmp_path)
    settings.DATA = tmp_path
    in_a_process_of_its_own(lambda: walk(code))


def in_a_process_of_its_own(work: Call) -> None:
    """Do it in a child: threads that a library has started, such as the typesetter's, would be missing in later ones."""
    connections.close_all()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            work()
        except BaseException:
            os.write(writer, traceback.format_exc().encode()[-60_000:])
            os._exit(1)
        os._exit(0)
    os.close(writer)
    with open(reader, "rb") as said:
        text = said.read().decode(errors="replace")
    _pid, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, text


def walk(code: str) -> None:
    call = GIVEN[code]()
    before = state()
    for fault in FAULTS:
        fault(call)
        assert differences(before, state()) == [], f"{fault.__name__} left something"
    last = Entry.unscoped.latest("pk").pk if Entry.unscoped.exists() else 0
    call()
    (entry,) = Entry.unscoped.filter(code=code, pk__gt=last)
    assert entry.outcome == Entry.Outcome.DONE
    assert Link.objects.filter(entry=entry).count() == 1


def test_every_service_meets_every_fault(figure: Callable[[str, str], None]) -> None:
    services, faults = acts(), [fault.__name__.replace("_", " ") for fault in FAULTS]
    figure(
        "S7",
        f"{len(GIVEN)} of {len(services)} services × {len(faults)} faults ({', '.join(faults)}):"
        " nothing half done, nothing without its entry",
    )
    assert set(services) == set(GIVEN)
