"""What the registers of this room share: a row taken in, changed, archived, moved by a decision."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.kit.acts import Trail
from yaomai.kit.acts.rows import change, locked, require_open, save, touch
from yaomai.kit.approvals.models import Request
from yaomai.kit.audit.trail import Changes
from yaomai.kit.errors import Conflict


class NotInState(Conflict):
    """It is not in the state that this act needs."""

    code = "integrity_not_in_state"
    message = _("This is in the state “%(state)s”. Reload the page to see what can be done with it now.")


def created(row: Any, trail: Trail, fields: Mapping[str, Any], allowed: tuple[str, ...]) -> Any:
    """Write a new row, and say so."""
    changes = change(row, fields, allowed=allowed)
    save(row)
    trail.note(row, changes=changes)
    return row


def updated(
    model: Any, trail: Trail, pk: int, fields: Mapping[str, Any], allowed: tuple[str, ...], now: datetime,
    expected_version: int | None,
) -> Any:  # fmt: skip
    """Change a row that is not archived."""
    row = locked(model, pk, expected_version=expected_version)
    if hasattr(row, "archived_at"):
        require_open(row)
    differing = change(row, fields, allowed=allowed)
    touch(row, now)
    save(row, fields=differing)
    trail.note(row, changes=differing)
    return row


def archived(model: Any, trail: Trail, pk: int, now: datetime, expected_version: int | None) -> Any:
    """Take a row out of sight."""
    row = locked(model, pk, verb="archive", expected_version=expected_version)
    require_open(row)
    row.archived_at = now
    touch(row, now)
    save(row, fields=["archived_at"])
    trail.note(row, changes={"archived_at": (None, now)})
    return row


def moved(model: Any, request: Request, state: str, now: datetime) -> Changes:
    """Move what was asked for to another state, as its approvers decided."""
    row = model.unscoped.select_for_update().get(pk=request.target_id)
    before, row.state = row.state, state
    touch(row, now)
    row.save(update_fields=["state", "version", "updated_at"])
    return {"state": (before, state)}
