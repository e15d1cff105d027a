"""What is to be expected of each customer, as the run in force says; and alerts with what became of them."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.customers.models import Institution
from yaomai.kit.access import Actor, Scope, ScopedModel
from yaomai.kit.runs.models import Run


class Level(models.TextChoices):
    """Why a customer calls for action; LOST calls for none any more."""

    CORE = "core", _("Core customer without an order")
    GENERAL = "general", pgettext_lazy("alert", "No order for long")
    OVERDUE = "overdue", _("Longer than its cycle")
    RISK = "risk", _("Likely to stay away")
    LOST = "lost", pgettext_lazy("alert", "Lost")


ACTING = (Level.CORE, Level.GENERAL, Level.OVERDUE, Level.RISK)


@dataclass(frozen=True, slots=True)
class Standing(Scope):
    """The rows of customers that were not merged since: the winner is computed anew by the next run."""

    def filter(self, model: type[ScopedModel], actor: Actor, right: str) -> Q | None:
        here, found = Q(institution__merged_into=None), super(Standing, self).filter(model, actor, right)
        return here if found is None else here & found


class Outlook(ScopedModel):
    """One institution in the run in force. The rows of every run are kept in its file; publishing replaces these.

    The id is that of the institution, so that an address stays the same from run to run.
    """

    class Doubt(models.TextChoices):
        """Why no money is told of a customer."""

        ONCE = "once", _("Ordered once only: there is no cycle to see")
        SPIKE = "spike", _("One order is more than 50 times its usual one: check it for a slip first")
        RETURNS = "returns", _("More was returned than bought since the first order")
        NO_AMOUNTS = "no_amounts", _("The sales flow has no amounts of it")

    scope: ClassVar[Scope] = Standing(through="institution")

    institution = models.OneToOneField(
        Institution, verbose_name=_("Institution"), on_delete=models.PROTECT, related_name="outlook"
    )
    run = models.ForeignKey(Run, verbose_name=_("Run"), on_delete=models.PROTECT, related_name="+")
    orders = models.PositiveIntegerField(_("Order days"))
    first_on = models.DateField(_("First order"))
    last_on = models.DateField(_("Last order"))
    days_silent = models.PositiveIntegerField(_("Days since the last order"))
    usual_days = models.FloatField(_("Usual interval (days)"), null=True)
    p_active = models.FloatField(_("Still active"), null=True)
    p_away = models.FloatField(_("Risk of loss"), null=True)
    """Chance of no order within the days of the policy: what the calibration of the run is about."""
    expected_orders = models.FloatField(_("Orders of the next year"), null=True)
    expected_orders_low = models.PositiveIntegerField(null=True)
    expected_orders_high = models.PositiveIntegerField(null=True)
    purchases = models.DecimalField(_("Purchases of the next year"), max_digits=18, decimal_places=2, null=True)
    purchases_low = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    purchases_high = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    value = models.DecimalField(_("Lifetime value"), max_digits=18, decimal_places=2, null=True)
    """Margin of the years of the policy, discounted. `_low` and `_high` here and above: 80 % lie between."""
    value_low = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    value_high = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    value_before = models.DecimalField(_("Lifetime value a year ago"), max_digits=18, decimal_places=2, null=True)
    past_year = models.DecimalField(_("Purchases in twelve months"), max_digits=18, decimal_places=2, null=True)
    year_before = models.DecimalField(_("Year before"), max_digits=18, decimal_places=2, null=True)
    next_on = models.DateField(_("Next order"), null=True)
    """If it is still active: the day by which half of such customers have ordered; one tenth and nine tenths below."""
    next_from = models.DateField(null=True)
    next_to = models.DateField(null=True)
    alert = models.CharField(_("Alert"), max_length=8, choices=Level.choices, blank=True)
    doubt = models.CharField(_("Doubt"), max_length=10, choices=Doubt.choices, blank=True)
    reasons: Any = models.JSONField(default=list)
    """[{"code": …, "params": {…}}]: sentences of `yaomai.engine.customer_base.losing`."""

    class Meta(ScopedModel.Meta):
        db_table = "insights_outlook"
        verbose_name = _("customer outlook")
        verbose_name_plural = _("Customer outlooks")
        indexes = (
            models.Index(F("value").desc(nulls_last=True), F("id").desc(), name="insights_outlook_value"),
            models.Index(F("p_away").desc(nulls_last=True), F("id").desc(), name="insights_outlook_away"),
            models.Index(fields=["next_on", "id"], name="insights_outlook_next"),
            models.Index(fields=["alert", "-past_year"], name="insights_outlook_alert"),
        )

    def __str__(self) -> str:
        return str(self.institution)


class ChurnAlert(ScopedModel):
    """A silence of a customer that somebody is to look into: why, what was done, what came of it.

    There is one alert per silence: the last order day belongs to its key, so that what was settled does not come back.
    """

    class State(models.TextChoices):
        OPEN = "open", _("To be looked into")
        CONTACTED = "contacted", _("Contacted")
        WON_BACK = "won_back", _("Won back")
        LOST = "lost", pgettext_lazy("alert", "Lost")
        FALSE_ALARM = "false_alarm", _("False alarm")
        RETURNED = "returned", _("Ordered again by itself")

    PENDING: ClassVar[tuple[str, ...]] = (State.OPEN, State.CONTACTED)

    class Cause(models.TextChoices):
        STOCK = "stock", _("Still has stock")
        COMPETITOR = "competitor", _("Changed to a competitor")
        PRICE = "price", _("Price or procurement rules")
        SUPPLY = "supply", _("Our supply failed")
        PEOPLE = "people", _("People or departments changed")
        SERVICE = "service", _("Unhappy with us")
        DATA = "data", _("Sales flow is missing or wrong")
        OTHER = "other", pgettext_lazy("alert", "Other cause")

    scope: ClassVar[Scope] = Scope(through="institution")

    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), on_delete=models.PROTECT, related_name="churn_alerts"
    )
    last_on = models.DateField(_("Last order"))
    level = models.CharField(_("Alert"), max_length=8, choices=[(each.value, each.label) for each in ACTING])
    p_away = models.FloatField(_("Risk of loss"), null=True, blank=True)
    money = models.DecimalField(_("At stake"), max_digits=18, decimal_places=2, null=True, blank=True)
    """Purchases of the last twelve months with an order in them."""
    reasons: Any = models.JSONField(default=list, blank=True)
    run = models.ForeignKey(Run, verbose_name=_("Run"), on_delete=models.PROTECT, related_name="+")
    """The run that said so last."""
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Responsible"), null=True, blank=True, editable=False,
        on_delete=models.PROTECT, related_name="+",
    )  # fmt: skip
    """Who looks into it: said anew by every run, as positions change."""
    opened_on = models.DateField(_("Told on"))
    state = models.CharField(_("State"), max_length=11, choices=State.choices, default=State.OPEN)
    cause = models.CharField(_("Cause"), max_length=10, choices=Cause.choices, blank=True)
    note = models.CharField(_("What was done about it"), max_length=500, blank=True)
    follow_up_on = models.DateField(_("Look again on"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("Recorded by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("Recorded at"), null=True, blank=True)
    ordered_on = models.DateField(_("Ordered again on"), null=True, blank=True)
    """Measured by later runs: the first order day after the silence."""
    measured_to = models.DateField(_("Measured up to"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(_("Updated at"), editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "insights_churnalert"
        verbose_name = _("churn alert")
        verbose_name_plural = _("Churn alerts")
        constraints = (
            models.UniqueConstraint(fields=["institution", "last_on"], name="insights_churnalert_once"),
            models.CheckConstraint(
                condition=Q(state__in=("open", "contacted", "returned")) | ~Q(cause=""),
                name="insights_churnalert_cause",
            ),
        )
        indexes = (
            models.Index(F("state"), F("money").desc(nulls_last=True), F("id").desc(), name="insights_churnalert_rank"),
            models.Index(F("money").desc(nulls_last=True), F("id").desc(), name="insights_churnalert_money"),
            models.Index(fields=["owner", "state"], name="insights_churnalert_owner"),
        )

    def __str__(self) -> str:
        return f"{self.institution} · {self.get_level_display()}"
