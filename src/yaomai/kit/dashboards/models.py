"""Totals that cards are read from, the boards that people make and share, and the packs that are made of them."""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.kit.access import Actor, Scope, ScopedModel, Versioned


class Total(models.Model):
    """What a source counts in a month, in a place and all below it, of one part. No row is anybody's: cards are scoped."""

    source = models.CharField(max_length=60)
    month = models.DateField()
    place = models.BigIntegerField()
    """0 is the whole company."""
    part = models.CharField(max_length=60, blank=True)
    amount = models.DecimalField(max_digits=24, decimal_places=2)
    count = models.BigIntegerField()

    class Meta:
        db_table = "dashboards_total"
        constraints = (
            models.UniqueConstraint(
                fields=["source", "place", "month", "part"], include=["amount", "count"], name="dashboards_total_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.source} {self.month:%Y-%m}"


class Refresh(models.Model):
    """When the totals of a source were made, and for which tree of places."""

    source = models.CharField(max_length=60, primary_key=True)
    at = models.DateTimeField()
    tree = models.CharField(max_length=64)

    class Meta:
        db_table = "dashboards_refresh"

    def __str__(self) -> str:
        return self.source


@dataclass(frozen=True, slots=True)
class OwnOrShared(Scope):
    """A board is its owner's; others see it when it was shared with them or with a role of theirs, and change nothing."""

    def filter(self, model: type[ScopedModel], actor: Actor, right: str) -> Q | None:
        if actor.is_system:
            return None
        if actor.person_id is None:
            return Q(pk__in=[])
        own = Q(owner_id=actor.person_id)
        if not right.endswith(":view"):
            return own
        roles = sorted({grant.role for grant in actor.grants if grant.role})
        shared = BoardShare.objects.filter(
            Q(person_id=actor.person_id) | Q(role__in=roles), board=OuterRef("pk"), board__archived_at=None
        )
        return own | Q(Exists(shared))


@dataclass(frozen=True, slots=True)
class OwnOnly(Scope):
    """A row is the person's at `person` and nobody else's, whatever rights they hold."""

    def filter(self, model: type[ScopedModel], actor: Actor, right: str) -> Q | None:
        if actor.is_system:
            return None
        return Q(pk__in=[]) if actor.person_id is None else Q(**{self.person: actor.person_id})


class Board(Versioned):
    """Cards that somebody chose and ordered, for a period and a place. It holds no number: each reader sees their own."""

    scope: ClassVar[Scope] = OwnOrShared()

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("Made by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    name = models.CharField(_("Name"), max_length=60)
    cards: Any = models.JSONField(_("Cards"), default=list)
    """Keys of cards in their order; those that a reader may not see are left out for that reader."""
    period = models.CharField(pgettext_lazy("dashboard", "Period"), max_length=10)
    place = models.BigIntegerField(_("Territory"), null=True, blank=True)
    """None: all that the reader reaches."""

    class Meta(Versioned.Meta):
        db_table = "dashboards_board"
        verbose_name = _("dashboard")
        verbose_name_plural = _("dashboards")
        indexes = (models.Index(fields=["owner", "id"], name="dashboards_board_owner"),)

    def __str__(self) -> str:
        return self.name


class BoardShare(models.Model):
    """A board is shown to a person, or to everybody in a role."""

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="shares")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(pgettext_lazy("organization", "Role"), max_length=40, blank=True)

    class Meta:
        db_table = "dashboards_boardshare"
        constraints = (
            models.CheckConstraint(
                condition=Q(person__isnull=True) ^ Q(role=""), name="dashboards_boardshare_with_one"
            ),
            models.UniqueConstraint(
                fields=["board", "person", "role"], nulls_distinct=False, name="dashboards_boardshare_once"
            ),
        )
        indexes = (
            models.Index(fields=["person"], name="dashboards_boardshare_person"),
            models.Index(fields=["role"], name="dashboards_boardshare_role"),
        )

    def __str__(self) -> str:
        return f"{self.board} → {self.person or self.role}"


class Pack(Versioned):
    """Boards and lists that are made into files on schedule, for people and roles; each receives their own figures."""

    class Rhythm(models.TextChoices):
        WEEKLY = "weekly", _("Every week")
        MONTHLY = "monthly", _("Every month")

    scope: ClassVar[Scope] = OwnOnly(person="owner_id")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Made by"), null=True, blank=True, editable=False,
        on_delete=models.PROTECT, related_name="+",
    )  # fmt: skip
    name = models.CharField(_("Name"), max_length=60)
    has_start = models.BooleanField(_("The dashboard that each receiver's role starts with"), default=False)
    boards: Any = models.JSONField(_("Dashboards"), default=list, blank=True)
    """Ids of boards, in their order."""
    lists: Any = models.JSONField(pgettext_lazy("dashboard", "Lists"), default=list, blank=True)
    """Ids of saved views, in their order."""
    rhythm = models.CharField(_("Rhythm"), max_length=7, choices=Rhythm.choices, default=Rhythm.WEEKLY)
    on_day = models.PositiveSmallIntegerField(_("On day"), default=1)
    """Weekly: 1 Monday to 7 Sunday; monthly: 1 to 28."""
    roles: Any = models.JSONField(_("Roles"), default=list, blank=True)
    people: Any = models.JSONField(_("People"), default=list, blank=True)
    """Ids of persons."""

    class Meta(Versioned.Meta):
        db_table = "dashboards_pack"
        verbose_name = _("report pack")
        verbose_name_plural = _("report packs")
        indexes = (
            models.Index(
                fields=["rhythm", "on_day"], condition=Q(archived_at__isnull=True), name="dashboards_pack_due"
            ),
        )

    def __str__(self) -> str:
        return self.name

    def is_due(self, day: date) -> bool:
        """Tell whether it is made on a day."""
        return self.on_day == (day.isoweekday() if self.rhythm == self.Rhythm.WEEKLY else day.day)


class Delivery(ScopedModel):
    """A pack as one person received it on a day: made once, in that person's scope, kept as it was."""

    scope: ClassVar[Scope] = OwnOnly(person="receiver_id")

    pack = models.ForeignKey(Pack, on_delete=models.PROTECT, related_name="deliveries")
    name = models.CharField(_("Name"), max_length=60)
    receiver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    day = models.DateField(_("Day"))
    made_at = models.DateTimeField(_("Made at"), null=True)
    opened_at = models.DateTimeField(pgettext_lazy("dashboard", "Opened at"), null=True)
    pdf = models.BinaryField(null=True)
    """Empty where the server has no Chinese font."""
    workbook = models.BinaryField(null=True)

    class Meta(ScopedModel.Meta):
        db_table = "dashboards_delivery"
        verbose_name = _("received report")
        verbose_name_plural = _("received reports")
        constraints = (models.UniqueConstraint(fields=["pack", "receiver", "day"], name="dashboards_delivery_once"),)
        indexes = (models.Index(fields=["receiver", "-day", "-id"], name="dashboards_delivery_mine"),)

    def __str__(self) -> str:
        return f"{self.name} · {self.day:%Y-%m-%d}"
