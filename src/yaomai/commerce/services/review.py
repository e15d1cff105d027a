"""Decide what a written name means. One decision settles all its lines, past and future."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Model
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_lazy as _

from yaomai.catalog.models import Product
from yaomai.commerce.datasets import SALES
from yaomai.commerce.models import SalesLine, SourceName
from yaomai.commerce.names import Key, Reading, institution_readings, product_readings, region_of
from yaomai.commerce.policies import MatchingPolicy
from yaomai.customers import merging
from yaomai.customers.models import Institution
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day
from yaomai.kit.errors import Conflict
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.warehouse import mark_changed


class DecidedMeanwhile(Conflict):
    """Another person decided on the name first."""

    code = "name_decided_meanwhile"
    message = _("A colleague decided on “%(name)s” meanwhile: %(decision)s.")


def _locked(pk: int, *, allowed: Iterable[str]) -> SourceName:
    name = get_visible(SourceName, pk=pk)
    # Institutions before names, as a merge locks them.
    merging.hold(Institution, [name.institution_id] if name.institution_id else [])
    name = SourceName.unscoped.select_for_update().get(pk=name.pk)
    if name.decision not in allowed:
        raise DecidedMeanwhile(name=name.name, decision=name.get_decision_display())
    return name


def _settle(name: SourceName, *, decision: str, target: Model | None, actor: Actor, now: datetime) -> None:
    """Write a decision and let every line of the name follow it."""
    is_buyer = name.kind == SourceName.Kind.INSTITUTION
    before = name.institution_id if is_buyer else name.product_id
    name.decision, name.decided_at, name.decided_by_id = decision, now, actor.person_id
    if is_buyer:
        name.institution_id = target.pk if target is not None else None
    else:
        name.product_id = target.pk if target is not None else None
    name.save(update_fields=["decision", "decided_at", "decided_by", "institution", "product"])
    after = name.institution_id if is_buyer else name.product_id
    if before == after:
        return
    name.former_meanings.all().delete()  # one decision settles every line
    lines = SalesLine.unscoped.filter(**{"buyer" if is_buyer else "item": name})
    mark_changed(SALES, months_of(lines))
    lines.update(**{"institution_id" if is_buyer else "product_id": after})


def months_of(lines: Any) -> set[date]:
    """Return the first days of the months in which active lines of a queryset lie."""
    return set(
        lines.filter(is_active=True).annotate(month=TruncMonth("sold_on")).values_list("month", flat=True).distinct()
    )


@act(
    "commerce.sourcename:confirm",
    right="commerce.sourcename:review",
    sentence=_("%(actor)s decided that “%(target)s” means %(meaning)s"),
)
def name_confirm(*, actor: Actor, trail: Trail, pk: int, target_id: int, now: datetime) -> SourceName:
    """Say which institution or product a written name means.

    Raises:
        DecidedMeanwhile: it was decided before.
        Missing: the target is not in view.
    """
    is_buyer = get_visible(SourceName, pk=pk).kind == SourceName.Kind.INSTITUTION
    model: type[Institution] | type[Product] = Institution if is_buyer else Product
    target = get_visible(model, pk=target_id)
    if is_buyer:
        target = Institution.unscoped.get(pk=merging.hold(Institution, [target.pk])[target.pk])
    name = _locked(pk, allowed=[SourceName.Decision.REVIEW])
    _settle(name, decision=SourceName.Decision.CONFIRMED, target=target, actor=actor, now=now)
    trail.note(name, changes={"decision": ("review", "confirmed")}, meaning=str(target), lines=name.lines)
    return name


@act(
    "commerce.sourcename:skip",
    right="commerce.sourcename:review",
    sentence=_("%(actor)s decided that “%(target)s” is not one of ours"),
)
def name_skip(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> SourceName:
    """Say that a written name is nobody we keep; its lines stay, without a customer."""
    name = _locked(pk, allowed=[SourceName.Decision.REVIEW])
    _settle(name, decision=SourceName.Decision.SKIPPED, target=None, actor=actor, now=now)
    trail.note(name, changes={"decision": ("review", "skipped")}, lines=name.lines)
    return name


@act(
    "commerce.sourcename:reopen",
    right="commerce.sourcename:review",
    sentence=_("%(actor)s reopened what “%(target)s” means"),
)
def name_reopen(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> SourceName:
    """Take a decision back, a person's or the matcher's; the lines wait again."""
    decided = [choice for choice in SourceName.Decision if choice != SourceName.Decision.REVIEW]
    name = _locked(pk, allowed=decided)
    before = name.decision
    _settle(name, decision=SourceName.Decision.REVIEW, target=None, actor=actor, now=now)
    trail.note(name, changes={"decision": (before, "review")}, lines=name.lines)
    return name


@act(
    "commerce.sourcename:rematch",
    right="commerce.sourcename:review",
    sentence=_("%(actor)s matched waiting names anew: %(settled)s of %(asked)s became certain"),
)
def names_rematch(*, actor: Actor, trail: Trail, now: datetime) -> int:
    """Ask the matcher again about every waiting name, after institutions or products were added.

    Returns the number of names that became certain.
    """
    waiting = list(
        SourceName.unscoped.select_for_update(of=["self"])
        .filter(decision=SourceName.Decision.REVIEW)
        .select_related("distributor__division")
        .order_by("pk")
    )
    settled = 0
    for name, reading in _read_anew(waiting, local_day(now)):
        name.candidates, name.score = reading.candidates, reading.score
        if reading.target_id is not None:
            is_buyer = name.kind == SourceName.Kind.INSTITUTION
            target_id = (
                merging.hold(Institution, [reading.target_id])[reading.target_id] if is_buyer else reading.target_id
            )
            target = (Institution if is_buyer else Product).unscoped.get(pk=target_id)
            _settle(name, decision=reading.decision, target=target, actor=actor, now=now)
            settled += 1
    SourceName.unscoped.bulk_update(waiting, ["candidates", "score"], batch_size=2000)
    trail.note(changes={}, settled=settled, asked=len(waiting))
    return settled


def _read_anew(waiting: list[SourceName], today: date) -> Iterator[tuple[SourceName, Reading]]:
    """Read waiting names, those of one distributor together."""
    policy, _version = policy_on(MatchingPolicy, on=today)
    groups: dict[tuple[str, int | None], dict[Key, SourceName]] = {}
    for name in waiting:
        groups.setdefault((name.kind, name.distributor_id), {})[name.name, name.place] = name
    for (kind, _distributor), names in groups.items():
        keys = sorted(names)
        if kind == SourceName.Kind.PRODUCT:
            readings = product_readings(keys, {})
        else:
            readings = institution_readings(keys, policy, region=region_of(names[keys[0]].distributor))
        yield from ((names[key], reading) for key, reading in readings.items())
