"""Checkpoints: the chain's end, sealed and kept outside the database, so that not even its superuser can rewrite
what lies before one."""

import hmac
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from yaomai.kit.audit.models import Head
from yaomai.kit.audit.trail import seal_key

Checkpoint = dict[str, Any]
"""{"sequence", "hash", "at", "seal"}"""


def checkpoint_file() -> Path:
    """Return the file of checkpoints in the data folder; copy it to another machine for stronger proof."""
    return Path(settings.DATA) / "audit" / "checkpoints.jsonl"


def checkpoint_seal(sequence: int, digest: str) -> str:
    """Return the seal of a checkpoint."""
    return hmac.new(seal_key(), f"checkpoint {sequence} {digest}".encode(), "sha256").hexdigest()


def checkpoint() -> Checkpoint:
    """Append the chain's end to the file unless it has not moved; return it."""
    head = Head.objects.get()
    digest = bytes(head.hash).hex()
    last = read_checkpoints()[-1:]
    if last and last[0]["sequence"] == head.sequence and last[0]["hash"] == digest:
        return last[0]
    line: Checkpoint = {
        "sequence": head.sequence,
        "hash": digest,
        "at": timezone.now().isoformat(),
        "seal": checkpoint_seal(head.sequence, digest),
    }
    path = checkpoint_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    torn = path.exists() and not path.read_bytes().endswith(b"\n")  # a full disk or a kill cut the last one
    with path.open("a") as file:
        file.write(("\n" if torn else "") + json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return line


def read_checkpoints() -> list[Checkpoint]:
    """Return the checkpoints on file, oldest first; a line that is none comes as one that nobody made."""
    path = checkpoint_file()
    if not path.exists():
        return []
    return [_read(text) for text in path.read_text(errors="replace").splitlines() if text.strip()]


def _read(text: str) -> Checkpoint:
    try:
        line = json.loads(text)
        mark: Checkpoint = {
            "sequence": int(line["sequence"]),
            "hash": str(line["hash"]),
            "at": datetime.fromisoformat(line["at"]).isoformat(),
            "seal": str(line.get("seal", "")),
        }
    except (ValueError, TypeError, KeyError):
        return {"sequence": 0, "hash": "", "at": datetime.fromtimestamp(0, UTC).isoformat(), "seal": ""}
    return mark


def is_genuine(mark: Checkpoint) -> bool:
    """Tell whether this installation made the checkpoint."""
    expected = checkpoint_seal(int(mark["sequence"]), str(mark["hash"]))
    return hmac.compare_digest(str(mark.get("seal", "")), expected)
