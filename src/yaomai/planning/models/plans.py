"""Plans of a person over a period: computed, looked at, approved, in force, replaced by the next."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Scope, ScopedModel
from yaomai.planning.models.duties import ServiceDuty
from yaomai.planning.models.words import Activity


class Plan(ScopedModel):
    """One version of a person's visits over a period, half-open. What was computed never changes afterwards (E1, E12)."""

    class State(models.TextChoices):
        COMPUTING = "computing", _("Being computed")
        DRAFT = "draft", pgettext_lazy("plan", "Draft")
        SUBMITTED = "submitted", pgettext_lazy("plan", "Waits for approval")
        IN_FORCE = "in_force", pgettext_lazy("plan", "In force")
        REPLACED = "replaced", pgettext_lazy("plan", "Replaced")
        REJECTED = "rejected", pgettext_lazy("plan", "Rejected")
        DISCARDED = "discarded", pgettext_lazy("plan", "Discarded")
        FAILED = "failed", pgettext_lazy("plan", "Failed")

    scope: ClassVar[Scope] = Scope(territory="territory_id", person="owner_id")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=pgettext_lazy("plan", "Plan of"), on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    territory = models.ForeignKey(
        "organization.Territory", null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    """Where the owner works: whoever manages there sees the plan."""
    number = models.PositiveIntegerField(_("Version"), editable=False)
    begins_on = models.DateField(_("From"))
    ends_on = models.DateField(_("To"), help_text=_("The first day after the period."))
    state = models.CharField(
        pgettext_lazy("plan", "State"), max_length=9, choices=State.choices, default=State.COMPUTING, editable=False
    )
    reason = models.CharField(_("Reason"), max_length=300, blank=True, help_text=_("Why it is planned anew."))
    figures: Any = models.JSONField(default=dict, editable=False)
    """Seconds, points, bound, gap, placed, duties, hours on the way, provisional years."""
    advice: Any = models.JSONField(default=list, editable=False)
    """What does not fit and what would help, by language: {"zh": […], "en": […]}."""
    unplaced: Any = models.JSONField(default=list, editable=False)
    """Ids of the duties that found no place."""
    is_stopped = models.BooleanField(default=False, editable=False)
    """Somebody asked for the best plan so far."""
    job = models.ForeignKey("jobs.Job", null=True, editable=False, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Made by"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    in_force_at = models.DateTimeField(_("In force since"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("Created at"), editable=False)
    updated_at = models.DateTimeField(_("Updated at"), editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "planning_plan"
        verbose_name = pgettext_lazy("planning", "plan")
        verbose_name_plural = pgettext_lazy("planning", "plans")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("begins_on")), name="planning_plan_period",
                violation_error_message=_("The period ends before it begins."),
            ),
            models.UniqueConstraint(fields=["owner", "number"], name="planning_plan_number"),
            models.UniqueConstraint(
                fields=["owner"], condition=Q(state="in_force"), name="planning_plan_in_force"
            ),
        )  # fmt: skip
        indexes = (models.Index(fields=["owner", "-number"], name="planning_plan_owner"),)

    def __str__(self) -> str:
        return f"{self.owner} {self.begins_on:%Y-%m-%d} V{self.number}"


class PlanLine(ScopedModel):
    """One visit of a plan: who, where, when, for which duty."""

    scope: ClassVar[Scope] = Scope(through="plan")
    entity: ClassVar[str] = "planning.plan"

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="lines")
    duty = models.ForeignKey(ServiceDuty, null=True, on_delete=models.SET_NULL, related_name="+")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    professional = models.ForeignKey(Professional, null=True, on_delete=models.PROTECT, related_name="+")
    activity = models.CharField(_("Activity"), max_length=18, choices=Activity.choices)
    day = models.DateField(_("Day"))
    starts_at = models.TimeField(_("Begins"))
    ends_at = models.TimeField(_("Ends"))
    order = models.PositiveSmallIntegerField(_("Order"))
    kilometres = models.DecimalField(_("Way"), max_digits=6, decimal_places=1)

    class Meta(ScopedModel.Meta):
        db_table = "planning_planline"
        indexes = (models.Index(fields=["plan", "day", "order"], name="planning_planline_day"),)

    def __str__(self) -> str:
        return f"{self.day} {self.professional or self.institution}"


class Replan(ScopedModel):
    """A proposal after a disturbance: which visits move, and why; the calendar changes when it is accepted (E12)."""

    class Kind(models.TextChoices):
        FELL_OUT = "fell_out", _("A visit falls out")
        CUSTOMER_AWAY = "customer_away", _("A customer is away")
        ILL = "ill", _("I cannot work")
        NEW_CUSTOMER = "new_customer", _("New or more important customers")
        OTHER = "other", pgettext_lazy("replan", "Something else")

    class State(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("replan", "Proposed")
        ACCEPTED = "accepted", pgettext_lazy("replan", "Accepted")
        DISMISSED = "dismissed", pgettext_lazy("replan", "Dismissed")

    scope: ClassVar[Scope] = Scope(territory="territory_id", person="owner_id")
    entity: ClassVar[str] = "planning.plan"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=pgettext_lazy("plan", "Plan of"), on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    territory = models.ForeignKey("organization.Territory", null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("What has happened"), max_length=13, choices=Kind.choices)
    reason = models.CharField(_("Reason"), max_length=300, blank=True)
    visit = models.ForeignKey("planning.PlannedVisit", null=True, on_delete=models.SET_NULL, related_name="+")
    since = models.DateField(_("From"))
    until = models.DateField(_("To"))
    moves: Any = models.JSONField(default=list)
    """Each: duty or visit, name, before and after as [day, begins, ends] or null, why."""
    figures: Any = models.JSONField(default=dict)
    """Seconds, forced, others, share of the others."""
    state = models.CharField(_("State"), max_length=9, choices=State.choices, default=State.PROPOSED)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("Created at"))

    class Meta(ScopedModel.Meta):
        db_table = "planning_replan"
        indexes = (models.Index(fields=["owner", "-id"], name="planning_replan_owner"),)

    def __str__(self) -> str:
        return f"{self.owner} {self.since}"


class CalendarFeed(ScopedModel):
    """The secret address under which a phone's calendar reads somebody's plan; only its digest is kept."""

    scope: ClassVar[Scope] = Scope(person="person_id")
    entity: ClassVar[str] = "planning.plannedvisit"

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("Created at"))
    read_at = models.DateTimeField(_("Last read"), null=True)

    class Meta(ScopedModel.Meta):
        db_table = "planning_calendarfeed"

    def __str__(self) -> str:
        return str(self.person)
