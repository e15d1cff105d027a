"""R12: a byte is another one, anywhere that data lies: it is noticed and named before anything is made of it.

`YAOMAI_ASSURE_FLIPS` of each of six kinds: pages of the database, backups, files of the analytics mirror, sealed values,
entries of the trail, attached files.
"""

import hashlib
import io
import os
import random
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from PIL import Image
from tests.kit.audit_tampering import superuser_may_switch_triggers_off, write_trail
from tests.kit.test_warehouse import LINES

from yaomai.kit import backup, vault
from yaomai.kit.attachments import store
from yaomai.kit.attachments.errors import Damaged as DamagedFile
from yaomai.kit.attachments.models import Attachment
from yaomai.kit.attachments.selectors import content_of
from yaomai.kit.audit.verify import verify as verify_trail
from yaomai.kit.embedded import EmbeddedPostgres
from yaomai.kit.errors.outages import DamagedData, outage
from yaomai.kit.warehouse import snapshot, verify
from yaomai.kit.warehouse.reading import Damaged as DamagedMirror

FLIPS = int(os.environ.get("YAOMAI_ASSURE_FLIPS", "100"))
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PAGE = 8192
Figure = Callable[[str, str], None]


def flip(content: bytes, draw: random.Random, *, place: int | None = None) -> bytes:
    """Return the content with one bit of one byte turned."""
    at = draw.randrange(len(content)) if place is None else place
    return content[:at] + bytes([content[at] ^ (1 << draw.randrange(8))]) + content[at + 1 :]


def test_pages_of_the_database(tmp_path: Path, figure: Figure) -> None:
    """Every page is read by its rows: a damaged one is refused with its number, the others read on."""
    draw = random.Random(1)
    with EmbeddedPostgres(tmp_path / "data") as server:
        with psycopg.connect(server.dsn) as session:
            session.execute("CREATE TABLE precious (id int, text text STORAGE plain)")
            session.execute(
                "INSERT INTO precious SELECT n, (SELECT string_agg(md5((n * 1000 + m)::text), '') FROM generate_series(1, 70) m)"
                " FROM generate_series(1, %s) n",
                [FLIPS * 8],
            )
        with psycopg.connect(server.dsn, autocommit=True) as session:
            session.execute("VACUUM FULL precious")
            row = session.execute("SELECT pg_relation_filepath('precious'), pg_relation_size('precious')").fetchone()
            assert row is not None
            pages = row[1] // PAGE
    file = tmp_path / "data" / "postgres" / row[0]
    content = bytearray(file.read_bytes())
    bad = set(draw.sample(range(pages), min(FLIPS, pages - 1)))
    for page in bad:
        content[page * PAGE : (page + 1) * PAGE] = flip(bytes(content[page * PAGE : (page + 1) * PAGE]), draw)
    file.write_bytes(content)
    named = set()
    with EmbeddedPostgres(tmp_path / "data") as server, psycopg.connect(server.dsn, autocommit=True) as session:
        for page in range(pages):
            if error := _reading(session, page):
                named |= {int(block) for block in re.findall(r"invalid page in block (\d+) of relation", str(error))}
                assert isinstance(outage(error), DamagedData), "whoever asked is told what it is"
    figure("R12", f"{len(bad)} bytes of {pages} pages of the database: {len(named)} named and not read")
    assert named == bad and len(bad) == FLIPS


def _reading(session: psycopg.Connection[Any], page: int) -> psycopg.Error | None:
    """Read the rows of one page; return how that was refused, if it was."""
    try:
        session.execute(
            "SELECT count(*) FROM precious WHERE ctid >= %s::tid AND ctid < %s::tid", [f"({page},0)", f"({page + 1},0)"]
        )
    except psycopg.Error as error:
        return error
    return None


def test_backups(tmp_path: Path, figure: Figure) -> None:
    data, file, draw = tmp_path / "data", tmp_path / "b", random.Random(2)
    with EmbeddedPostgres(data, durable=False) as server:
        with psycopg.connect(server.dsn) as session:
            session.execute("CREATE TABLE precious AS SELECT n, md5(n::text) FROM generate_series(1, 3000) n")
        (data / "secret.key").write_text("s" * 86)
        (data / "keys.json").write_text('{"keys": [], "index": "ab"}')
        (data / "files").mkdir()
        (data / "files" / "合同.pdf").write_bytes(draw.randbytes(100_000))
        backup.make(
            parameters=server.connection_parameters, data=data, path=file, keys_path=tmp_path / "k", now=NOW
        )  # fmt: skip
    original, bad, noticed, harmless = file.read_bytes(), tmp_path / "bad", 0, 0
    with backup.Reader(file) as reader:
        wanted = {name: hashlib.sha256(b"".join(reader.blocks(name))).hexdigest() for name in reader.manifest.members}
    for _number in range(FLIPS):
        bad.write_bytes(flip(original, draw))
        try:
            with backup.Reader(bad) as reader:
                reader.check()
                names = reader.manifest.members
                # ZIP keeps dates and attributes of its own: nothing of them is used, and everything that is, is equal.
                content = {name: hashlib.sha256(b"".join(reader.blocks(name))).hexdigest() for name in names}
                assert content == wanted
                harmless += 1
        except (backup.Damaged, backup.NotABackup):
            noticed += 1
    figure(
        "R12",
        f"{FLIPS} bytes of a backup: {noticed} noticed before anything was restored, {harmless} in what is never read",
    )
    assert noticed + harmless == FLIPS and noticed > 0.9 * FLIPS


@pytest.fixture
def facts(own_database: str, settings: Any, tmp_path: Path) -> None:
    settings.DATA = tmp_path
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE facts (id bigint PRIMARY KEY, territory_id bigint, sold_on date NOT NULL,"
            " amount numeric(16, 2), note text, gift boolean)"
        )
        cursor.execute(
            "INSERT INTO facts SELECT n, n % 7, date '2026-01-01' + n % 300, n, md5(n::text), n % 2 = 0"
            " FROM generate_series(1, 2000) n"
        )


def test_files_of_the_mirror(facts: None, figure: Figure) -> None:
    draw, taken, named = random.Random(3), snapshot(LINES), 0
    for _number in range(FLIPS):
        month = draw.choice(sorted(taken.paths))
        path = taken.paths[month]
        original = path.read_bytes()
        path.write_bytes(flip(original, draw))
        with pytest.raises(DamagedMirror, match=path.name):
            snapshot(LINES)
        assert [(each.file, each.month) for each in verify(LINES)] == [(path.name, month)]
        named += 1
        path.write_bytes(original)
    assert snapshot(LINES).paths[date(2026, 1, 1)].exists()
    figure("R12", f"{FLIPS} bytes of files of the analytics mirror: {named} named and not read")


def test_sealed_values(figure: Figure) -> None:
    draw, sealed, refused = random.Random(4), vault.encrypt("13812345678").encode(), 0
    for _number in range(FLIPS):
        try:
            text = vault.decrypt(flip(sealed, draw).decode("latin-1"))
        except vault.Unreadable:
            refused += 1
        else:
            # The last letter of base64 has bits that mean nothing: the value itself, or nothing at all.
            assert text == "13812345678"
    figure("R12", f"{FLIPS} bytes of a sealed value: {refused} refused, {FLIPS - refused} in bits without a meaning")
    assert refused > 0.9 * FLIPS


@pytest.mark.django_db
def test_entries_of_the_trail(settings: Any, tmp_path: Path, figure: Figure) -> None:
    settings.DATA = tmp_path
    superuser_may_switch_triggers_off()
    ids, draw, named = write_trail(), random.Random(5), 0
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for _number in range(FLIPS):
            place = draw.randrange(len(ids))
            table, column, key = draw.choice(
                [("audit_entry", "content", "id"), ("audit_entry", "seal", "id"), ("audit_link", "hash", "entry_id")]
            )
            cursor.execute(f"SELECT {column} FROM {table} WHERE {key} = %s", [ids[place]])
            original = cursor.fetchone()[0]
            changed = _other_letter(original, draw) if isinstance(original, str) else flip(bytes(original), draw)
            cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {key} = %s", [changed, ids[place]])
            found = verify_trail().findings
            named += any(each.entry_id == ids[place] or each.sequence == place + 1 for each in found)
            cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {key} = %s", [original, ids[place]])
        cursor.execute("SET session_replication_role = DEFAULT")
    assert verify_trail().intact
    figure("R12", f"{FLIPS} bytes of entries and links of the trail: {named} named")
    assert named == FLIPS


def _other_letter(text: str, draw: random.Random) -> str:
    place = draw.randrange(len(text))
    return text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]


def test_attached_files(settings: Any, tmp_path: Path, figure: Figure) -> None:
    from django.core.files.storage import default_storage

    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    }
    draw, named, picture = random.Random(6), 0, io.BytesIO()
    assert Path(default_storage.path("")).resolve() == tmp_path.resolve()
    Image.new("RGB", (200, 100), (40, 90, 160)).save(picture, "PNG")
    kept = Attachment(sha256=store.write(picture.getvalue()), name="同意函.png")
    path = store.stored(kept.sha256)
    for _number in range(FLIPS):
        path.write_bytes(flip(picture.getvalue(), draw))
        with pytest.raises(DamagedFile, match="同意函"):
            content_of(kept)
        named += 1
    path.write_bytes(picture.getvalue())
    assert content_of(kept) == picture.getvalue()
    figure("R12", f"{FLIPS} bytes of an attached file: {named} named and never sent")
