"""The anonymous channel: letters as they come in, reports as they are handled. No row knows a moment, only a day.

Ids are random, texts are sealed, and rows come into being together once a day in an order drawn by lot: neither ids nor
order nor times tell who wrote when.
"""

import uuid
from dataclasses import dataclass
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.kit.access import Actor, Scope, ScopedModel
from yaomai.kit.vault import EncryptedTextField


class Letter(models.Model):
    """What somebody put into the letterbox today; it is emptied once a day, and nothing is left of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=32, db_index=True)
    """Keyed hash of the tracking code."""
    is_report = models.BooleanField()
    sealed = EncryptedTextField()
    """JSON, filled up to whole blocks so that its length says little."""

    objects: ClassVar[models.Manager["Letter"]] = models.Manager()

    class Meta:
        db_table = "integrity_letter"
        constraints = (
            models.UniqueConstraint(fields=["code"], condition=Q(is_report=True), name="integrity_letter_once"),
        )

    def __str__(self) -> str:
        return str(self.pk)


@dataclass(frozen=True, slots=True)
class Kept(Scope):
    """Reports of the company, kept from those whom they are about and from the roles that the writer named."""

    def filter(self, model: type[ScopedModel], actor: Actor, right: str) -> Q | None:
        condition = Scope.filter(self, model, actor, right)
        if actor.person_id is None:
            return condition
        away: Any = Q(
            pk__in=Report.kept_from.through._default_manager.filter(person_id=actor.person_id).values("report_id")
        )
        roles = sorted({grant.role for grant in actor.grants if grant.role and right in grant.rights})
        # Emergency power comes without a role of its own: it opens nothing that was kept from anybody.
        away |= Q(kept_from_roles__contains=roles) if roles else ~Q(kept_from_roles=[])
        kept: Q = ~away if condition is None else condition & ~away
        return kept


class Report(ScopedModel):
    """A report of a wrong, by somebody whom nobody knows."""

    class Category(models.TextChoices):
        BRIBERY = "bribery", _("Bribery, kickbacks")
        EXPENSES = "expenses", _("False expenses")
        PROMOTION = "promotion", _("Misleading promotion")
        DATA = "data", _("Falsified data, counting prescriptions")
        PRIVACY = "privacy", _("Leaked personal data")
        RETALIATION = "retaliation", _("Retaliation, harassment")
        OTHER = "other", pgettext_lazy("report", "Something else")

    class State(models.TextChoices):
        RECEIVED = "received", pgettext_lazy("report", "Received")
        ACCEPTED = "accepted", _("Under investigation")
        CLOSED = "closed", pgettext_lazy("report", "Closed")

    class Outcome(models.TextChoices):
        SUBSTANTIATED = "substantiated", _("Substantiated")
        PARTLY = "partly", _("Substantiated in part")
        UNSUBSTANTIATED = "unsubstantiated", _("Not substantiated")
        ELSEWHERE = "elsewhere", _("Handed to an authority")

    scope: ClassVar[Kept] = Kept(company=True)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(_("Number"), max_length=12, unique=True, editable=False)
    """Drawn by lot: it counts nothing."""
    code = models.CharField(max_length=32, unique=True, editable=False)
    category = models.CharField(_("What it is about"), max_length=11, choices=Category.choices)
    received_on = models.DateField(_("Received on"))
    state = models.CharField(_("State"), max_length=8, choices=State.choices, default=State.RECEIVED)
    outcome = models.CharField(_("Outcome"), max_length=15, choices=Outcome.choices, blank=True)
    measures = EncryptedTextField(_("Measures"), blank=True)
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Handled by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    kept_from: Any = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("Kept from"), related_name="+", blank=True
    )
    kept_from_roles: Any = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, verbose_name=_("Kept from roles")
    )
    closed_on = models.DateField(_("Closed on"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "integrity_report"
        verbose_name = pgettext_lazy("integrity", "report")
        verbose_name_plural = pgettext_lazy("integrity", "reports")

    def __str__(self) -> str:
        return self.number


class Message(ScopedModel):
    """One turn of the conversation."""

    scope: ClassVar[Scope] = Scope(through="report")
    entity: ClassVar[str] = "integrity.report"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="messages")
    number = models.PositiveIntegerField()
    is_from_writer = models.BooleanField()
    text = EncryptedTextField()
    on = models.DateField()

    class Meta(ScopedModel.Meta):
        db_table = "integrity_message"
        constraints = (models.UniqueConstraint(fields=["report", "number"], name="integrity_message_number"),)

    def __str__(self) -> str:
        return f"{self.report} · {self.number}"


class Enclosure(ScopedModel):
    """Evidence, drawn anew and sealed."""

    scope: ClassVar[Scope] = Scope(through="message")
    entity: ClassVar[str] = "integrity.report"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="enclosures")
    kind = models.CharField(max_length=20)
    sealed = EncryptedTextField()
    """Base64."""

    class Meta(ScopedModel.Meta):
        db_table = "integrity_enclosure"

    def __str__(self) -> str:
        return str(self.pk)
