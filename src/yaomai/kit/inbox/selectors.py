"""What stands on 今日, in which order, and why."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, IntegerField, Q, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yaomai.kit.access import Actor
from yaomai.kit.inbox.models import Nudge
from yaomai.kit.inbox.registry import Item, Number, ShownStep, kinds, numbers, providers, steps
from yaomai.kit.phrases import rendered
from yaomai.kit.ui import formats

log = logging.getLogger(__name__)
MOST_LINES = 10
MOST_COUNTED = 200


@dataclass(frozen=True, slots=True)
class Today:
    """The list: at most `limit` items, how many more wait, and which rooms could not say theirs."""

    items: list[Item]
    more: int
    silent: list[str]


def today(*, actor: Actor, now: datetime, limit: int = MOST_LINES) -> Today:
    """Return what the actor should do, the most urgent first.

    What is overdue comes first; then the kinds by rank; then more money before less; then what is due earlier.
    """
    rows = _pending(now)
    found = [_item(nudge, now) for nudge in rows[: limit + MOST_COUNTED]]
    silent = []
    for name, provider in providers().items():
        try:
            found += [replace(item, is_overdue=_overdue(item.due_at, now)) for item in provider(actor, now)]
        except Exception:
            # One room that fails must not take the whole list away; the page says whose part is missing.
            log.exception("the items of %s could not be computed", name)
            silent.append(name)
    ranked = sorted(found, key=_weight)
    shown = [replace(item, place=_place(item, now)) for item in ranked[:limit]]
    return Today(items=shown, more=len(ranked) - len(shown), silent=silent)


def _pending(now: datetime) -> Any:
    known = kinds()
    rank = Case(
        *(When(kind=kind.code, then=Value(kind.rank)) for kind in known), default=Value(0), output_field=IntegerField()
    )
    overdue = Case(When(due_at__lt=now, then=Value(0)), default=Value(1), output_field=IntegerField())
    return (
        Nudge.objects.filter(kind__in=[kind.code for kind in known])
        .filter(Q(state=Nudge.State.OPEN) | Q(state=Nudge.State.SNOOZED, snoozed_until__lte=now))
        .annotate(overdue=overdue, rank=rank)
        .order_by("overdue", "rank", F("money").desc(nulls_last=True), F("due_at").asc(nulls_last=True), "pk")
    )


def _item(nudge: Nudge, now: datetime) -> Item:
    return Item(
        kind=next(kind for kind in kinds() if kind.code == nudge.kind),
        title=rendered(nudge.title),
        reason=rendered(nudge.reason),
        url=nudge.url,
        subject=nudge.target_label,
        money=nudge.money,
        due_at=nudge.due_at,
        since=nudge.created_at,
        nudge_id=nudge.pk,
        is_overdue=_overdue(nudge.due_at, now),
    )


def _overdue(due_at: datetime | None, now: datetime) -> bool:
    return due_at is not None and due_at < now


def _weight(item: Item) -> tuple[bool, int, Decimal, float]:
    return (
        not item.is_overdue,
        item.kind.rank,
        -(item.money or Decimal(0)),
        item.due_at.timestamp() if item.due_at else float("inf"),
    )


def _place(item: Item, now: datetime) -> str:
    """Return why the item stands where it stands, as a sentence."""
    parts = []
    if item.due_at is not None and item.is_overdue:
        days = (timezone.localtime(now).date() - timezone.localtime(item.due_at).date()).days
        parts.append(
            ngettext("%(count)s day overdue", "%(count)s days overdue", days) % {"count": days}
            if days
            else _("was due earlier today")
        )
    parts.append(str(item.kind.label))
    if item.money:
        parts.append(_("%(money)s at stake") % {"money": formats.short_money(item.money)})
    return " · ".join(parts)


def my_numbers(*, actor: Actor, now: datetime) -> list[Number]:
    """Return the actor's cards, in their order; a room that fails leaves its card out."""
    found = []
    for number_of in numbers():
        try:
            number = number_of(actor, now)
        except Exception:
            log.exception("the number of %s could not be computed", number_of.__module__)
            continue
        if number is not None:
            found.append(number)
    return found


def first_steps(*, actor: Actor) -> list[ShownStep]:
    """Return the first steps that the actor may take; empty once all of them are done."""
    mine = [(step, step.is_done(actor)) for step in steps() if actor.may(step.right)]
    if all(done for _step, done in mine):
        return []
    following = next(step for step, done in mine if not done)
    return [ShownStep(step, reverse(step.url_name, args=step.args), done, step is following) for step, done in mine]
