"""Key accounts on their way through five stages, and how they moved."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.customers.models import Institution
from yaomai.kit.access import Scope, ScopedModel, Versioned


class Stage(models.TextChoices):
    """The five stages of a key account in their order (F1)."""

    IDENTIFICATION = "identification", _("Identify the customer")
    TIERING = "tiering", _("Tier the customer")
    NEEDS = "needs", _("Discover needs")
    COMMUNICATION = "communication", _("Deepen communication")
    COOPERATION = "cooperation", _("Improve cooperation")


class KeyAccount(Versioned):
    """An institution that is worked on as a key account; one at a time."""

    scope: ClassVar[Scope] = Scope(through="institution")

    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), on_delete=models.PROTECT, related_name="key_accounts"
    )
    stage = models.CharField(
        pgettext_lazy("key account", "Stage"), max_length=14, choices=Stage.choices, default=Stage.IDENTIFICATION,
        editable=False,
    )  # fmt: skip
    stage_since = models.DateField(pgettext_lazy("key account", "In this stage since"), editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("Owner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    goal = models.CharField(_("Goal"), max_length=300, blank=True, help_text=_("What this year is to reach here."))

    class Meta(Versioned.Meta):
        db_table = "engagement_keyaccount"
        verbose_name = _("key account")
        verbose_name_plural = _("key accounts")
        constraints = (
            models.UniqueConstraint(
                fields=["institution"],
                condition=Q(archived_at__isnull=True),
                name="engagement_keyaccount_once",
                violation_error_message=_("The institution is a key account already."),
            ),
        )
        indexes = (
            models.Index(
                fields=["stage", "stage_since", "id"],
                condition=Q(archived_at__isnull=True),
                name="engagement_keyaccount_board",
            ),
        )

    def __str__(self) -> str:
        return str(self.institution)


class StageMove(ScopedModel):
    """A key account went from one stage to another, why, and what was still missing; undone moves stay as history."""

    scope: ClassVar[Scope] = Scope(through="account")
    entity: ClassVar[str] = "engagement.keyaccount"

    account = models.ForeignKey(KeyAccount, on_delete=models.CASCADE, related_name="moves")
    before = models.CharField(max_length=14, choices=Stage.choices)
    after = models.CharField(max_length=14, choices=Stage.choices)
    before_since = models.DateField()
    """Since when the account had been in the stage it left: what an undo goes back to."""
    moved_at = models.DateTimeField()
    moved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("Reason"), max_length=300)
    missing: Any = models.JSONField(default=list)
    """Codes of the measures that fell short of their criterion when it moved on."""
    undone_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        db_table = "engagement_stagemove"
        verbose_name = pgettext_lazy("record", "move between stages")
        indexes = (models.Index(fields=["account", "-id"], name="engagement_stagemove_way"),)

    def __str__(self) -> str:
        return f"{self.account} {self.get_before_display()} → {self.get_after_display()}"
