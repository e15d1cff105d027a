"""What was asked for, by whom, and how far it is. procrastinate's tables only hold what waits or runs."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor, Scope, ScopedModel
from yaomai.kit.jobs.definitions import definition_of
from yaomai.kit.phrases import rendered


@dataclass(frozen=True, slots=True)
class OwnOrAll(Scope):
    """Everybody reaches the jobs they asked for; who holds the right reaches all of them."""

    def filter(self, model: type[ScopedModel], actor: Actor, right: str) -> Q | None:
        if actor.may(right):
            return None
        return Q(pk__in=[]) if actor.person_id is None else Q(owner_id=actor.person_id)


class Job(ScopedModel):
    """One piece of background work."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        RETRYING = "retrying", _("Will try again")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    WAITING = (State.QUEUED, State.RETRYING)
    OPEN = (State.QUEUED, State.RUNNING, State.RETRYING)

    scope: ClassVar[Scope] = OwnOrAll()

    name = models.CharField(max_length=100)
    key = models.CharField(max_length=200, blank=True)
    """Idempotency key: the same name and key exist once."""
    queue = models.CharField(max_length=64, default="default")
    arguments: Any = models.JSONField(default=dict)
    state = models.CharField(_("State"), max_length=10, choices=State.choices, default=State.QUEUED)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    actor_label = models.CharField(max_length=100)
    reason = models.CharField(max_length=255, blank=True)
    """Why the system runs it; empty when a person asked."""
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    message: Any = models.JSONField(default=dict)
    error: Any = models.JSONField(default=dict)
    """A phrase without the values of rows: what went wrong, as a person may read it."""
    result: Any = models.JSONField(default=dict)
    """What the handler returned; "url" leads to what it made."""
    attempts = models.PositiveIntegerField(default=0)
    """How often it was started. Also the fence: a start ends the say of every earlier one."""
    failures = models.PositiveIntegerField(default=0)
    interruptions = models.PositiveIntegerField(default=0)
    """Starts that ended with the death of their worker."""
    cancel_requested = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        db_table = "jobs_job"
        verbose_name = _("Job")
        verbose_name_plural = _("Jobs")
        constraints = (models.UniqueConstraint(fields=["name", "key"], condition=~Q(key=""), name="jobs_job_key"),)
        indexes = (
            models.Index(
                fields=["-id"], condition=Q(state__in=["queued", "running", "retrying"]), name="jobs_job_open"
            ),
            models.Index(fields=["owner", "-id"], name="jobs_job_owner"),
            models.Index(fields=["state", "-id"], name="jobs_job_state"),
        )

    def __str__(self) -> str:
        definition = definition_of(self.name)
        return str(definition.label) if definition else self.name

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def asked_by(self) -> str:
        """Return who asked: a person, or the schedule, whose own name says nothing to people."""
        return self.actor_label if self.owner_id else gettext("The system")

    @property
    def message_text(self) -> str:
        return rendered(self.message)

    @property
    def error_text(self) -> str:
        return rendered(self.error)

    @property
    def reason_text(self) -> str:
        return gettext(self.reason) if self.reason else ""


class Bookmark(models.Model):
    """Where a job that commits in steps goes on after an interruption; written with the step it speaks of."""

    job = models.OneToOneField(Job, primary_key=True, on_delete=models.CASCADE, related_name="bookmark")
    place: Any = models.JSONField(default=dict)

    class Meta:
        db_table = "jobs_bookmark"

    def __str__(self) -> str:
        return f"bookmark of job {self.job_id}"


class Slot(models.Model):
    """A slot of a schedule that has been taken: by a job, or passed over when the schedule was new."""

    name = models.CharField(max_length=100)
    at = models.DateTimeField()
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        db_table = "jobs_slot"
        constraints = (models.UniqueConstraint(fields=["name", "at"], name="jobs_slot_once"),)

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M}"
