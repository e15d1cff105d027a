"""A pack proves itself on any machine: every byte counts, a changed file is named, another key is seen."""

import io
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from yaomai.kit.audit import packs

KEY = packs.signing_key("s" * 86)
PARTS = [
    ("index.pdf", b"%PDF-1.7 index"),
    ("01-给付.csv", "日期,金额\n".encode() * 200),
    ("files/发票.jpg", bytes(range(256)) * 8),
]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    path = tmp_path / "pack.zip"
    packs.write(path, PARTS, about={"subject": "施丽", "start": "2026-01-01"}, key=KEY)
    return path


def test_what_was_written_is_whole_and_says_who_signed_it(pack: Path) -> None:
    found = packs.verify(pack)
    assert (found.intact, found.files, found.about["subject"]) == (True, 3, "施丽")
    assert found.fingerprint == packs.fingerprint(packs.public_bytes(KEY))
    assert packs.verify(pack, expected=found.fingerprint.lower()).intact
    with zipfile.ZipFile(pack) as file:
        assert file.testzip() is None and file.read("index.pdf") == PARTS[0][1]


def test_every_single_byte_counts(pack: Path) -> None:
    content = pack.read_bytes()
    missed = []
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1 << place % 8
        pack.write_bytes(changed)
        if packs.verify(pack).intact:
            missed.append(place)
    assert missed == []


def test_bytes_added_cut_or_moved_are_found(pack: Path) -> None:
    content = pack.read_bytes()
    for other in (
        content + b"x",
        b"x" + content,
        content[:-1],
        content[1:],
        b"",
        content[: len(content) // 2],
        content * 2,
    ):
        pack.write_bytes(other)
        assert not packs.verify(pack).intact


def _rewritten(pack: Path, parts: dict[str, bytes]) -> None:
    """Write the zip anew with other parts, the old comment at its end."""
    content = pack.read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        held = {name: old.read(name) for name in old.namelist()} | parts
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as new:
        for name, body in held.items():
            new.writestr(name, body)
        new.comment = content[-packs.COMMENT :]
    pack.write_bytes(written.getvalue())


def test_a_changed_file_and_an_added_one_are_named(pack: Path) -> None:
    _rewritten(pack, {"01-给付.csv": b"nothing", "02-extra.csv": b"x"})
    found = dict(packs.verify(pack).findings)
    assert found["changed"] == "01-给付.csv" and found["not_in_manifest"] == "02-extra.csv"
    assert found["signature_differs"] == pack.name


def test_whoever_signs_anew_has_another_fingerprint(pack: Path, tmp_path: Path) -> None:
    forged = tmp_path / "forged.zip"
    packs.write(forged, [("index.pdf", b"other")], about={}, key=packs.signing_key("t" * 86))
    ours = packs.verify(pack).fingerprint
    assert packs.verify(forged).intact
    assert packs.verify(forged, expected=ours).findings[0][0] == "other_key"


def test_it_is_verified_elsewhere_with_this_one_file(pack: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    program = elsewhere / "packs.py"
    program.write_bytes(Path(packs.__file__).read_bytes())
    run = [sys.executable, "-I", str(program), str(pack)]
    whole = subprocess.run(run, capture_output=True, text=True, cwd=elsewhere, check=False)
    assert (whole.returncode, "3 files, 0 findings" in whole.stdout) == (0, True)
    content = bytearray(pack.read_bytes())
    content[random.Random(3).randrange(len(content))] ^= 4
    pack.write_bytes(content)
    broken = subprocess.run(run, capture_output=True, text=True, cwd=elsewhere, check=False)
    assert broken.returncode == 1


def test_what_is_no_pack_is_said_and_never_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    for content in (b"", b"PK\x05\x06" + b"\0" * 18, b"hello" * 100, packs.MARK * 40):
        path.write_bytes(content)
        assert not packs.verify(path).intact
