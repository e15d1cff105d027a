import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from yaomai.server import health
from yaomai.server.health import Health, readiness


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder in order, and settings that point to it."""
    (tmp_path / "secret.key").write_text("s" * 86)
    (tmp_path / "keys.json").write_text("{}")
    monkeypatch.setattr(settings, "DATA", tmp_path)
    return tmp_path


@pytest.fixture
def ready(data: Path, django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        assert set(readiness().values()) == {"ok"}
        yield


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("a page")


def get(path: str, **headers: str) -> HttpResponse:
    return Health(page)(RequestFactory().get(path, **headers))


def parts() -> dict[str, str]:
    began = time.monotonic()
    response = get("/health/ready")
    assert response.status_code == 503
    assert response["Retry-After"]
    assert time.monotonic() - began < 5
    return {name: state for name, state in json.loads(response.content)["parts"].items() if state != "ok"}


def test_a_working_installation_is_ready(ready: None) -> None:
    response = get("/health/ready")
    assert response.status_code == 200
    assert json.loads(response.content)["ready"] is True


def test_the_database_unreachable(ready: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections["default"].settings_dict, "HOST", "/nowhere")
    assert parts() == {"database": "unreachable"}


def test_the_disk_almost_full(ready: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1024))
    assert parts() == {"disk": "almost full"}


def test_the_data_folder_not_writable(ready: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YAOMAI_KEYS", str(settings.DATA / "keys.json"))
    monkeypatch.setattr(settings, "DATA", settings.DATA / "nowhere")
    monkeypatch.setattr(health.shutil, "disk_usage", lambda path: SimpleNamespace(free=2**40))
    monkeypatch.setenv("YAOMAI_SECRET_KEY", "s" * 50)
    assert parts() == {"data_folder": "No such file or directory"}


def test_the_secret_key_gone(ready: None, data: Path) -> None:
    (data / "secret.key").unlink()
    assert parts() == {"keys": "No such file or directory"}


def test_the_key_ring_unreadable(ready: None, data: Path) -> None:
    (data / "keys.json").unlink()
    (data / "keys.json").mkdir()
    assert parts() == {"keys": "Is a directory"}


def test_static_files_not_collected(ready: None, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "STORAGES", {"staticfiles": {"BACKEND": "x.ManifestStorage"}})
    monkeypatch.setattr(settings, "STATIC_ROOT", data / "static")
    assert parts() == {"static_files": "not collected"}


@pytest.mark.parametrize(
    ("broken", "mended", "expected"),
    [
        (
            "ALTER TABLE django_migrations RENAME TO hidden",
            "ALTER TABLE hidden RENAME TO django_migrations",
            {"migrations": "UndefinedTable"},
        ),
        (
            "ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_fixed",
            "ALTER TABLE audit_entry ENABLE TRIGGER audit_entry_fixed",
            {"trail": "triggers missing or off"},
        ),
    ],
)
def test_the_database_broken_inside(ready: None, broken: str, mended: str, expected: dict[str, str]) -> None:
    with health.database_connection() as connection:
        connection.execute(broken)
        try:
            assert parts() == expected
        finally:
            connection.execute(mended)


def test_a_read_only_database(ready: None, monkeypatch: pytest.MonkeyPatch) -> None:
    real = health.database_connection

    def read_only() -> psycopg.Connection[Any]:
        connection = real()
        connection.execute("SET default_transaction_read_only = on")
        return connection

    monkeypatch.setattr(health, "database_connection", read_only)
    assert parts() == {"database_writable": "read-only"}


def test_live_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "readiness", lambda: pytest.fail("liveness must not look at the database"))
    assert get("/health/live").status_code == 200


def test_readiness_is_looked_at_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(health, "readiness", lambda: asked.append(1) or {"database": "ok"})
    middleware = Health(page)
    for _ in range(20):
        middleware(RequestFactory().get("/health/ready"))
    assert len(asked) == 1


def test_other_addresses_pass() -> None:
    assert get("/").content == b"a page"


def test_metrics_parse(ready: None) -> None:
    response = get("/metrics")
    assert response["Content-Type"].startswith("text/plain; version=0.0.4")
    names = set()
    for line in response.content.decode().splitlines():
        if line.startswith("# TYPE "):
            names.add(line.split()[2])
        elif not line.startswith("#"):
            sample, value = line.rsplit(" ", 1)
            assert sample.split("{")[0] in names, line
            float(value)
    assert {"yaomai_ready", "yaomai_jobs", "yaomai_workers", "yaomai_trail_entries_total"} <= names


def test_metrics_are_for_this_machine_or_the_token(ready: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
    assert get("/metrics", HTTP_X_FORWARDED_FOR="203.0.113.9").status_code == 404
    monkeypatch.setenv("YAOMAI_METRICS_TOKEN", "t0ken")
    assert get("/metrics").status_code == 404
    for wrong in ("Bearer wrong", "Bearer t0k\u00e9n", ""):
        assert get("/metrics", HTTP_AUTHORIZATION=wrong).status_code == 404
    assert get("/metrics", HTTP_AUTHORIZATION="Bearer t0ken", REMOTE_ADDR="203.0.113.9").status_code == 200


def test_no_part_leaves_a_file_behind(ready: None, data: Path) -> None:
    readiness()
    assert [name for name in os.listdir(data) if name.startswith(".probe")] == []
