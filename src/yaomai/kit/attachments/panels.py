"""What a row's page shows of its files."""

from typing import Any

from yaomai.kit.access import Actor
from yaomai.kit.attachments.carriers import carrier_of
from yaomai.kit.attachments.selectors import attachments_of


def panel(row: Any, actor: Actor) -> dict[str, Any] | None:
    """Return the files of a row, and whether more may be added; None where there are none and none may be."""
    label = row._meta.label_lower
    carrier = carrier_of(label)
    model = carrier.model
    may_add = model.objects.allowed(model.right(carrier.verb)).filter(pk=row.pk).exists()
    may_change = may_add
    may_add = may_add and carrier.takes(row)
    found = attachments_of(row)
    if not found and not may_add:
        return None
    return {
        "files": found,
        "may_add": may_add,
        "may_take_away": may_change and not carrier.is_final(row),
        "carrier": label,
    }
