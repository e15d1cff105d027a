"""A bundle proves itself on any machine: every byte counts, a changed file is named, another key is seen."""

import io
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from yaomai.kit.audit import bundles

KEY = bundles.signing_key("s" * 86)
PARTS = [
    ("index.pdf", b"%PDF-1.7 index"),
    ("01-给付.csv", "日期,金额\n".encode() * 200),
    ("files/发票.jpg", bytes(range(256)) * 8),
]


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "bundle.zip"
    bundles.write(path, PARTS, about={"subject": "施丽", "start": "2026-01-01"}, key=KEY)
    return path


def test_what_was_written_is_whole_and_says_who_signed_it(bundle: Path) -> None:
    found = bundles.verify(bundle)
    assert (found.intact, found.files, found.about["subject"]) == (True, 3, "施丽")
    assert found.fingerprint == bundles.fingerprint(bundles.public_bytes(KEY))
    assert bundles.verify(bundle, expected=found.fingerprint.lower()).intact
    with zipfile.ZipFile(bundle) as file:
        assert file.testzip() is None and file.read("index.pdf") == PARTS[0][1]


def test_every_single_byte_counts(bundle: Path) -> None:
    content = bundle.read_bytes()
    missed = []
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1 << place % 8
        bundle.write_bytes(changed)
        if bundles.verify(bundle).intact:
            missed.append(place)
    assert missed == []


def test_bytes_added_cut_or_moved_are_found(bundle: Path) -> None:
    content = bundle.read_bytes()
    for other in (
        content + b"x",
        b"x" + content,
        content[:-1],
        content[1:],
        b"",
        content[: len(content) // 2],
        content * 2,
    ):
        bundle.write_bytes(other)
        assert not bundles.verify(bundle).intact


def _rewritten(bundle: Path, parts: dict[str, bytes]) -> None:
    """Write the zip anew with other parts, the old comment at its end."""
    content = bundle.read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        held = {name: old.read(name) for name in old.namelist()} | parts
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as new:
        for name, body in held.items():
            new.writestr(name, body)
        new.comment = content[-bundles.COMMENT :]
    bundle.write_bytes(written.getvalue())


def test_a_changed_file_and_an_added_one_are_named(bundle: Path) -> None:
    _rewritten(bundle, {"01-给付.csv": b"nothing", "02-extra.csv": b"x"})
    found = dict(bundles.verify(bundle).findings)
    assert found["changed"] == "01-给付.csv" and found["not_in_manifest"] == "02-extra.csv"
    assert found["signature_differs"] == bundle.name


def test_whoever_signs_anew_has_another_fingerprint(bundle: Path, tmp_path: Path) -> None:
    forged = tmp_path / "forged.zip"
    bundles.write(forged, [("index.pdf", b"other")], about={}, key=bundles.signing_key("t" * 86))
    ours = bundles.verify(bundle).fingerprint
    assert bundles.verify(forged).intact
    assert bundles.verify(forged, expected=ours).findings[0][0] == "other_key"


def test_it_is_verified_elsewhere_with_this_one_file(bundle: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    program = elsewhere / "bundles.py"
    program.write_bytes(Path(bundles.__file__).read_bytes())
    run = [sys.executable, "-I", str(program), str(bundle)]
    whole = subprocess.run(run, capture_output=True, text=True, cwd=elsewhere, check=False)
    assert (whole.returncode, "3 files, 0 findings" in whole.stdout) == (0, True)
    content = bytearray(bundle.read_bytes())
    content[random.Random(3).randrange(len(content))] ^= 4
    bundle.write_bytes(content)
    broken = subprocess.run(run, capture_output=True, text=True, cwd=elsewhere, check=False)
    assert broken.returncode == 1


def test_what_is_no_bundle_is_said_and_never_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    for content in (b"", b"PK\x05\x06" + b"\0" * 18, b"hello" * 100, bundles.MARK * 40):
        path.write_bytes(content)
        assert not bundles.verify(path).intact
