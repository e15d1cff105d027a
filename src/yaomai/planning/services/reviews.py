"""Notes on the surroundings that plans rest on, and reviews of what a period brought."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, require_open, save, touch
from yaomai.kit.errors import Invalid
from yaomai.organization.models import Person, Territory
from yaomai.planning import tracking
from yaomai.planning.models import EnvironmentNote, Level, PlannedVisit, Review, ServiceDuty
from yaomai.planning.services.goals import MANAGE, period_of
from yaomai.planning.services.owners import owner_of, require_own
from yaomai.planning.services.plans import territory_of

NOTE_FIELDS: Final = ("factor", "noted_on", "text", "effect", "source", "goal")


@act("planning.environmentnote:create", sentence=_("%(actor)s noted: %(target)s"))
def note_create(*, actor: Actor, trail: Trail, now: datetime, territory: Territory, **fields: Any) -> EnvironmentNote:
    """Note a change of policy, reimbursement list, competitors or diseases (E5).

    Raises:
        Missing, Invalid.
    """
    note = EnvironmentNote(territory=get_visible(Territory, pk=territory.pk), created_at=now, updated_at=now)
    changes = change(note, fields, allowed=NOTE_FIELDS)
    if note.noted_on is not None and note.noted_on > local_day(now):
        raise Invalid(fields={"noted_on": [_("The day lies in the future.")]})
    save(note)
    trail.note(note, changes={name: (str(a), str(b)) if name == "goal" else (a, b) for name, (a, b) in changes.items()})
    return note


@act(
    "planning.environmentnote:update",
    right="planning.environmentnote:edit",
    sentence=_("%(actor)s changed the note %(target)s"),
)
def note_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> EnvironmentNote:
    """Change a note."""
    note = locked(EnvironmentNote, pk, expected_version=expected_version)
    require_open(note)
    wanted = {name: value for name, value in changes.items() if name != "territory" or note.territory != value}
    differing = change(note, wanted, allowed=NOTE_FIELDS)
    touch(note, now)
    save(note, fields=differing)
    trail.note(
        note, changes={name: (str(a), str(b)) if name == "goal" else (a, b) for name, (a, b) in differing.items()}
    )
    return note


@act("planning.environmentnote:archive", sentence=_("%(actor)s archived the note %(target)s"))
def note_archive(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> EnvironmentNote:
    """Take a note out of sight."""
    note = locked(EnvironmentNote, pk, verb="archive", expected_version=expected_version)
    require_open(note)
    note.archived_at = now
    touch(note, now)
    save(note, fields=["archived_at"])
    trail.note(note, changes={"archived_at": (None, now)})
    return note


REVIEW_FIELDS: Final = ("lessons", "next_steps")


@act("planning.review:create", sentence=_("%(actor)s wrote the review %(target)s"))
def review_create(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    level: str,
    begins_on: date,
    lessons: str,
    next_steps: str,
    owner: Person | None = None,
) -> Review:
    """Review a month or quarter that has begun; the figures of plan and execution are kept as they stand (E11, N11).

    Raises:
        NotYours.
        Invalid: it lies ahead, is reviewed already, or says nothing.
    """
    person = owner_of(actor, owner)
    require_own(actor, person, MANAGE)
    today = local_day(now)
    if level not in (Level.MONTH, Level.QUARTER):
        raise Invalid(fields={"level": [_("Choose from the list.")]})
    first, after = period_of(level, begins_on)
    if first > today:
        raise Invalid(fields={"begins_on": [_("The period lies ahead.")]})
    review = Review(
        owner=person, territory_id=territory_of(person.pk, today), level=level, begins_on=first, ends_on=after,
        figures=review_figures(person.pk, first, after, today), created_by_id=actor.person_id, created_at=now,
        updated_at=now,
    )  # fmt: skip
    changes = change(review, {"lessons": lessons, "next_steps": next_steps}, allowed=REVIEW_FIELDS)
    save(review)
    trail.note(review, changes=changes)
    return review


def review_figures(person: int, since: date, until: date, today: date) -> dict[str, Any]:
    """Return plan and execution of a period as they stand."""
    visits = tracking.executed(
        PlannedVisit.unscoped.filter(owner=person), since=since, until=until, by_week=True, today=today
    )
    duties = ServiceDuty.unscoped.filter(owner=person)
    whole = tracking.total(duties, since=since, until=until, today=today)
    return {
        "planned": sum(week.planned for week in visits),
        "done": sum(week.done for week in visits),
        "missed": sum(week.missed for week in visits),
        "due": whole.due, "on_time": whole.on_time, "late": whole.late, "missed_duties": whole.missed,
        "reasons": [list(pair) for pair in tracking.reasons(duties, since=since, until=until)],
        "as_of": today.isoformat(),
    }  # fmt: skip


@act("planning.review:update", right="planning.review:edit", sentence=_("%(actor)s changed the review %(target)s"))
def review_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> Review:
    """Change lessons or next steps; the figures stay."""
    review = locked(Review, pk, expected_version=expected_version)
    require_own(actor, review.owner, MANAGE)
    same = ("owner", "level", "begins_on")
    wanted = {name: value for name, value in changes.items() if name not in same or getattr(review, name) != value}
    differing = change(review, wanted, allowed=REVIEW_FIELDS)
    touch(review, now)
    save(review, fields=differing)
    trail.note(review, changes=differing)
    return review
