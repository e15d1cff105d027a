"""Verify an exported trail on any machine, with nothing but Python and this one file.

    python offline.py trail.jsonl --checkpoints checkpoints.jsonl [--secret secret.key]

Each line of trail.jsonl is one link of the chain: {"sequence", "entry", "hash", "seal", "content"}, hexadecimal
where it is bytes. Without the installation's secret the chain and the checkpoints are checked; with it the seals
are too. Prints one line per finding and ends with 0 when the trail is whole, 1 when it is not.
"""

import argparse
import hashlib
import hmac
import json
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

GENESIS = hashlib.sha256(b"").hexdigest()
CLOCK_TOLERANCE = timedelta(hours=1)
Finding = tuple[int | None, int | None, str]
"""sequence, entry id, kind"""


def seal_key(secret: str) -> bytes:
    """Return the key of the seals, as the installation derives it from its secret."""
    return hashlib.sha256(b"yaomai trail seal\0" + secret.encode()).digest()


def sealed(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), "sha256").hexdigest()


def verify(
    links: Iterator[dict[str, Any]], checkpoints: list[dict[str, Any]], key: bytes | None = None
) -> tuple[int, list[Finding]]:
    """Return the number of entries and every finding."""
    findings: list[Finding] = []
    marks = _genuine_marks(checkpoints, key, findings)
    if marks.pop(0, GENESIS) != GENESIS:
        findings.append((0, None, "checkpoint_differs"))
    previous, expected, count = GENESIS, 0, 0
    latest: datetime | None = None
    for link in links:
        expected += 1
        sequence, entry = int(link["sequence"]), int(link["entry"])
        if sequence != expected:
            findings.append((expected, None, "link_missing"))
            expected = sequence
        if link["content"] is None:
            findings.append((sequence, entry, "entry_deleted"))
            previous = link["hash"]
            continue
        count += 1
        if key is not None and not hmac.compare_digest(sealed(key, link["content"]), link["seal"]):
            findings.append((sequence, entry, "content_changed"))
        if _digest(previous, link) != link["hash"]:
            findings.append((sequence, entry, "chain_broken"))
        moment = _moment(link["content"])
        if moment is not None:
            if latest is not None and latest - moment > CLOCK_TOLERANCE:
                findings.append((sequence, entry, "clock_back"))
            latest = moment if latest is None else max(latest, moment)
        if sequence in marks and marks.pop(sequence) != link["hash"]:
            findings.append((sequence, entry, "checkpoint_differs"))
        previous = link["hash"]
    findings += [(mark, None, "tail_cut" if mark > expected else "checkpoint_differs") for mark in sorted(marks)]
    return count, findings


def _genuine_marks(checkpoints: list[dict[str, Any]], key: bytes | None, findings: list[Finding]) -> dict[int, str]:
    """Return sequence -> hash of the checkpoints; with the key, forged ones become findings."""
    marks = {}
    for mark in checkpoints:
        text = f"checkpoint {mark['sequence']} {mark['hash']}"
        if key is not None and not hmac.compare_digest(sealed(key, text), str(mark.get("seal", ""))):
            findings.append((int(mark["sequence"]), None, "checkpoint_forged"))
        else:
            marks[int(mark["sequence"])] = str(mark["hash"])
    return marks


def _digest(previous: str, link: dict[str, Any]) -> str:
    data = (
        bytes.fromhex(previous) + str(link["entry"]).encode() + bytes.fromhex(link["seal"]) + link["content"].encode()
    )
    return hashlib.sha256(data).hexdigest()


def _moment(content: str) -> datetime | None:
    try:
        return datetime.fromisoformat(json.loads(content)["at"])
    except (ValueError, KeyError, TypeError):
        return None


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a file, one per line."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Verify an exported Yaomai trail.")
    parser.add_argument("trail", type=Path, help="trail.jsonl of the export")
    parser.add_argument("--checkpoints", type=Path, help="checkpoints.jsonl, best a copy kept elsewhere")
    parser.add_argument("--secret", type=Path, help="secret.key of the installation, to check the seals")
    options = parser.parse_args(arguments)
    marks = list(read_lines(options.checkpoints)) if options.checkpoints else []
    key = seal_key(options.secret.read_text().strip()) if options.secret else None
    count, findings = verify(read_lines(options.trail), marks, key)
    for sequence, entry, kind in findings:
        print(f"{kind}\tsequence {sequence}\tentry {entry}")  # noqa: T201
    print(f"{count} entries, {len(marks)} checkpoints, {len(findings)} findings{'' if key else ', seals not checked'}")  # noqa: T201
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
