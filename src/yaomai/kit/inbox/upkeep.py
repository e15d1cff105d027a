"""Keep nudges as their causes are. Called by services and jobs in the transaction that makes or ends the cause.

These are no acts: what caused them is in the trail already, and a nightly sync of thousands would bury it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models, transaction

from yaomai.kit.inbox.models import Nudge
from yaomai.kit.inbox.registry import kind_of
from yaomai.kit.phrases import Phrase, Text, phrase

_CHANGING = ("owner_id", "role_right", "territory_id", "target_label", "url", "title", "reason", "money", "due_at")
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Cause:
    """Why somebody is nudged. Either `owner_id`, or `right` with `territory_id` (None: the whole company).

    title, reason: msgids with the placeholders of `params`; each reader reads them in the own language.
    """

    key: str
    title: Text
    reason: Text
    url: str
    params: dict[str, Any] = field(default_factory=dict)
    owner_id: int | None = None
    right: str = ""
    territory_id: int | None = None
    target: models.Model | None = None
    money: Decimal | None = None
    due_at: datetime | None = None


def nudge_upsert(*, kind: str, now: datetime, reopen: bool = False, **cause: Any) -> Nudge:
    """Nudge, or bring the nudge of the same cause up to date; returns it.

    One that was done or dismissed stays so while its cause lasts, unless `reopen` says that something new happened.
    """
    return nudges_upsert(kind=kind, causes=[Cause(**cause)], now=now, reopen=reopen)[0]


def nudges_upsert(*, kind: str, causes: Iterable[Cause], now: datetime, reopen: bool = False) -> list[Nudge]:
    """Do what `nudge_upsert` does for many causes in a few statements."""
    kind_of(kind)
    wanted = {cause.key: _row(kind, cause, now) for cause in causes}
    with transaction.atomic():
        known = {
            nudge.key: nudge
            for nudge in Nudge.unscoped.select_for_update(no_key=True)
            .filter(key__in=wanted.keys(), cause_ended_at__isnull=True)
            .order_by("pk")
        }
        changed = [known[key] for key, row in wanted.items() if key in known and _take_over(known[key], row, reopen)]
        Nudge.unscoped.bulk_update(changed, [*_CHANGING, "state", "closed_at", "closed_by_label"], batch_size=BATCH)
        # Of two that nudge for the same cause at once, the second waits here and then leaves the first one's row.
        Nudge.unscoped.bulk_create(
            [row for key, row in wanted.items() if key not in known], ignore_conflicts=True, batch_size=BATCH
        )
        rows = Nudge.unscoped.in_bulk(
            list(Nudge.unscoped.filter(key__in=wanted.keys(), cause_ended_at__isnull=True).values_list("pk", flat=True))
        )
    by_key = {nudge.key: nudge for nudge in rows.values()}
    return [by_key[key] for key in wanted]


def nudges_sync(*, kind: str, causes: Iterable[Cause], now: datetime, prefix: str = "") -> None:
    """Make the nudges of a kind (with keys that begin with `prefix`) exactly those of the causes there are now.

    Causes that are gone close their nudges; one that comes back later nudges anew.
    """
    wanted = list(causes)
    with transaction.atomic():
        gone = Nudge.unscoped.filter(kind=kind, key__startswith=prefix, cause_ended_at__isnull=True).exclude(
            key__in=[cause.key for cause in wanted]
        )
        _end_causes(gone, now)
        nudges_upsert(kind=kind, causes=wanted, now=now)


def nudge_close(*, key: str, now: datetime) -> bool:
    """Close the nudge because its cause is gone; tells whether there was one."""
    return bool(_end_causes(Nudge.unscoped.filter(key=key, cause_ended_at__isnull=True), now))


def _end_causes(rows: "models.QuerySet[Nudge]", now: datetime) -> int:
    """Mark the causes as ended; what nobody had decided on counts as done."""
    rows.filter(state__in=Nudge.PENDING).update(state=Nudge.State.DONE, closed_at=now, snoozed_until=None)
    return rows.update(cause_ended_at=now)


def _row(kind: str, cause: Cause, now: datetime) -> Nudge:
    target = cause.target
    return Nudge(
        kind=kind,
        key=cause.key,
        owner_id=cause.owner_id,
        role_right="" if cause.owner_id is not None else cause.right,
        territory_id=cause.territory_id,
        target_type=target._meta.label_lower if target is not None else "",
        target_id=str(target.pk) if target is not None else "",
        target_label=str(target)[:255] if target is not None else "",
        url=cause.url,
        title=_said(cause.title, cause.params),
        reason=_said(cause.reason, cause.params),
        money=cause.money,
        due_at=cause.due_at,
        created_at=now,
    )


def _said(text: Text, params: dict[str, Any]) -> Phrase:
    return phrase(text, **params)


def _take_over(known: Nudge, row: Nudge, reopen: bool) -> bool:
    """Bring a known nudge up to date; tells whether anything changed."""
    before = [getattr(known, name) for name in _CHANGING]
    for name in _CHANGING:
        setattr(known, name, getattr(row, name))
    is_reopened = reopen and known.state not in Nudge.PENDING
    if is_reopened:
        known.state, known.closed_at, known.closed_by_label = Nudge.State.OPEN, None, ""
    return is_reopened or before != [getattr(known, name) for name in _CHANGING]
