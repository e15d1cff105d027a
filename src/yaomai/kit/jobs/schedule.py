"""Take the slots of schedules that have come due: each exactly once, however many workers look."""

from datetime import datetime

from django.db import connection, transaction
from django.utils import translation

from yaomai.kit.access import system_actor
from yaomai.kit.jobs.definitions import Schedule, schedules
from yaomai.kit.jobs.models import Job, Slot


def take_due_slots(*, now: datetime) -> list[Job]:
    """Queue a job for every slot that is due and not taken; return the jobs."""
    known = _last_slots([each.definition.name for each in schedules()])
    due = [(each, at) for each in schedules() for at in each.due(now=now, since=known.get(each.definition.name))]
    # Workers look every few seconds, and hardly ever is anything due: two questions for all schedules together.
    return [
        job
        for schedule, at in _not_taken(due)
        if (job := _take(schedule, at, is_new=schedule.definition.name not in known)) is not None
    ]


def _take(schedule: Schedule, at: datetime, *, is_new: bool) -> Job | None:
    name = schedule.definition.name
    with transaction.atomic():
        slot = _claim(name, at)
        # The first slot ever seen lies before the schedule was installed: it is not made up for.
        if slot is None or is_new:
            return None
        with translation.override(None):
            actor = system_actor(name, str(schedule.reason))
        job = schedule.definition.defer(actor=actor, key=f"slot {at.isoformat()}")
        Slot.objects.filter(pk=slot).update(job=job)
    return job


def _last_slots(names: list[str]) -> dict[str, datetime]:
    """Return the latest slot of each schedule that has any."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, (SELECT max(at) FROM jobs_slot s WHERE s.name = n.name) FROM unnest(%s::text[]) n(name)",
            [names],
        )
        return {name: at for name, at in cursor.fetchall() if at is not None}


def _not_taken(due: list[tuple[Schedule, datetime]]) -> list[tuple[Schedule, datetime]]:
    """Return those that nobody seems to have taken; whoever takes one finds out for certain."""
    names, moments = [schedule.definition.name for schedule, _at in due], [at for _schedule, at in due]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.place FROM unnest(%s::text[], %s::timestamptz[]) WITH ORDINALITY d(name, at, place)"
            " WHERE NOT EXISTS (SELECT FROM jobs_slot s WHERE s.name = d.name AND s.at = d.at) ORDER BY d.place",
            [names, moments],
        )
        return [due[place - 1] for (place,) in cursor.fetchall()]


def _claim(name: str, at: datetime) -> int | None:
    """Take the slot within this transaction; None when it is taken. Of two at once, the second waits to see."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO jobs_slot (name, at) VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING id", [name, at]
        )
        row = cursor.fetchone()
    return None if row is None else int(row[0])
