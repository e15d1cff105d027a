"""Take the slots of schedules that have come due: each exactly once, however many workers look."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max
from django.utils import translation

from yaomai.kit.access import system_actor
from yaomai.kit.jobs.definitions import Schedule, schedules
from yaomai.kit.jobs.models import Job, Slot


def take_due_slots(*, now: datetime) -> list[Job]:
    """Queue a job for every slot that is due and not taken; return the jobs."""
    return [job for schedule in schedules() for job in _take(schedule, now)]


def _take(schedule: Schedule, now: datetime) -> list[Job]:
    name = schedule.definition.name
    since = Slot.objects.filter(name=name).aggregate(last=Max("at"))["last"]
    jobs = []
    for at in schedule.due(now=now, since=since):
        with transaction.atomic():
            slot = _claim(name, at)
            # The first slot ever seen lies before the schedule was installed: it is not made up for.
            if slot is None or since is None:
                continue
            with translation.override(None):
                actor = system_actor(name, str(schedule.reason))
            job = schedule.definition.defer(actor=actor, key=f"slot {at.isoformat()}")
            Slot.objects.filter(pk=slot).update(job=job)
            jobs.append(job)
    return jobs


def _claim(name: str, at: datetime) -> int | None:
    """Take the slot within this transaction; None when it is taken. Of two at once, the second waits to see."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO jobs_slot (name, at) VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING id", [name, at]
        )
        row = cursor.fetchone()
    return None if row is None else int(row[0])
