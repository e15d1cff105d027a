"""What jobs there are, and when they run by themselves."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from croniter import croniter
from django.conf import settings
from django.utils.translation import gettext

from yaomai.kit.access import Actor
from yaomai.kit.phrases import Text

if TYPE_CHECKING:
    from yaomai.kit.jobs.models import Job

Handler = Callable[..., dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class JobDefinition:
    """A kind of job.

    retries:      attempts after the first that failed; refusals (`DomainError`) are never repeated.
    exclusive_by: jobs with the same text run one after the other; may name arguments, "flow:{distributor}".
    coalesce:     while an equal job (same arguments) waits to start, asking again gives that one.
    atomic:       the handler and the mark that it is done are one transaction.
    """

    name: str
    handler: Handler
    label: Text = ""
    queue: str = "default"
    retries: int = 3
    exclusive_by: str = ""
    coalesce: bool = False
    atomic: bool = True

    def defer(self, *, actor: Actor, key: str = "", **arguments: Any) -> "Job":
        """Ask for the job within the present transaction.

        Args:
            actor: on whose behalf it will run; a system actor brings its reason along.
            key: the same name and key never run twice: asking again returns the job there is.
            arguments: plain JSON values, handed to the handler by name.

        Raises:
            TypeError: an argument is not plain JSON.
        """
        from yaomai.kit.jobs.queue import enqueue

        if json.loads(json.dumps(arguments)) != arguments:
            raise TypeError(f"arguments of {self.name} must be plain JSON")
        return enqueue(self, actor=actor, key=key, arguments=arguments)

    def lock(self, arguments: dict[str, Any]) -> str | None:
        """Return the text by which jobs exclude one another, or None."""
        return self.exclusive_by.format(**arguments) if self.exclusive_by else None


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a job runs by itself: a cron line in the time zone of the site."""

    definition: JobDefinition
    cron: str
    reason: Text
    every_slot: bool = False

    def due(self, *, now: datetime, since: datetime | None) -> list[datetime]:
        """Return the slots due at `now`, oldest first: the latest one, or with `every_slot` all after `since`."""
        local = now.astimezone(ZoneInfo(settings.TIME_ZONE)).replace(microsecond=0)
        # A second later, so that a slot that is exactly now counts as due.
        line = croniter(self.cron, local + timedelta(seconds=1))
        slots = [line.get_prev(datetime)]
        while self.every_slot and since is not None and (earlier := line.get_prev(datetime)) > since:
            slots.append(earlier)
        return slots[::-1]


_definitions: dict[str, JobDefinition] = {}
_schedules: dict[str, Schedule] = {}


def job(
    name: str,
    *,
    label: Text = "",
    queue: str = "default",
    retries: int = 3,
    exclusive_by: str = "",
    coalesce: bool = False,
    atomic: bool = True,
) -> Callable[[Handler], JobDefinition]:
    """Declare a job, `room.verb`; see `JobDefinition` for the arguments. The function becomes its handler."""

    def declare(handler: Handler) -> JobDefinition:
        if name in _definitions:
            raise ValueError(f"job {name} is declared twice")
        definition = JobDefinition(name, handler, label or name, queue, retries, exclusive_by, coalesce, atomic)
        _definitions[name] = definition
        return definition

    return declare


def periodic(cron: str, *, reason: Text, every_slot: bool = False) -> Callable[[JobDefinition], JobDefinition]:
    """Run a declared job by itself, as the system with a reason, exactly once for each slot of `cron`.

    After a time without any worker only the latest missed slot runs; with `every_slot` each of them does.
    `job.slot` tells the handler which one it is.
    """
    if not croniter.is_valid(cron):
        raise ValueError(f"not a cron line: {cron}")

    def schedule(definition: JobDefinition) -> JobDefinition:
        _schedules[definition.name] = Schedule(definition, cron, reason, every_slot)
        return definition

    return schedule


def definition_of(name: str) -> JobDefinition | None:
    """Return the declaration, or None when no installed room declares that name (any more)."""
    return _definitions.get(name)


def system_name(label: str) -> str:
    """Return how people call an actor who is no person: the name of a job says nothing to them, its label does."""
    definition = definition_of(label)
    return gettext("The system (%(work)s)") % {"work": definition.label} if definition else label


def schedules() -> list[Schedule]:
    """Return every schedule."""
    return list(_schedules.values())


def forget(name: str) -> None:
    """Take a declaration back."""
    _definitions.pop(name, None)
    _schedules.pop(name, None)
