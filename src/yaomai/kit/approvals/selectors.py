"""Read requests: what waits for whom, and who may decide."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet

from yaomai.kit.access import Actor, Grant, get_visible
from yaomai.kit.approvals.models import Decision, Delegation, Request, Step
from yaomai.kit.approvals.registry import HOLDER, kinds
from yaomai.kit.jobs.actors import load_actor
from yaomai.kit.memo import once_a_page

NOBODY = Q(pk__in=[])


@dataclass(frozen=True, slots=True)
class Seat:
    """In whose place somebody decides: the own, or that of a person who delegated."""

    person_id: int
    grants: tuple[Grant, ...]
    is_deputy: bool = False


def seats(actor: Actor, *, on: date) -> tuple[Seat, ...]:
    """Return the seats of an actor on a day, the own one first. One query, and three for each that was delegated."""
    if actor.person_id is None:
        return ()
    return (Seat(actor.person_id, actor.grants), *_delegated(actor.person_id, on=on))


@once_a_page
def _delegated(person_id: int, *, on: date) -> tuple[Seat, ...]:
    rows = Delegation.unscoped.filter(
        deputy_id=person_id, ended_at__isnull=True, valid_from__lte=on, valid_to__gte=on
    ).order_by("pk")
    absent = [(row.person_id, load_actor(row.person_id, on=on)) for row in rows]
    return tuple(Seat(pk, actor.grants, is_deputy=True) for pk, actor in absent if actor is not None)


def decided_by(found: Iterable[Seat]) -> Q:
    """Return the condition on steps that one of the seats decides; nobody's seat decides what they asked for."""
    return reduce(or_, (_decided_from(seat) & ~Q(request__requested_by=seat.person_id) for seat in found), NOBODY)


def _decided_from(seat: Seat) -> Q:
    ways = [Q(people__contains=[seat.person_id])]
    for grant in seat.grants:
        theirs = Q(role=HOLDER, request__kind__in=[k.code for k in kinds().values() if k.right in grant.rights])
        if grant.role:
            theirs |= Q(role=grant.role) | Q(escalates_to=grant.role, escalated_at__isnull=False)
        if grant.territory_ids is not None:
            theirs &= Q(request__territory_id__in=sorted(grant.territory_ids))
        ways.append(theirs & (Q(people=[]) | Q(escalated_at__isnull=False)))
    return reduce(or_, ways)


def open_steps(actor: Actor, *, on: date) -> QuerySet[Step]:
    """Return the steps that wait for an actor; nobody decides twice on one request, in whatever place."""
    said = Decision.objects.filter(request=OuterRef("request"), person=actor.person_id).exclude(
        verdict=Decision.Verdict.REMARK
    )
    return (
        Step.objects.filter(decided_by(seats(actor, on=on)), state=Step.State.OPEN)
        .exclude(request__requested_by=actor.person_id)  # not even in the place of somebody else
        .exclude(Exists(said))
    )


def seat_for(step: Step, actor: Actor, *, on: date) -> Seat | None:
    """Return the seat from which an actor decides a step, the own one if it suffices; None: it is not theirs."""
    found = (seat for seat in seats(actor, on=on) if Step.objects.filter(decided_by([seat]), pk=step.pk).exists())
    return next(found, None)


def request_get(pk: int) -> Request:
    """Return a request in the actor's view.

    Raises:
        Missing: there is none, or it is not the actor's.
    """
    return get_visible(Request, pk=pk)


def with_steps(rows: list[Request]) -> list[Request]:
    """Return requests with their steps and decisions; two queries."""
    people = ("person", "on_behalf_of")
    models.prefetch_related_objects(
        rows,
        models.Prefetch("steps", Step.objects.order_by("number")),
        models.Prefetch("decisions", Decision.objects.select_related(*people).order_by("at", "pk")),
    )
    return rows


def standing(target: models.Model) -> Request | None:
    """Return the latest request about a thing, whoever asks: the screen of the thing says how far it is."""
    return _about(target).order_by("-created_at", "-pk").first()


def _about(target: models.Model) -> Any:
    return Request.unscoped.filter(target_type=target._meta.label_lower, target_id=str(target.pk))


TABS = ("waiting", "mine", "decided", "all")


def request_list(actor: Actor, *, tab: str, on: date, before: int | None, page: int) -> list[Request]:
    """Return requests of a tab, newest first; those that wait are sorted by what is due first."""
    rows = Request.objects.all()
    if tab == "waiting":
        due = Step.objects.filter(request=OuterRef("pk"), state=Step.State.OPEN).order_by("due_at")
        waiting = open_steps(actor, on=on).filter(request=OuterRef("pk"))
        return list(
            rows.filter(Exists(waiting)).annotate(due_at=models.Subquery(due.values("due_at")[:1]))
            .order_by("due_at", "pk")[:page]
        )  # fmt: skip
    if tab == "mine":
        rows = rows.filter(requested_by=actor.person_id)
    elif tab == "decided":
        rows = rows.filter(Exists(Decision.objects.filter(request=OuterRef("pk"), person=actor.person_id)))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[:page])


def delegations(actor: Actor) -> list[Delegation]:
    """Return the actor's delegations, given and received, newest first."""
    return list(Delegation.objects.select_related("person", "deputy").order_by("-valid_from", "-pk")[:50])
