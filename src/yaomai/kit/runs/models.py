"""Runs and which of them is in force."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.kit.access import Actor, Scope, ScopedModel
from yaomai.kit.jobs.definitions import system_name
from yaomai.kit.phrases import rendered
from yaomai.kit.runs.kinds import kinds


@dataclass(frozen=True, slots=True)
class KindScope(Scope):
    """A run is reached by whoever holds the right of its kind's entity, in the whole company or a part of it."""

    def filter(self, model: type[ScopedModel], actor: Actor, right: str) -> Q | None:
        verb = right.rpartition(":")[2]
        return Q(kind__in=[kind.code for kind in kinds() if actor.may(kind.right(verb))])


class Run(ScopedModel):
    """One computation: everything that went in, and a summary of what came out."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        FINISHED = "finished", _("Finished")
        FAILED = "failed", _("Failed")

    scope: ClassVar[Scope] = KindScope()

    kind = models.CharField(_("Kind"), max_length=100)
    number = models.PositiveIntegerField(_("Run number"))
    """Counts within the kind; what people call the run by."""
    parameters: Any = models.JSONField(default=dict)
    as_of = models.DateField(_("As of"))
    inputs: Any = models.JSONField(default=dict)
    """Fingerprints of what was read, by name: {"commerce.lines": "3f…"}."""
    policies: Any = models.JSONField(default=dict)
    """Policy versions by name; null where the declared figures hold."""
    engine_version = models.CharField(max_length=40)
    seed = models.BigIntegerField(default=0)
    fingerprint = models.CharField(max_length=64)
    """SHA-256 over kind and everything above: equal inputs, equal fingerprint, equal result."""
    state = models.CharField(_("State"), max_length=10, choices=State.choices, default=State.RUNNING)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    started_by_label = models.CharField(_("Started by"), max_length=100)
    started_at = models.DateTimeField(_("Started"))
    finished_at = models.DateTimeField(_("Ended"), null=True)
    result: Any = models.JSONField(default=dict)
    error: Any = models.JSONField(default=dict)
    published_at = models.DateTimeField(pgettext_lazy("moment", "Published"), null=True)
    """When it came into force, last."""
    published_by_label = models.CharField(max_length=100, blank=True)
    superseded_at = models.DateTimeField(null=True)
    """When another took its place; null while in force."""
    superseded_by = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")

    @property
    def started_by_name(self) -> str:
        return self.started_by_label if self.started_by_id else system_name(self.started_by_label)

    class Meta(ScopedModel.Meta):
        db_table = "runs_run"
        verbose_name = pgettext_lazy("noun", "Run")
        verbose_name_plural = _("Runs")
        constraints = (
            models.UniqueConstraint(fields=["kind", "number"], name="runs_run_number"),
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(published_at__isnull=False, superseded_at__isnull=True),
                name="runs_run_one_in_force",
            ),
            models.UniqueConstraint(
                fields=["kind", "fingerprint"], condition=~Q(state="failed"), name="runs_run_fingerprint"
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | Q(state="finished"), name="runs_run_published_finished"
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, state="running")
                | (Q(finished_at__isnull=False) & ~Q(state="running")),
                name="runs_run_ended",
            ),
        )
        indexes = (models.Index(fields=["kind", "-id"], name="runs_run_kind"),)

    def __str__(self) -> str:
        label = next((str(kind.label) for kind in kinds() if kind.code == self.kind), self.kind)
        return f"{label} #{self.number}"

    @property
    def is_in_force(self) -> bool:
        return self.published_at is not None and self.superseded_at is None

    @property
    def error_text(self) -> str:
        return rendered(self.error)


class Period(models.Model):
    """When a run was in force: half-open, so that any past moment has at most one run of a kind."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="periods")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "runs_period"
        constraints = (
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=models.F("began_at")), name="runs_period_order"
            ),
        )
        indexes = (models.Index(fields=["run", "-began_at"], name="runs_period_run"),)

    def __str__(self) -> str:
        return f"{self.run} {self.began_at:%Y-%m-%d %H:%M}"
