"""The installation's keys: which files they are, and how to tell that a set is the right one."""

import hashlib
import json
from pathlib import Path

SECRET = "secret.key"  # noqa: S105 — the name of a file
RING = "keys.json"
FILES = (SECRET, RING)


def fingerprints(folder: Path) -> dict[str, str]:
    """Return what identifies the keys in a folder without revealing them.

    The secret is 64 random bytes and the ring's entries 32 each, so that a hash gives nothing away.
    """
    found = {}
    secret = folder / SECRET
    if secret.exists():
        found[SECRET] = hashlib.sha256(b"yaomai key fingerprint\0" + secret.read_bytes().strip()).hexdigest()
    ring = folder / RING
    if ring.exists():
        index = str(json.loads(ring.read_text()).get("index", ""))
        found[RING] = hashlib.sha256(b"yaomai ring fingerprint\0" + index.encode()).hexdigest()
    return found
