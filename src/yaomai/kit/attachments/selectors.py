"""What is attached, and the content of one file."""

from typing import Any

from yaomai.kit.access import ScopedModel, get_visible
from yaomai.kit.attachments import store
from yaomai.kit.attachments.carriers import carrier_of
from yaomai.kit.attachments.errors import Damaged
from yaomai.kit.attachments.models import Attachment
from yaomai.kit.errors import Missing


def attachments_of(row: ScopedModel) -> list[Attachment]:
    """Return the files of a row, oldest first."""
    found = Attachment.unscoped.filter(carrier=row._meta.label_lower, carrier_id=row.pk, taken_away_at=None)
    return list(found.select_related("added_by").order_by("pk"))


def carried_by(label: str, pk: int, *, may_add: bool = False) -> ScopedModel:
    """Return the row that carries files, in the actor's view, or where the actor may attach to it.

    Raises:
        Missing.
    """
    carrier = carrier_of(label)
    if not may_add:
        seen: Any = get_visible(carrier.model, pk=pk)
        return seen
    row: Any = carrier.model.objects.allowed(carrier.model.right(carrier.verb)).filter(pk=pk).first()
    if row is None:
        raise Missing
    return row


def content_of(attachment: Attachment) -> bytes:
    """Return the content of a file, exactly as it was stored.

    Raises:
        Damaged: it is gone, or a byte of it is another.
    """
    content = store.read(attachment.sha256)
    if content is None:
        raise Damaged(name=attachment.name)
    return content
