"""Prove that the trail is whole: seals, links, order, and the checkpoints kept outside the database."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from yaomai.kit.audit.models import Head
from yaomai.kit.audit.trail import seal_key

GENESIS = hashlib.sha256(b"").digest()
MOST_FINDINGS = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where the trail is not as it was written."""

    sequence: int | None
    entry_id: int | None
    kind: str
    detail: str


@dataclass(slots=True)
class Verification:
    """The outcome: entries checked, the head reached, and every finding (at most `MOST_FINDINGS`)."""

    entries: int = 0
    head: bytes = GENESIS
    findings: list[Finding] = field(default_factory=list)

    @property
    def intact(self) -> bool:
        return not self.findings

    def find(self, sequence: int | None, entry_id: int | None, kind: str, detail: str = "") -> None:
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(sequence, entry_id, kind, detail))


def checkpoint_file() -> Path:
    """Return the file of checkpoints in the data folder; copy it to another machine for stronger proof."""
    return Path(settings.DATA) / "audit" / "checkpoints.jsonl"


def checkpoint() -> dict[str, str | int]:
    """Append the chain's head, sealed, to the checkpoint file unless it has not moved; return it."""
    head = Head.objects.get()
    line: dict[str, str | int] = {"sequence": head.sequence, "hash": bytes(head.hash).hex()}
    path = checkpoint_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    last = read_checkpoints()[-1:]
    if last and last[0]["sequence"] == head.sequence and last[0]["hash"] == line["hash"]:
        return last[0]
    line |= {
        "at": timezone.now().isoformat(),
        "seal": _checkpoint_seal(head.sequence, bytes(head.hash).hex()),
    }
    with path.open("a") as file:
        file.write(json.dumps(line) + "\n")
    return line


def read_checkpoints() -> list[dict[str, str | int]]:
    """Return the checkpoints on file, oldest first."""
    path = checkpoint_file()
    if not path.exists():
        return []
    return [json.loads(text) for text in path.read_text().splitlines() if text.strip()]


def _checkpoint_seal(sequence: int, digest: str) -> str:
    return hmac.new(seal_key(), f"checkpoint {sequence} {digest}".encode(), "sha256").hexdigest()


def rows() -> Iterator[tuple[int, int, bytes, bytes, str, str, str, int | None, str, str, str]]:
    """Yield the whole chain in order, in one consistent snapshot, with a server-side cursor."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            DECLARE trail NO SCROLL CURSOR FOR
            SELECT l.sequence, l.entry_id, l.hash, e.seal, e.content,
                   e.code, e.outcome, e.actor_id, e.target_type, e.target_id,
                   to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')
            FROM audit_link l LEFT JOIN audit_entry e ON e.id = l.entry_id ORDER BY l.sequence
            """
        )
        while True:
            cursor.execute("FETCH 20000 FROM trail")
            batch = cursor.fetchall()
            if not batch:
                return
            yield from batch


def verify() -> Verification:
    """Walk the whole chain and return what is not as it was written."""
    result = Verification()
    marks = {int(mark["sequence"]): mark for mark in read_checkpoints()}
    for mark in marks.values():
        if not hmac.compare_digest(str(mark["seal"]), _checkpoint_seal(int(mark["sequence"]), str(mark["hash"]))):
            result.find(int(mark["sequence"]), None, "checkpoint_forged")
    expected = 0
    key = seal_key()
    for (
        sequence,
        entry_id,
        digest,
        seal,
        content,
        code,
        outcome,
        actor_id,
        target_type,
        target_id,
        at,
    ) in rows():
        expected += 1
        if sequence != expected:
            result.find(expected, None, "link_missing", f"{expected}..{sequence - 1}")
            expected = sequence
        if content is None:
            result.find(sequence, entry_id, "entry_deleted")
            result.head = bytes(digest)
            continue
        data = content.encode()
        if hmac.digest(key, data, "sha256") != bytes(seal):
            result.find(sequence, entry_id, "content_changed")
        elif not _columns_agree(content, code, outcome, actor_id, target_type, target_id, at):
            result.find(sequence, entry_id, "column_changed")
        computed = hashlib.sha256(result.head + str(entry_id).encode() + bytes(seal) + data).digest()
        if computed != bytes(digest):
            result.find(sequence, entry_id, "chain_broken")
        mark = marks.pop(sequence, None)
        if mark is not None and str(mark["hash"]) != bytes(digest).hex():
            result.find(sequence, entry_id, "checkpoint_differs", str(mark["at"]))
        result.head = bytes(digest)
        result.entries += 1
    _verify_end(result, expected, [sequence for sequence in marks if sequence > expected])
    return result


def _columns_agree(
    content: str, code: str, outcome: str, actor_id: int | None, target_type: str, target_id: str, at: str
) -> bool:
    said = json.loads(content)
    moment = said["at"].replace("+00:00", "")
    if "." not in moment:
        moment += ".000000"
    return bool(
        said["code"] == code
        and said["outcome"] == outcome
        and said["actor"]["person"] == actor_id
        and said["target"]["type"] == target_type
        and said["target"]["id"] == target_id
        and moment == at
    )


def _verify_end(result: Verification, expected: int, lost_marks: list[int]) -> None:
    """Compare the end of the chain with the head row and with checkpoints beyond it."""
    head = Head.objects.first()
    if head is None:
        result.find(None, None, "head_missing")
    elif head.sequence != expected or bytes(head.hash) != result.head:
        result.find(head.sequence, None, "head_differs")
    for sequence in lost_marks:
        result.find(sequence, None, "tail_cut")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id FROM audit_entry e LEFT JOIN audit_link l ON l.entry_id = e.id WHERE l.entry_id IS NULL LIMIT 20"
        )
        for (entry_id,) in cursor.fetchall():
            result.find(None, entry_id, "entry_unlinked")
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'audit\\_%%' AND tgenabled IN ('O', 'A')")
        if cursor.fetchone()[0] < 6:
            result.find(None, None, "trigger_missing")
