"""Every check of the doctor is broken on purpose once, and must then say how to mend it."""

import json
import os
import resource
import shutil
import time
import zoneinfo
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.conf import settings

from yaomai.kit.embedded import BinariesMissing
from yaomai.server import health, messages
from yaomai.server.doctor import Level, codes, machine, product
from yaomai.server.doctor.findings import Report, Surroundings, run
from yaomai.server.doctor.machine import file_system


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder in order."""
    tmp_path.chmod(0o700)
    (tmp_path / "logs").mkdir()
    (tmp_path / "secret.key").write_text("s" * 86)
    (tmp_path / "secret.key").chmod(0o600)
    ring = {"keys": [{"id": "1", "secret": "0a" * 32}], "index": "0b" * 32}
    (tmp_path / "keys.json").write_text(json.dumps(ring))
    (tmp_path / "keys.json").chmod(0o600)
    (tmp_path / "backups.jsonl").write_text(json.dumps({"at": datetime.now(UTC).isoformat()}) + "\n")
    return tmp_path


@pytest.fixture
def database(django_db_setup: None, django_db_blocker: Any) -> Iterator[psycopg.Connection[Any]]:
    """A connection whose work is rolled back: what a test breaks is whole again afterwards."""
    with django_db_blocker.unblock():
        connection = health.database_connection()
        connection.autocommit = False
        yield connection
        connection.rollback()
        connection.close()


class Canned:
    """Stands for a server that cannot be had here (an old one, a standby): answers one query with one value."""

    def __init__(self, connection: psycopg.Connection[Any], part: str, value: object) -> None:
        self.connection, self.part, self.value = connection, part, value

    def execute(self, query: str, parameters: Any = None) -> Any:
        found = self.connection.execute(query, parameters)
        return SimpleNamespace(fetchone=lambda: (self.value,)) if self.part in query else found


def report(code: str, data: Path, database: Any = None, **environment: str) -> Report:
    [found] = list(run(Surroundings(data, environment, database, "unreachable"), only=code))
    return found


def assert_broken(found: Report, level: Level) -> None:
    assert found.level is level, found
    assert found.mend, "a finding without a mend helps nobody"


# The machine ------------------------------------------------------------------------------------------------------
def nothing_free(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=2**20, total=2**40))


def no_entries(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(f_files=1000, f_favail=3))


def little_memory(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    monkeypatch.setattr(os, "sysconf", lambda name: {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 1000}[name])


def few_files(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (256, 256))


def old_python(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    monkeypatch.setattr(machine.sys, "version_info", (3, 9, 2))


def open_folder(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    data.chmod(0o755)


def unwritable_folder(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    (data / f".probe.{os.getpid()}").mkdir()


def network_disk(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    monkeypatch.setattr(machine, "file_system", lambda path, mounts: "nfs4")


def large_logs(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    with open(data / "logs" / "web.log", "wb") as log:
        log.truncate(2 * 1024**3)


def no_fontconfig(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)


def no_zone(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    def missing(name: str) -> None:
        raise zoneinfo.ZoneInfoNotFoundError

    monkeypatch.setattr(zoneinfo, "ZoneInfo", missing)


def no_programs(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    def missing() -> None:
        raise BinariesMissing

    monkeypatch.setattr(machine, "installation", missing)


# The product ------------------------------------------------------------------------------------------------------
def no_secret(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    (data / "secret.key").unlink()


def open_ring(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    (data / "keys.json").chmod(0o644)


def old_ring(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    long_ago = time.time() - 500 * 24 * 3600
    os.utime(data / "keys.json", (long_ago, long_ago))


def not_collected(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    monkeypatch.setattr(settings, "STORAGES", {"staticfiles": {"BACKEND": "x.ManifestStorage"}})
    monkeypatch.setattr(settings, "STATIC_ROOT", data / "static")


def stale_messages(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    (data / "django.po").touch()
    monkeypatch.setattr(messages, "catalogues", lambda: [data / "django.po"])


def setting(name: str, value: object) -> Callable[[pytest.MonkeyPatch, Path], None]:
    return lambda monkeypatch, data: monkeypatch.setattr(settings, name, value)


def model_without_scope(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    from yaomai.kit.audit.models import Entry

    monkeypatch.setattr(Entry, "scope", None)


def unfinished_mirror(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    (data / "warehouse").mkdir()
    (data / "warehouse" / "part.tmp").touch()
    os.utime(data / "warehouse" / "part.tmp", (0, 0))


def no_uploads(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    monkeypatch.setattr(product.os, "access", lambda path, mode: False)


def old_backup(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    line = {"at": (datetime.now(UTC) - timedelta(days=30)).isoformat()}
    (data / "backups.jsonl").write_text(json.dumps(line) + "\n")


BROKEN = {
    "python_version": (old_python, Level.FAIL),
    "disk_space": (nothing_free, Level.FAIL),
    "disk_entries": (no_entries, Level.FAIL),
    "memory": (little_memory, Level.WARN),
    "open_files": (few_files, Level.WARN),
    "data_folder_private": (open_folder, Level.FAIL),
    "data_folder_writable": (unwritable_folder, Level.FAIL),
    "data_folder_local": (network_disk, Level.WARN),
    "temporary_folder": (nothing_free, Level.WARN),
    "log_folder": (large_logs, Level.WARN),
    "chinese_fonts": (no_fontconfig, Level.WARN),
    "time_zone": (no_zone, Level.FAIL),
    "database_programs": (no_programs, Level.FAIL),
    "database_reachable": (lambda monkeypatch, data: None, Level.FAIL),
    "secret_key": (no_secret, Level.FAIL),
    "key_ring": (open_ring, Level.FAIL),
    "key_age": (old_ring, Level.WARN),
    "static_files": (not_collected, Level.FAIL),
    "messages_compiled": (stale_messages, Level.FAIL),
    "mail": (setting("EMAIL_HOST", ""), Level.WARN),
    "host_names": (setting("ALLOWED_HOSTS", ["*"]), Level.FAIL),
    "https": (setting("ALLOWED_HOSTS", ["crm.example.com"]), Level.FAIL),
    "debug_off": (setting("DEBUG", True), Level.FAIL),
    "models_scoped": (model_without_scope, Level.FAIL),
    "mirror": (unfinished_mirror, Level.WARN),
    "uploads": (no_uploads, Level.FAIL),
    "backup_age": (old_backup, Level.WARN),
}

# In the database: what breaks it, as SQL inside a transaction that is rolled back.
BROKEN_IN_DATABASE = {
    "migrations_applied": ("DELETE FROM django_migrations WHERE app = 'audit'", Level.FAIL),
    "migrations_known": ("INSERT INTO django_migrations (app, name, applied) VALUES ('audit', '9', now())", Level.FAIL),
    "trail_triggers": ("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_fixed", Level.FAIL),
    "valid_constraints": (
        "CREATE TABLE one (id int); ALTER TABLE one ADD CONSTRAINT c CHECK (id > 0) NOT VALID",
        Level.FAIL,
    ),
    "worker_alive": ("DELETE FROM procrastinate_workers", Level.FAIL),
    "job_backlog": (
        """INSERT INTO jobs_job (name, key, queue, arguments, state, actor_label, reason, done, message, error, result,
             attempts, failures, interruptions, cancel_requested, created_at)
           VALUES ('x', '', 'default', '{}', 'queued', '', '', 0, '{}', '{}', '{}', 0, 0, 0, false,
             now() - interval '1 hour')""",
        Level.WARN,
    ),
    "jobs_failed": (
        """INSERT INTO jobs_job (name, key, queue, arguments, state, actor_label, reason, done, message, error, result,
             attempts, failures, interruptions, cancel_requested, created_at, finished_at)
           VALUES ('x', '', 'default', '{}', 'failed', '', '', 0, '{}', '{}', '{}', 1, 1, 0, false, now(), now())""",
        Level.WARN,
    ),
    "jobs_stalled": (
        """INSERT INTO procrastinate_jobs (queue_name, task_name, lock, args, status, attempts)
           VALUES ('default', 'x', 'x', '{}', 'doing', 1)""",
        Level.WARN,
    ),
    "stale_runs": (
        """INSERT INTO runs_run (kind, number, parameters, as_of, inputs, policies, engine_version, seed, fingerprint, state,
             started_by_label, started_at, result, error, published_by_label)
           VALUES ('x', 1, '{}', now(), '{}', '{}', '', 0, '', 'running', '', now() - interval '7 hours', '{}', '{}', '')""",
        Level.WARN,
    ),
    "trail_moment": (
        """INSERT INTO audit_entry (at, code, outcome, target_type, target_id, content, seal)
           VALUES (now() + interval '3 hours', 'x', 'done', '', '', '{}', '')""",
        Level.FAIL,
    ),
    "trail_head": (
        "ALTER TABLE audit_head DISABLE TRIGGER USER; UPDATE audit_head SET sequence = sequence + 5",
        Level.FAIL,
    ),
}

# On servers that cannot be had here: the part of the query that is answered, and the answer.
BROKEN_SERVERS = {
    "database_version": ("server_version_num", "140012", Level.FAIL),
    "database_encoding": ("server_encoding", "SQL_ASCII", Level.FAIL),
    "database_durable": ("SHOW fsync", "off", Level.FAIL),
    "database_checksums": ("data_checksums", "off", Level.WARN),
    "database_writable": ("pg_is_in_recovery", True, Level.FAIL),
    "database_role": ("rolsuper", True, Level.WARN),
    "database_connections": ("SHOW max_connections", "1", Level.WARN),
    "clock": ("clock_timestamp", datetime(2020, 1, 1, tzinfo=UTC), Level.FAIL),
    "long_transactions": ("pg_stat_activity", 90, Level.WARN),
    "valid_indexes": ("indisvalid", "some_index", Level.FAIL),
    "transaction_numbers": ("datfrozenxid", 1_500_000_000, Level.FAIL),
}


@pytest.mark.parametrize("code", sorted(BROKEN))
def test_a_broken_machine_or_installation_is_noticed(
    code: str, data: Path, monkeypatch: pytest.MonkeyPatch, django_db_setup: None
) -> None:
    breaks, level = BROKEN[code]
    breaks(monkeypatch, data)
    assert_broken(report(code, data), level)


@pytest.mark.parametrize("code", sorted(BROKEN_IN_DATABASE))
def test_a_broken_database_is_noticed(code: str, data: Path, database: psycopg.Connection[Any]) -> None:
    statement, level = BROKEN_IN_DATABASE[code]
    database.execute(statement)
    assert_broken(report(code, data, database), level)


@pytest.mark.parametrize("code", sorted(BROKEN_SERVERS))
def test_an_unfit_server_is_noticed(code: str, data: Path, database: psycopg.Connection[Any]) -> None:
    part, value, level = BROKEN_SERVERS[code]
    assert_broken(report(code, data, Canned(database, part, value)), level)


def test_a_missing_checkpoint_and_a_forged_one_are_noticed(data: Path, database: psycopg.Connection[Any]) -> None:
    assert_broken(report("trail_checkpoint", data, database), Level.WARN)
    (data / "audit").mkdir()
    line = {"sequence": 7, "hash": "00", "at": datetime.now(UTC).isoformat()}
    (data / "audit" / "checkpoints.jsonl").write_text(json.dumps(line) + "\n")
    assert_broken(report("trail_checkpoint", data, database), Level.FAIL)


def test_a_misspelt_setting_is_noticed(data: Path) -> None:
    found = report("unknown_settings", data, YAOMAI_HOST="crm.example.com")
    assert_broken(found, Level.WARN)
    assert "YAOMAI_HOST" in found.seen


def test_every_check_is_broken_once_and_there_are_more_than_thirty(figure: Callable[[str, str], None]) -> None:
    elsewhere = {"trail_checkpoint", "unknown_settings"}
    assert set(codes()) == {*BROKEN, *BROKEN_IN_DATABASE, *BROKEN_SERVERS, *elsewhere}
    figure("E2", f"{len(codes())} checks of the doctor, each broken on purpose, each names its mend")
    assert len(codes()) >= 30


def test_checks_of_the_database_are_skipped_without_one(data: Path) -> None:
    assert report("migrations_applied", data).level is Level.SKIPPED


def test_a_check_that_breaks_is_a_finding(data: Path, database: psycopg.Connection[Any]) -> None:
    database.execute("ALTER TABLE audit_head RENAME TO gone")
    found = report("trail_head", data, database)
    assert found.level is Level.FAIL
    assert "UndefinedTable" in found.seen


def test_a_check_that_meets_no_file_is_a_finding_with_a_mend(data: Path) -> None:
    assert_broken(report("disk_space", data / "nowhere"), Level.FAIL)


def test_the_file_system_is_the_one_of_the_innermost_mount() -> None:
    mounts = "rootfs / ext4 rw 0 0\nserver:/x /data nfs4 rw 0 0\ntmpfs /data/fast\\040disk tmpfs rw 0 0\n"
    assert file_system(Path("/var"), mounts) == "ext4"
    assert file_system(Path("/data/yaomai"), mounts) == "nfs4"
    assert file_system(Path("/data/fast disk/x"), mounts) == "tmpfs"
