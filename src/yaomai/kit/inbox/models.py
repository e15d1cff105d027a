"""Nudges."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor, Scope, ScopedModel
from yaomai.kit.phrases import rendered


@dataclass(frozen=True, slots=True)
class MineOrMyRoles(Scope):
    """A nudge reaches its owner, or all who hold its right where it is."""

    def filter(self, model: type[ScopedModel], actor: Actor, right: str) -> Q | None:
        if actor.is_system:
            return None
        allowed = Q(pk__in=[])
        if actor.person_id is not None:
            allowed |= Q(owner_id=actor.person_id)
        for grant in actor.grants:
            theirs = Q(owner__isnull=True, role_right__in=sorted(grant.rights))
            if grant.territory_ids is not None:
                theirs &= Q(territory_id__in=sorted(grant.territory_ids))
            allowed |= theirs
        return allowed


class Nudge(ScopedModel):
    """Something that somebody should do, and why. It lives as long as its cause."""

    class State(models.TextChoices):
        OPEN = "open", _("To do")
        SNOOZED = "snoozed", _("Later")
        DONE = "done", _("Done")
        DISMISSED = "dismissed", _("Dismissed")

    PENDING = (State.OPEN, State.SNOOZED)

    scope: ClassVar[Scope] = MineOrMyRoles()

    kind = models.CharField(max_length=100)
    key = models.CharField(max_length=200)
    """What it is about, unique while the cause lasts: the same cause never nudges twice."""
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    role_right = models.CharField(max_length=100, blank=True)
    """Without an owner: whoever holds this right may act."""
    territory_id = models.BigIntegerField(null=True)
    """Where it is; null for what concerns the whole company."""
    target_type = models.CharField(max_length=80, blank=True)
    target_id = models.CharField(max_length=64, blank=True)
    target_label = models.CharField(max_length=255, blank=True)
    url = models.CharField(max_length=500)
    title: Any = models.JSONField()
    reason: Any = models.JSONField()
    money = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    due_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    snoozed_until = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by_label = models.CharField(max_length=100, blank=True)
    cause_ended_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        db_table = "inbox_nudge"
        verbose_name = _("Nudge")
        verbose_name_plural = _("Nudges")
        constraints = (
            models.UniqueConstraint(fields=["key"], condition=Q(cause_ended_at__isnull=True), name="inbox_nudge_key"),
            models.CheckConstraint(
                condition=Q(owner__isnull=False) | ~Q(role_right=""), name="inbox_nudge_has_somebody"
            ),
            models.CheckConstraint(
                condition=~Q(state="snoozed") | Q(snoozed_until__isnull=False), name="inbox_nudge_snoozed_until"
            ),
        )
        indexes = (
            models.Index(
                fields=["owner", "due_at"], condition=Q(state__in=["open", "snoozed"]), name="inbox_nudge_owner"
            ),
            models.Index(
                fields=["role_right", "territory_id"],
                condition=Q(state__in=["open", "snoozed"], owner__isnull=True),
                name="inbox_nudge_role",
            ),
            models.Index(fields=["kind"], condition=Q(cause_ended_at__isnull=True), name="inbox_nudge_kind"),
            models.Index(fields=["target_type", "target_id"], name="inbox_nudge_target"),
        )

    def __str__(self) -> str:
        return rendered(self.title)
