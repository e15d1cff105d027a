"""Files come to a row, and are taken away while it proves nothing yet."""

import hashlib
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor, ScopedModel, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day, locked
from yaomai.kit.attachments import store
from yaomai.kit.attachments.carriers import carrier_of, require_lawful
from yaomai.kit.attachments.errors import Closed, Final, Known, TooLarge
from yaomai.kit.attachments.models import Attachment
from yaomai.kit.attachments.policies import AttachmentPolicy
from yaomai.kit.errors import Invalid
from yaomai.kit.policies.selectors import policy_on
from yaomai.spellings import one_line

MEGABYTE = 1024 * 1024
LONGEST_NAME = 180
YOUNG = timedelta(days=1)
"""A file younger than that may belong to an upload that is not written down yet."""


def bytes_of(upload: UploadedFile, *, now: datetime) -> bytes:
    """Return what was uploaded, if it is not too large to be read at all.

    Raises:
        TooLarge.
    """
    policy, _version = policy_on(AttachmentPolicy, on=local_day(now))
    _require_size(upload.size or 0, policy)
    return upload.read()


def keep(*, actor: Actor, now: datetime, row: ScopedModel, name: str, content: bytes) -> Attachment:
    """Keep a file beside a row, inside the service that wants it; that service has checked who may do so.

    Raises:
        TooLarge, Known, Invalid, NotAccepted. Refused: a room forbids what it holds.
    """
    label = row._meta.label_lower
    carrier = carrier_of(label)
    if not carrier.takes(row):
        raise Closed
    policy, _version = policy_on(AttachmentPolicy, on=local_day(now))
    _require_size(len(content), policy)
    original = hashlib.sha256(content).hexdigest()
    living = Attachment.unscoped.filter(carrier=label, taken_away_at=None)
    same = living.filter(original_sha256=original)
    if same.filter(carrier_id=row.pk).exists():
        raise Known(fields={"file": [Known.message % {"where": str(row)}]}, where=str(row))
    if carrier.is_unique and (other := same.first()) is not None:
        where = f"{carrier.model._meta.verbose_name} #{other.carrier_id}"
        raise Known(fields={"file": [Known.message % {"where": where}]}, where=where)
    if living.filter(carrier_id=row.pk).count() >= policy.each:
        raise Invalid(fields={"file": [_("At most %(most)s files here.") % {"most": policy.each}]})
    from yaomai.kit.attachments import (
        cleaning,
    )  # its libraries take 20 MB: only a process that is sent a file reads them

    found = cleaning.cleaned(shown(name), content, pixels=policy.megapixels * 1_000_000)
    require_lawful(row, found.suffix, found.content)
    attachment = Attachment(
        carrier=label, carrier_id=row.pk, name=_named(name, found.suffix), media=found.media, size=len(found.content),
        sha256=store.write(found.content), original_sha256=original, removed=[each[:120] for each in found.removed],
        added_by_id=actor.person_id, added_at=now,
    )  # fmt: skip
    attachment.save(force_insert=True)
    return attachment


def _require_size(size: int, policy: AttachmentPolicy) -> None:
    if size > policy.megabytes * MEGABYTE:
        size, limit = -(-size // MEGABYTE), policy.megabytes
        text = TooLarge.message % {"size": size, "limit": limit}
        raise TooLarge(fields={"file": [text]}, size=size, limit=limit)
    if not size:
        raise Invalid(fields={"file": [_("The file is empty.")]})


def shown(name: str) -> str:
    """Return a file's name without the folders of somebody's machine."""
    return one_line(PurePath(name.replace("\\", "/")).name)[:LONGEST_NAME] or "file"


def _named(name: str, suffix: str) -> str:
    """Return the name with the ending that its content deserves."""
    stem = shown(name)
    return stem if stem.lower().endswith((f".{suffix}", ".jpeg")[: 2 if suffix == "jpg" else 1]) else f"{stem}.{suffix}"


@act("attachments.attachment:add", right="", sentence=_("%(actor)s attached %(name)s to %(carrier)s"))
def attachment_add(
    *, actor: Actor, trail: Trail, now: datetime, carrier: str, carrier_id: int, name: str, content: bytes
) -> Attachment:
    """Attach a file to a row that the actor may change.

    Raises:
        Missing: no such row in reach, or it carries no files. TooLarge, Known, Invalid, NotAccepted.
    """
    declared = carrier_of(carrier)
    row: Any = locked(declared.model, carrier_id, verb=declared.verb)
    attachment = keep(actor=actor, now=now, row=row, name=name, content=content)
    trail.note(attachment, changes={"sha256": (None, attachment.sha256)}, name=attachment.name, carrier=str(row))
    return attachment


@act(
    "attachments.attachment:take_away", right="",
    sentence=_("%(actor)s took the attachment %(name)s of %(carrier)s away: %(reason)s"),
)  # fmt: skip
def attachment_take_away(*, actor: Actor, trail: Trail, now: datetime, pk: int, reason: str) -> Attachment:
    """Take a file away that was attached by mistake; its content is deleted unless another row has it too.

    Raises:
        Missing. Final: the row proves something by now. Invalid: no reason.
    """
    attachment = get_visible(Attachment, pk=pk, taken_away_at=None)
    declared = carrier_of(attachment.carrier)
    row: Any = locked(declared.model, attachment.carrier_id, verb=declared.verb)
    if declared.is_final(row):
        raise Final
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say why it is taken away.")]})
    attachment.taken_away_at, attachment.reason = now, one_line(reason)[:300]
    attachment.save(update_fields=["taken_away_at", "reason"])
    transaction.on_commit(lambda: _forget(attachment.sha256))
    said = {"name": attachment.name, "carrier": str(row), "reason": attachment.reason}
    trail.note(attachment, changes={"sha256": (attachment.sha256, None)}, **said)
    return attachment


def _forget(digest: str) -> None:
    if not Attachment.unscoped.filter(sha256=digest, taken_away_at=None).exists():
        store.remove(digest)


def remove_leftovers(*, now: datetime) -> dict[str, int]:
    """Delete contents that no row speaks of: of uploads that failed after writing, of files taken away."""
    wanted = set(Attachment.unscoped.filter(taken_away_at=None).values_list("sha256", flat=True))
    removed = 0
    for path in store.everything():
        if path.name not in wanted and now.timestamp() - path.stat().st_mtime > YOUNG.total_seconds():
            path.unlink(missing_ok=True)
            removed += 1
    return {"removed": removed}
