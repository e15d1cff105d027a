"""R8: a backup of the running product, restored elsewhere by command, is equal in every table and runs."""

import io
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from PIL import Image

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


# What running processes write by themselves: heartbeats, queues, sessions, and the trail of signing in.
MOVING = ("procrastinate_", "django_session", "jobs_", "axes_", "audit_", "usersessions_")


def tables(data: Path) -> dict[str, backup.Table]:
    with psycopg.connect(**connection_parameters(data), autocommit=True) as connection:
        found = backup.tables(connection)
    return {name: table for name, table in found.items() if not name.startswith(MOVING)}


def files(data: Path) -> dict[str, bytes]:
    """Return what a backup must hold: uploads, and the checkpoints of the trail."""
    return {
        path.relative_to(data).as_posix(): path.read_bytes()
        for folder in ("files", "audit", "transfer")
        for path in sorted((data / folder).rglob("*"))
        if path.is_file()
    }


def fill(session: Session) -> dict[str, str]:
    """Make institutions with sealed contact data; return address of the reveal -> what it must show."""
    sealed = {}
    for number in range(20):
        values = NEW | {"name": f"第{number}医院", "code": f"R{number}", "phone": "021-55550000"}
        status, answer = session.post("/api/v1/customers/institutions/", values)
        assert status == 201, answer
        pk, phone = json.loads(answer)["id"], f"1391234{number:04}"
        page = f"/customers/institutions/{pk}/"
        status, answer = session.send_form(f"{page}contacts/new", {"kind": "mobile", "value": phone, "source": "名片"})
        assert status == 302, answer
        [address] = set(re.findall(rf"{page}contacts/\d+/reveal", session.request("GET", page)[1].decode()))
        sealed[address] = phone
    return sealed


def attach(session: Session) -> dict[str, bytes]:
    """Attach scans to consents of institutions; return address of each file -> what it must be."""
    kept = {}
    for number in range(1, 6):
        values = {"institution_id": number, "document": f"同意函{number}", "activities": ["academic"], "departments": [],
                  "valid_from": "2026-01-01"}  # fmt: skip
        status, answer = session.post("/api/v1/compliance/consents/", values)
        assert status == 201, answer
        pk, picture = json.loads(answer)["id"], io.BytesIO()
        Image.new("RGB", (60, 40), (number * 40, 90, 160)).save(picture, "PNG")
        path = f"/api/v1/attachments/of/compliance.consent/{pk}"
        status, answer = session.attach(path, f"同意函{number}.png", picture.getvalue())
        assert status == 201, answer
        address = f"/api/v1/attachments/{json.loads(answer)['id']}/content"
        kept[address] = session.request("GET", address)[1]
    return kept


def shown(session: Session, address: str) -> str:
    session.request("GET", address)
    status, answer = session.send_form(address, {"reason": "恢复演练"})
    assert status == 200, answer
    return answer.decode()


@pytest.mark.timeout(600)
def test_a_backup_of_the_running_product_restores_equal_and_runs(
    tmp_path: Path, figure: Callable[[str, str], None]
) -> None:
    file, keys = tmp_path / "yaomai.backup", tmp_path / "yaomai.keys"
    with Installation(tmp_path / "first" / "data", "--no-demo") as first:
        first.run("seeding.py", USERNAME, PASSWORD)
        session = Session(first.port)
        session.sign_in(USERNAME, PASSWORD)
        sealed = fill(session)
        attached = attach(session)
        (first.data / "files").mkdir(exist_ok=True)
        (first.data / "files" / "合同.pdf").write_bytes(b"%PDF-1.7 " + bytes(range(256)))
        yaomai(first, "audit", "checkpoint")
        began = time.monotonic()
        made = yaomai(first, "backup", str(file), "--keys", str(keys))
        backup_seconds = time.monotonic() - began
        before, files_before = tables(first.data), files(first.data)
    for phone in sealed.values():
        assert phone.encode() not in file.read_bytes()
    second = Installation(tmp_path / "second" / "data", "--no-demo")
    began = time.monotonic()
    done = yaomai(second, "restore", str(file), "--keys", str(keys))
    restore_seconds = time.monotonic() - began
    with backup.Reader(file) as reader:
        manifest = reader.manifest
    proof = yaomai(second, "audit", "verify")
    assert proof["intact"] is True
    assert (proof["entries"], proof["head"]) == manifest.trail
    assert files(second.data) == files_before
    assert {"files/合同.pdf", "audit/checkpoints.jsonl"} <= files_before.keys()
    with second:
        assert tables(second.data) == before
        assert {name: manifest.tables[name] for name in before} == before
        again = Session(second.port)
        again.sign_in(USERNAME, PASSWORD)
        status, answer = again.request("GET", "/api/v1/customers/institutions/?limit=100")
        assert status == 200
        assert len(json.loads(answer)["items"]) == 20
        for address, phone in sealed.items():
            assert phone in shown(again, address)
        for address, content in attached.items():
            assert again.request("GET", address) == (200, content)
        # A restored file of which a byte is another is named, and never sent.
        stored = next(path for path in (second.data / "files" / "attachments").rglob("*") if path.is_file())
        stored.write_bytes(stored.read_bytes()[:-1] + b"?")
        assert sorted(again.request("GET", address)[0] for address in attached) == [200] * 4 + [409]
    figure(
        "R8",
        f"{done['tables']} tables, {done['rows']} rows, {len(files_before)} files, {made['bytes']:,} bytes: every hash"
        f" equal, trail of {proof['entries']} entries whole, {len(sealed)} sealed values and {len(attached)}"
        f" attachments read; backup"
        f" {backup_seconds:.1f} s, restore into an empty folder {restore_seconds:.1f} s",
    )
