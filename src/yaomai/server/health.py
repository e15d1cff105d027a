"""Liveness, readiness and metrics.

`/health/live`    200 as long as this process answers.
`/health/ready`   200 when requests can be served, else 503; the body names every part and the broken ones.
`/metrics`        Prometheus text, for this machine or with `Authorization: Bearer $YAOMAI_METRICS_TOKEN`.

They are answered before every other middleware: without session, Host check or redirect to https, and without the
connection pool, which would make a broken database wait instead of fail.
"""

import hmac
import ipaddress
import os
import shutil
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from django.http import HttpRequest, HttpResponse, JsonResponse

from yaomai.kit import keys

Handler = Callable[[HttpRequest], HttpResponse]

LEAST_FREE_BYTES = 200 * 1024 * 1024
_REMEMBERED_SECONDS = 1.0
_CONNECT_SECONDS = 2
TRIGGERS = ("audit_entry_link", "audit_entry_fixed", "audit_entry_kept", "audit_link_fixed", "audit_link_kept")


class Broken(Exception):
    """A part that keeps requests from being served; the text is a short code for operators."""


def database_connection() -> psycopg.Connection[Any]:
    """Connect to the database directly, giving up after two seconds.

    Raises:
        Broken: it cannot be reached.
    """
    parameters = connections["default"].get_connection_params()
    wanted = {key: parameters[key] for key in ("host", "port", "user", "password", "dbname") if parameters.get(key)}
    try:
        return psycopg.connect(
            **wanted,
            connect_timeout=_CONNECT_SECONDS,
            autocommit=True,
            options=f"-c statement_timeout={_CONNECT_SECONDS * 1000}",
        )
    except psycopg.OperationalError as error:
        raise Broken("unreachable") from error


def _writable(connection: psycopg.Connection[Any]) -> None:
    row = connection.execute("SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool")
    if row.fetchone() == (True,):
        raise Broken("read-only")


def _migrated(connection: psycopg.Connection[Any]) -> None:
    applied = {tuple(row) for row in connection.execute("SELECT app, name FROM django_migrations")}
    if missing := len(known_migrations() - applied):
        raise Broken(f"{missing} missing")


def known_migrations() -> set[tuple[str, str]]:
    """Return the migrations of the installed code; read once, code does not change under a process."""
    global _known
    if _known is None:
        from django.db.migrations.loader import MigrationLoader

        loader = MigrationLoader(None, ignore_no_migrations=True)
        _known = {key for key, migration in loader.disk_migrations.items() if not migration.replaces}
    return _known


_known: set[tuple[str, str]] | None = None


def _trail_guarded(connection: psycopg.Connection[Any]) -> None:
    query = "SELECT count(*) FROM pg_trigger WHERE tgname = ANY(%s) AND tgenabled IN ('O', 'A')"
    if connection.execute(query, [list(TRIGGERS)]).fetchone() != (len(TRIGGERS),):
        raise Broken("triggers missing or off")


def _disk_free() -> None:
    if shutil.disk_usage(settings.DATA).free < LEAST_FREE_BYTES:
        raise Broken("almost full")


def _data_writable() -> None:
    probe = Path(settings.DATA) / f".probe.{os.getpid()}.{threading.get_ident()}"
    probe.write_bytes(b"x")
    probe.unlink()


def _keys_readable() -> None:
    folder = Path(settings.DATA)
    for file in (keys.ring_file(folder), keys.secret_file(folder)):
        if file is not None:
            file.read_bytes()


def _static_collected() -> None:
    if (
        "Manifest" in str(settings.STORAGES["staticfiles"])
        and not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists()
    ):
        raise Broken("not collected")


_PARTS: dict[str, Callable[[], None]] = {
    "disk": _disk_free,
    "data_folder": _data_writable,
    "keys": _keys_readable,
    "static_files": _static_collected,
}
_DATABASE_PARTS: dict[str, Callable[[psycopg.Connection[Any]], None]] = {
    "database_writable": _writable,
    "migrations": _migrated,
    "trail": _trail_guarded,
}


def readiness() -> dict[str, str]:
    """Return each part with "ok" or what is wrong with it."""
    parts = {name: _outcome(part) for name, part in _PARTS.items()}
    try:
        with database_connection() as connection:
            parts["database"] = "ok"
            for name, look in _DATABASE_PARTS.items():
                parts[name] = _outcome(partial(look, connection))
    except Broken as error:
        parts["database"] = str(error)
    return parts


def _outcome(part: Callable[[], None]) -> str:
    try:
        part()
    except Broken as error:
        return str(error)
    except OSError as error:
        return error.strerror or type(error).__name__
    except psycopg.Error as error:
        return type(error).__name__
    return "ok"


class Health:
    """Middleware that answers the addresses above; it stands first."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.lock = threading.Lock()
        self.remembered: tuple[float, dict[str, str]] = (0.0, {})

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/health/live":
            return JsonResponse({"live": True})
        if request.path == "/health/ready":
            return self._ready()
        if request.path == "/metrics":
            return self._metrics(request)
        return self.get_response(request)

    def _ready(self) -> HttpResponse:
        # Load balancers ask often, and a readiness check must not become load of its own.
        with self.lock:
            asked, parts = self.remembered
            if time.monotonic() - asked > _REMEMBERED_SECONDS:
                parts = readiness()
                self.remembered = (time.monotonic(), parts)
        ready = all(state == "ok" for state in parts.values())
        response = JsonResponse({"ready": ready, "parts": parts}, status=200 if ready else 503)
        if not ready:
            response["Retry-After"] = "5"
        return response

    def _metrics(self, request: HttpRequest) -> HttpResponse:
        from .metrics import exposition

        if not _may_read_metrics(request):
            return HttpResponse(status=404)
        return HttpResponse(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _may_read_metrics(request: HttpRequest) -> bool:
    """Tell whether the request carries the token; without one set, whether it comes from this machine itself.

    A forwarded request comes from a proxy on this machine, so its word about the client does not count.
    """
    token = os.environ.get("YAOMAI_METRICS_TOKEN")
    if token:
        # As bytes: of texts, only plain ASCII can be compared, and a stranger may send anything.
        return hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode())
    try:
        local = ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
    return local and "X-Forwarded-For" not in request.headers
