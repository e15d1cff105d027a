"""Voluntary disclosure and mending (K14): written, approved, handed in, mended with proof."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yaomai.integrity.models import Disclosure
from yaomai.integrity.services.registers import NotInState, created, moved, updated
from yaomai.kit import approvals
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, save, touch
from yaomai.kit.approvals.models import Request
from yaomai.kit.audit.trail import Changes
from yaomai.kit.errors import Invalid

KIND = "integrity.disclosure"
FIELDS = ("title", "authority", "found_on", "facts", "measures")


@act("integrity.disclosure:create", sentence=_("%(actor)s wrote the disclosure %(target)s"))
def disclosure_create(*, actor: Actor, trail: Trail, now: datetime, **fields: Any) -> Disclosure:
    """Write what is to be told to an authority."""
    row: Disclosure = created(
        Disclosure(author_id=actor.person_id, created_at=now, updated_at=now), trail, fields, FIELDS
    )
    return row


@act("integrity.disclosure:edit", sentence=_("%(actor)s changed the disclosure %(target)s"))
def disclosure_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> Disclosure:
    """Change a draft.

    Raises:
        NotInState: it was put before its approvers.
    """
    if (held := locked(Disclosure, pk)).state != Disclosure.State.DRAFT:
        raise NotInState(state=held.get_state_display())
    row: Disclosure = updated(Disclosure, trail, pk, changes, FIELDS, now, expected_version)
    return row


@act(
    "integrity.disclosure:ask",
    right="integrity.disclosure:edit",
    sentence=_("%(actor)s put the disclosure %(target)s before its approvers"),
)
def disclosure_ask(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> Disclosure:
    """Put a draft before those who approve it; what they approve is a frozen copy.

    Raises:
        NotInState: it is no draft. NobodyDecides.
    """
    row = locked(Disclosure, pk)
    if row.state != Disclosure.State.DRAFT:
        raise NotInState(state=row.get_state_display())
    row.state = Disclosure.State.ASKED
    touch(row, now)
    save(row, fields=["state"])
    approvals.ask(
        actor=actor, kind=KIND, target=row, title=_("Disclosure: %(title)s"), params={"title": row.title},
        facts=[approvals.Fact(row._meta.get_field(name).verbose_name, str(getattr(row, name))) for name in FIELDS],  # type: ignore[union-attr]
        reason=row.facts, now=now, url=reverse("integrity:disclosure_detail", args=[row.pk]),
    )  # fmt: skip
    trail.note(row, changes={"state": (Disclosure.State.DRAFT, row.state)})
    return row


def disclosure_decided(state: str) -> Any:
    """Return what moves a disclosure when its request is decided."""

    def move(request: Request, *, actor: Actor, now: datetime) -> Changes:
        return moved(Disclosure, request, state, now)

    return move


@act(
    "integrity.disclosure:hand_in",
    right="integrity.disclosure:edit",
    sentence=_("%(actor)s handed in %(target)s: %(reference)s"),
)
def disclosure_hand_in(*, actor: Actor, trail: Trail, pk: int, reference: str, on: date, now: datetime) -> Disclosure:
    """Note that an approved disclosure was handed in, with the receipt.

    Raises:
        NotInState: it is not approved. Invalid: no receipt, a day to come.
    """
    row = locked(Disclosure, pk)
    if row.state != Disclosure.State.APPROVED:
        raise NotInState(state=row.get_state_display())
    if not reference.strip():
        raise Invalid(fields={"reference": [_("Give the receipt of the authority.")]})
    if on > local_day(now):
        raise Invalid(fields={"on": [_("This day is still to come.")]})
    given = {"state": Disclosure.State.HANDED_IN, "reference": reference, "handed_in_on": on}
    changes = change(row, given, allowed=tuple(given))
    touch(row, now)
    save(row, fields=list(given))
    trail.note(row, changes=changes, reference=row.reference)
    return row


@act(
    "integrity.disclosure:mend",
    right="integrity.disclosure:edit",
    sentence=_("%(actor)s noted that %(target)s is mended"),
)
def disclosure_mend(*, actor: Actor, trail: Trail, pk: int, result: str, on: date, now: datetime) -> Disclosure:
    """Note that it is mended, and what proves it.

    Raises:
        NotInState: it was not handed in. Invalid: no proof, a day to come.
    """
    row = locked(Disclosure, pk)
    if row.state != Disclosure.State.HANDED_IN:
        raise NotInState(state=row.get_state_display())
    if not result.strip():
        raise Invalid(fields={"result": [_("Say what proves it.")]})
    if on > local_day(now):
        raise Invalid(fields={"on": [_("This day is still to come.")]})
    given = {"state": Disclosure.State.MENDED, "result": result, "mended_on": on}
    changes = change(row, given, allowed=tuple(given))
    touch(row, now)
    save(row, fields=list(given))
    trail.note(row, changes=changes)
    return row
