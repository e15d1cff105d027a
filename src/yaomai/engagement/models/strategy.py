"""How far the conversation with a person has come (D9), and what is tried when a product makes no progress (D13)."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.customers.models import Professional
from yaomai.kit.access import Scope, ScopedModel


class CommunicationStage(models.TextChoices):
    """The three stages of communication in their order (D9)."""

    FIRST = "first", _("First contact")
    DEEP = "deep", _("In-depth exchange")
    TRUST = "trust", _("Consolidating trust")


class Communication(ScopedModel):
    """A professional is at a stage of communication since a day, and why; the last one is the present one."""

    scope: ClassVar[Scope] = Scope(through="professional")
    entity: ClassVar[str] = "engagement.visit"

    professional = models.ForeignKey(Professional, on_delete=models.PROTECT, related_name="communication")
    stage = models.CharField(_("Stage of communication"), max_length=5, choices=CommunicationStage.choices)
    since = models.DateField(pgettext_lazy("visit", "Since"))
    reason = models.CharField(_("Reason"), max_length=300)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        db_table = "engagement_communication"
        constraints = (
            models.UniqueConstraint(
                fields=["professional"], condition=Q(superseded_at__isnull=True), name="engagement_communication_one"
            ),
        )
        indexes = (models.Index(fields=["professional", "-id"], name="engagement_communication_way"),)

    def __str__(self) -> str:
        return f"{self.professional} · {self.get_stage_display()}"


class StrategyAlert(ScopedModel):
    """Several contacts in a row brought a product no further: another strategy is chosen, and measured by what follows."""

    class State(models.TextChoices):
        OPEN = "open", _("Waits for a strategy")
        CHOSEN = "chosen", _("Being tried")
        MEASURED = "measured", pgettext_lazy("visit", "Measured")

    class Outcome(models.TextChoices):
        PROGRESS = "progress", _("Brought progress")
        NO_PROGRESS = "no_progress", _("Brought no progress")

    scope: ClassVar[Scope] = Scope(through="professional", person="owner_id")
    entity: ClassVar[str] = "engagement.visit"

    professional = models.ForeignKey(
        Professional,
        verbose_name=_("Professional"),
        editable=False,
        on_delete=models.PROTECT,
        related_name="strategy_alerts",
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Owner"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    contacts = models.PositiveSmallIntegerField(_("Contacts without progress"), editable=False)
    opened_on = models.DateField(pgettext_lazy("visit", "Since"), editable=False)
    state = models.CharField(_("State"), max_length=8, choices=State.choices, default=State.OPEN, editable=False)
    strategy = models.CharField(_("New strategy"), max_length=32, blank=True, editable=False)
    """Code of a strategy of the policy."""
    reason = models.CharField(_("Why it may work"), max_length=300, blank=True, editable=False)
    chosen_on = models.DateField(_("Chosen on"), null=True, editable=False)
    outcome = models.CharField(_("Outcome"), max_length=11, choices=Outcome.choices, blank=True, editable=False)
    measured_on = models.DateField(_("Measured on"), null=True, editable=False)
    measured_contacts = models.PositiveSmallIntegerField(_("Contacts since"), default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("Created at"), editable=False)
    updated_at = models.DateTimeField(_("Updated at"), editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "engagement_strategyalert"
        verbose_name = _("strategy alert")
        verbose_name_plural = _("strategy alerts")
        constraints = (
            models.UniqueConstraint(
                fields=["professional"], condition=~Q(state="measured"), name="engagement_strategyalert_one"
            ),
        )
        indexes = (models.Index(fields=["state", "opened_on"], name="engagement_strategyalert_state"),)

    def __str__(self) -> str:
        return str(self.professional)

    def label_of(self, strategies: Any) -> str:
        """Return what the chosen strategy is called, by code -> label."""
        return str(strategies.get(self.strategy, self.strategy))
