"""The installation's keys: which files they are, how they are made, and how to tell that a set is the right one.

The secret signs sessions and seals the trail; the ring encrypts personal data. They are made once, when an installation
begins. Later a missing one is a lost one: made anew, it would lock away everything that was sealed before.
"""

import hashlib
import json
import os
import secrets
from pathlib import Path
from typing import Any

SECRET = "secret.key"  # noqa: S105 — the name of a file
RING = "keys.json"
FILES = (SECRET, RING)


def secret_file(folder: Path) -> Path | None:
    """Return the file of the secret, None where `YAOMAI_SECRET_KEY` gives it, so that several machines share it."""
    return None if os.environ.get("YAOMAI_SECRET_KEY") else folder / SECRET


def ring_file(folder: Path) -> Path:
    """Return the file of the key ring: JSON, newest key first, readable by the owner only."""
    return Path(os.environ.get("YAOMAI_KEYS") or folder / RING)


def secret(folder: Path) -> str:
    """Return the secret, "" when there is none."""
    return os.environ.get("YAOMAI_SECRET_KEY") or _read(folder / SECRET).decode().strip()


def missing(folder: Path) -> list[Path]:
    """Return the files of keys that the installation of a data folder lacks."""
    return [file for file in (secret_file(folder), ring_file(folder)) if file is not None and not file.exists()]


def make_missing(folder: Path) -> list[Path]:
    """Make the keys of a new installation that are not there yet; return their files."""
    lacking = missing(folder)
    for file in lacking:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = _draft(file, new_ring() if file == ring_file(folder) else secrets.token_urlsafe(64).encode())
        try:
            os.link(draft, file)  # of two first starts at once, one wins
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return lacking


def new_key() -> dict[str, str]:
    """Return a key for the ring."""
    return {"id": secrets.token_hex(4), "secret": secrets.token_hex(32)}


def new_ring() -> bytes:
    """Return a ring with one key and the key of the blind indexes, as its file holds it."""
    return _ring_text({"keys": [new_key()], "index": secrets.token_hex(32)})


def add_key(folder: Path) -> str:
    """Put a new key first in the ring and return its id; the others stay."""
    file, key = ring_file(folder), new_key()
    ring = json.loads(file.read_text())
    ring["keys"].insert(0, key)
    write(file, _ring_text(ring))
    return key["id"]


def contents(folder: Path) -> dict[str, bytes]:
    """Return the keys that are in use with a data folder, wherever they are kept: name -> content."""
    found = {SECRET: secret(folder).encode(), RING: _read(ring_file(folder))}
    return {name: content for name, content in found.items() if content}


def fingerprints(keys: dict[str, bytes]) -> dict[str, str]:
    """Return what identifies keys without revealing them.

    The secret is 64 random bytes and the ring's entries 32 each, so that a hash gives nothing away.
    """
    found = {}
    if SECRET in keys:
        found[SECRET] = hashlib.sha256(b"yaomai key fingerprint\0" + keys[SECRET].strip()).hexdigest()
    if RING in keys:
        index = str(json.loads(keys[RING]).get("index", ""))
        found[RING] = hashlib.sha256(b"yaomai ring fingerprint\0" + index.encode()).hexdigest()
    return found


def place(folder: Path, found: dict[str, bytes]) -> None:
    """Write keys where the installation of a data folder looks for them; a ring that is kept elsewhere stays."""
    for name, content in found.items():
        file = ring_file(folder) if name == RING else secret_file(folder)
        if file is not None and (file.parent == folder or not file.exists()):
            write(file, content)


def write(file: Path, content: bytes) -> None:
    """Write a file of keys in one step, safe on the disk and readable by its owner only."""
    os.replace(_draft(file, content), file)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


def _ring_text(ring: dict[str, Any]) -> bytes:
    return json.dumps(ring, indent=1).encode()


def _draft(file: Path, content: bytes) -> Path:
    draft = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    return draft
