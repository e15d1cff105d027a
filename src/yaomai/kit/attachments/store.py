"""Where attached files lie: in the data folder, by the digest of their content, so that every backup has them."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkstemp

from django.core.files.storage import default_storage


def folder() -> Path:
    """Return the folder of attached files."""
    return Path(default_storage.path("attachments"))


def stored(digest: str) -> Path:
    """Return where the file of that digest is kept."""
    return folder() / digest[:2] / digest


def write(content: bytes) -> str:
    """Keep a content, safe on the disk; return its digest. It appears whole or not at all."""
    digest = hashlib.sha256(content).hexdigest()
    target = stored(digest)
    if read(digest) is not None:
        target.touch()  # wanted again: it shall not be taken for a leftover
        return digest
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = mkstemp(dir=target.parent, prefix=f"{target.name}.", suffix=".part")
    partial = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return digest


def read(digest: str) -> bytes | None:
    """Return a content, None where it is gone or not what was stored."""
    try:
        content = stored(digest).read_bytes()
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == digest else None


def everything() -> Iterator[Path]:
    """Yield every file that lies there."""
    return (path for path in folder().glob("??/*") if path.is_file())


def remove(digest: str) -> None:
    """Delete a content for good."""
    stored(digest).unlink(missing_ok=True)
