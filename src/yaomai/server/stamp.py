"""Remember for which code a data folder was last made ready, so that the next start need not wait to find out."""

import hashlib
import os
from importlib.metadata import distributions
from pathlib import Path

from yaomai.kit import keys

SOURCE = Path(__file__).parents[1]
NAME = "prepared.sha256"
_KINDS = ("migrations/*.py", "locale/**/*.po", "static/**/*")


def fingerprint() -> str:
    """Return a hash of everything that preparing looks at: migrations, messages, static files, packages, database."""
    digest = hashlib.sha256(os.environ.get("DATABASE_URL", "").encode())
    for pattern in _KINDS:
        for path in sorted(SOURCE.rglob(pattern)):
            state = path.stat()
            digest.update(f"{path}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    for name in sorted(f"{package.name} {package.version}" for package in distributions()):
        digest.update(name.encode())
    return digest.hexdigest()


def is_current(data: Path) -> bool:
    """Tell whether the folder was made ready for this very code, and still holds its keys."""
    try:
        return not keys.missing(data) and (data / NAME).read_text() == fingerprint()
    except FileNotFoundError:
        return False


def write(data: Path) -> None:
    """Note that the folder is ready for this code."""
    (data / NAME).write_text(fingerprint())
