"""The pool of connections after an outage of the database."""

from time import monotonic, sleep
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg_pool import ConnectionPool


class Gate(psycopg.Connection[Any]):
    """Connections to a database that is down until `is_up`."""

    is_up = False

    @classmethod
    def connect(cls, *args: Any, **kwargs: Any) -> Any:
        if not cls.is_up:
            raise psycopg.OperationalError("down")
        return super().connect(*args, **kwargs)


@pytest.mark.django_db
def test_connections_are_back_soon_after_a_long_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    known = connection.get_connection_params()
    where = {name: known[name] for name in ("host", "port", "user", "password", "dbname") if known.get(name)}
    pool = ConnectionPool(kwargs=where, connection_class=Gate, min_size=1, max_size=1, timeout=10, open=True)
    with pool:
        sleep(3.5)  # attempts after 1 and 3 seconds: the next one that waits twice as long comes after 7
        monkeypatch.setattr(Gate, "is_up", True)
        begun = monotonic()
        with pool.connection() as found:
            assert found.execute("SELECT 1").fetchone() == (1,)
        assert monotonic() - begun < 2
