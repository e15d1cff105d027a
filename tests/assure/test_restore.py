"""R8: a backup of the running product, restored elsewhere by command, is equal in every table and runs."""

import json
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from yaomai.kit import backup
from yaomai.kit.embedded import connection_parameters

from .client import NEW, Session
from .installation import Installation

USERNAME, PASSWORD = "assurance", "a-password-for-the-tests"


def yaomai(installation: Installation, *words: str) -> dict[str, object]:
    """Run a command on the installation and return its JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "yaomai.server", *words, "--json"],
        env=installation.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def tables(data: Path) -> dict[str, backup.Table]:
    with psycopg.connect(**connection_parameters(data), autocommit=True) as connection:
        return backup.tables(connection)


def still(found: dict[str, backup.Table]) -> dict[str, backup.Table]:
    """Leave out what running processes write by themselves: heartbeats, sessions, queues."""
    moving = ("procrastinate_", "django_session", "jobs_", "axes_", "audit_", "usersessions_")
    return {name: table for name, table in found.items() if not name.startswith(moving)}


@pytest.mark.timeout(600)
def test_a_backup_of_the_running_product_restores_equal_and_runs(tmp_path: Path) -> None:
    file, keys = tmp_path / "yaomai.backup", tmp_path / "yaomai.keys"
    with Installation(tmp_path / "first" / "data", "--no-demo") as first:
        first.run("seeding.py", USERNAME, PASSWORD)
        session = Session(first.port)
        session.sign_in(USERNAME, PASSWORD)
        for number in range(20):
            values = NEW | {"name": f"第{number}医院", "code": f"R{number}", "phone": "021-55550000"}
            status, answer = session.post("/api/v1/customers/institutions/", values)
            assert status == 201, answer
        (first.data / "files").mkdir(exist_ok=True)
        (first.data / "files" / "合同.pdf").write_bytes(b"%PDF-1.7 " + bytes(range(256)))
        yaomai(first, "audit", "checkpoint")
        began = time.monotonic()
        made = yaomai(first, "backup", str(file), "--keys", str(keys))
        backup_seconds = time.monotonic() - began
        before = tables(first.data)
    second = Installation(tmp_path / "second" / "data", "--no-demo")
    began = time.monotonic()
    done = yaomai(second, "restore", str(file), "--keys", str(keys))
    restore_seconds = time.monotonic() - began
    with backup.Reader(file) as reader:
        manifest = reader.manifest
    proof = yaomai(second, "audit", "verify")
    assert proof["intact"] is True
    assert proof["entries"] == (manifest.trail or (0, ""))[0]
    assert (second.data / "files" / "合同.pdf").read_bytes() == b"%PDF-1.7 " + bytes(range(256))
    assert (second.data / "audit" / "checkpoints.jsonl").exists()
    with second:
        assert still(tables(second.data)) == still(manifest.tables) == still(before)
        again = Session(second.port)
        again.sign_in(USERNAME, PASSWORD)
        status, answer = again.request("GET", "/api/v1/customers/institutions/?limit=100")
        assert status == 200
        assert len(json.loads(answer)["items"]) == 20
    print(
        f"\nR8  {done['tables']} tables, {done['rows']} rows, {made['bytes']:,} bytes: every hash equal, trail of"
        f" {proof['entries']} entries whole; backup {backup_seconds:.1f} s, restore {restore_seconds:.1f} s"
    )
