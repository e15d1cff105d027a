"""Crises: opened with their plan's clock, worked through, written down link by link, and reviewed."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.integrity.models import Crisis, CrisisRecord, CrisisTask
from yaomai.integrity.policies import CrisisPolicy
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, save, touch
from yaomai.kit.attachments import keep, store
from yaomai.kit.errors import Conflict, Invalid, Missing
from yaomai.kit.policies.selectors import policy_on

FIELDS = ("kind", "title", "description", "is_drill")
FIRST = "0" * 64


class CrisisOver(Conflict):
    """The crisis is over: what was written stays as it is."""

    code = "crisis_over"
    message = _("This crisis is over. Its chain of evidence is closed.")


@act("integrity.crisis:create", sentence=_("%(actor)s opened %(target)s"))
def crisis_open(*, actor: Actor, trail: Trail, now: datetime, **fields: Any) -> Crisis:
    """Open a crisis or a drill: the steps of its plan become tasks, and the clock runs.

    Raises:
        Invalid: by field; there is no plan for this kind.
    """
    crisis = Crisis(opened_at=now, opened_by_id=actor.person_id, created_at=now, updated_at=now)
    changes = change(crisis, fields, allowed=FIELDS)
    policy, _version = policy_on(CrisisPolicy, on=local_day(now))
    steps = policy.plan(crisis.kind).steps
    if not steps:
        raise Invalid(
            fields={"kind": [_("There is no plan for this. Write one in the policy “Plans for crises” first.")]}
        )
    save(crisis)
    CrisisTask.unscoped.bulk_create(
        CrisisTask(
            crisis=crisis, number=number, role=step.role, text=step.task,
            due_at=now + timedelta(minutes=int(step.within_hours * 60)),
        )
        for number, step in enumerate(steps, 1)
    )  # fmt: skip
    trail.note(crisis, changes=changes)
    return crisis


def _open(pk: int) -> Crisis:
    crisis = locked(Crisis, pk)
    if crisis.state != Crisis.State.OPEN:
        raise CrisisOver
    return crisis


@act("integrity.crisis:task", right="integrity.crisis:edit", sentence=_("%(actor)s did for %(target)s: %(task)s"))
def crisis_task_done(*, actor: Actor, trail: Trail, pk: int, number: int, now: datetime, note: str = "") -> Crisis:
    """Say that a step is done; the clock keeps when.

    Raises:
        Missing. CrisisOver. Invalid: it is done already.
    """
    crisis = _open(pk)
    task = CrisisTask.unscoped.filter(crisis=crisis, number=number).first()
    if task is None:
        raise Missing
    if task.done_at is not None:
        raise Invalid(fields={"": [_("This step is done already.")]})
    task.done_at, task.done_by_id, task.note = now, actor.person_id, note.strip()[:500]
    task.save(update_fields=["done_at", "done_by", "note"])
    trail.note(crisis, changes={"done_at": (None, now)}, task=task.text)
    return crisis


@act(
    "integrity.crisis:write",
    right="integrity.crisis:edit",
    sentence=_("%(actor)s wrote link %(number)s of the evidence of %(target)s"),
)
def crisis_write(
    *, actor: Actor, trail: Trail, pk: int, kind: str, text: str, now: datetime, source: str = "",
    file_name: str = "", content: bytes = b"",
) -> CrisisRecord:  # fmt: skip
    """Add a link to the chain of evidence: it can be neither changed nor taken out later.

    Raises:
        Missing. CrisisOver. Invalid: nothing said. TooLarge, NotAccepted: the file.
    """
    crisis = _open(pk)
    problems: dict[str, list[Any]] = {}
    if kind not in CrisisRecord.Kind.values:
        problems["kind"] = [_("Choose what it is.")]
    if not text.strip():
        problems["text"] = [_("Say what it is.")]
    if problems:
        raise Invalid(fields=problems)
    last = CrisisRecord.unscoped.filter(crisis=crisis).order_by("-number").first()
    record = CrisisRecord(
        crisis=crisis, number=last.number + 1 if last else 1, kind=kind, text=text.strip(), source=source.strip()[:300],
        at=now, written_by_id=actor.person_id, writer=actor.label[:120],
        file=keep(actor=actor, now=now, row=crisis, name=file_name, content=content) if content else None,
    )  # fmt: skip
    record.digest = digest_of(record, last.digest if last else FIRST)
    record.save(force_insert=True)
    trail.note(crisis, changes={"digest": (last.digest if last else None, record.digest)}, number=record.number)
    return record


def digest_of(record: CrisisRecord, before: str) -> str:
    """Return the digest of a link over its own words and the digest of the one before."""
    said = {
        "before": before, "crisis": record.crisis_id, "number": record.number, "kind": record.kind, "text": record.text,
        "source": record.source, "at": record.at.timestamp(), "writer": record.writer,
        "file": [record.file.name, record.file.sha256, record.file.original_sha256] if record.file else None,
    }  # fmt: skip
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def broken_link(crisis: Crisis) -> int | None:
    """Return the number of the first link that is not as it was written; None when the chain is whole."""
    before = FIRST
    records = CrisisRecord.unscoped.filter(crisis=crisis).select_related("file").order_by("number")
    for number, record in enumerate(records, 1):
        is_there = record.file is None or store.read(record.file.sha256) is not None
        if record.number != number or not is_there or record.digest != digest_of(record, before):
            return number
        before = record.digest
    return None


@act("integrity.crisis:close", right="integrity.crisis:edit", sentence=_("%(actor)s ended %(target)s"))
def crisis_close(
    *, actor: Actor, trail: Trail, pk: int, review: str, now: datetime, expected_version: int | None = None
) -> Crisis:
    """End a crisis or drill, and say what is mended so that it does not come again.

    Raises:
        Missing, Stale, CrisisOver. Invalid: no review.
    """
    crisis = locked(Crisis, pk, expected_version=expected_version)
    if crisis.state != Crisis.State.OPEN:
        raise CrisisOver
    if not review.strip():
        raise Invalid(fields={"review": [_("Say what went well, what did not, and what is mended.")]})
    given: Mapping[str, Any] = {"state": Crisis.State.CLOSED, "closed_at": now, "review": review}
    changes = change(crisis, given, allowed=tuple(given))
    touch(crisis, now)
    save(crisis, fields=list(given))
    trail.note(crisis, changes=changes)
    return crisis
