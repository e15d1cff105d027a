"""Goals from year to week, notes on the surroundings they rest on, and what was learned."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.catalog.models import Product
from yaomai.kit.access import Actor, Scope, ScopedModel, Versioned
from yaomai.organization.models import Territory

PURCHASES: Final = "commerce.salesline:view"
"""Who may see purchases; not a person with an active filing, whatever the position says."""


class Level(models.TextChoices):
    YEAR = "year", pgettext_lazy("goal", "Year")
    QUARTER = "quarter", pgettext_lazy("goal", "Quarter")
    MONTH = "month", pgettext_lazy("goal", "Month")
    WEEK = "week", pgettext_lazy("goal", "Week")


class Measure(models.TextChoices):
    """What a goal counts. The first are about the quality of activity; the last two are about sales (X2)."""

    VISITS = "visits", _("Visits done")
    CUSTOMERS = "customers", _("Customers met")
    DEPARTMENTS = "departments", _("Departments covered")
    DUTIES = "duties", _("Duties done on time (%)")
    MEETINGS = "meetings", _("Salons and department meetings")
    SERVICES = "services", _("Academic services")
    PURCHASES = "purchases", _("Purchases (CNY)")
    SHARE = "share", _("Market share (%)")


COMMERCIAL_MEASURES: Final = frozenset({Measure.PURCHASES, Measure.SHARE})
RATES: Final = frozenset({Measure.DUTIES, Measure.SHARE})
"""Parts of a hundred: their parts do not add up, so a goal below has the same or another rate."""


@dataclass(frozen=True, slots=True)
class GoalScope(Scope):
    """As any scope, without goals about sales for whoever may not see purchases."""

    def filter(self, model: type[ScopedModel], actor: Actor, right: str) -> Q | None:
        found = Scope.filter(self, model, actor, right)
        if actor.may(PURCHASES):
            return found
        academic = ~Q(measure__in=COMMERCIAL_MEASURES)
        return academic if found is None else found & academic


class Goal(Versioned):
    """What somebody, or a territory, is to reach in a period; part of a goal of the longer period (E1–E4)."""

    class Source(models.TextChoices):
        """Where a goal comes from (E3)."""

        COMPANY = "company", _("Company target of the year")
        SHARE = "share", _("Market share target")
        PERSONAL = "personal", _("Personal development")

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("goal", "Draft")
        FINAL = "final", pgettext_lazy("goal", "Final")

    scope: ClassVar[Scope] = GoalScope(territory="territory_id", person="owner_id")

    parent = models.ForeignKey(
        "self", verbose_name=_("Part of"), null=True, blank=True, on_delete=models.PROTECT, related_name="parts"
    )
    level = models.CharField(pgettext_lazy("goal", "Level"), max_length=7, choices=Level.choices)
    begins_on = models.DateField(_("From"))
    ends_on = models.DateField(_("To"), editable=False)
    """The first day after the period: it follows from level and first day."""
    territory = models.ForeignKey(Territory, verbose_name=_("Territory"), on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Responsible"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+", help_text=_("Empty: the whole territory."),
    )  # fmt: skip
    product = models.ForeignKey(
        Product, verbose_name=_("Product"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    source = models.CharField(_("Comes from"), max_length=8, choices=Source.choices, default=Source.COMPANY)
    title = models.CharField(_("What is to be reached"), max_length=200)
    measure = models.CharField(_("Measured by"), max_length=11, choices=Measure.choices)
    target = models.DecimalField(_("Target"), max_digits=14, decimal_places=2)
    basis = models.CharField(
        _("Why it can be reached"), max_length=300, blank=True,
        help_text=_("What it was before, and what there is to work with."),
    )  # fmt: skip
    relevance = models.CharField(
        _("What it is good for"), max_length=300, blank=True, help_text=_("Which larger goal or need it serves.")
    )
    state = models.CharField(
        pgettext_lazy("goal", "State"), max_length=5, choices=State.choices, default=State.DRAFT, editable=False
    )

    class Meta(Versioned.Meta):
        db_table = "planning_goal"
        verbose_name = pgettext_lazy("planning", "goal")
        verbose_name_plural = pgettext_lazy("planning", "goals")
        constraints = (
            models.CheckConstraint(condition=Q(ends_on__gt=F("begins_on")), name="planning_goal_period"),
            models.CheckConstraint(
                condition=Q(target__gte=0), name="planning_goal_target",
                violation_error_message=_("A target is not below zero."),
            ),
        )  # fmt: skip
        indexes = (
            models.Index(fields=["territory", "begins_on"], name="planning_goal_territory"),
            models.Index(fields=["owner", "begins_on"], name="planning_goal_owner"),
            models.Index(fields=["parent"], name="planning_goal_parent"),
        )

    def __str__(self) -> str:
        return self.title


class EnvironmentNote(Versioned):
    """Something that changes around us and that plans rest on (E5)."""

    class Factor(models.TextChoices):
        POLICY = "policy", pgettext_lazy("environment", "Policy")
        CATALOGUE = "catalogue", _("Reimbursement list")
        COMPETITOR = "competitor", pgettext_lazy("environment", "Competitors")
        DISEASE = "disease", _("Spectrum of diseases")

    scope: ClassVar[Scope] = Scope(territory="territory_id")

    territory = models.ForeignKey(Territory, verbose_name=_("Territory"), on_delete=models.PROTECT, related_name="+")
    factor = models.CharField(_("Factor"), max_length=10, choices=Factor.choices)
    noted_on = models.DateField(_("Noted on"))
    text = models.CharField(_("What changes"), max_length=500)
    effect = models.CharField(_("What it means for the plan"), max_length=300, blank=True)
    source = models.CharField(_("Source"), max_length=200)
    goal = models.ForeignKey(
        Goal, verbose_name=_("Concerns the goal"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="notes",
    )  # fmt: skip

    class Meta(Versioned.Meta):
        db_table = "planning_environmentnote"
        verbose_name = _("environment note")
        verbose_name_plural = _("environment notes")
        indexes = (models.Index(fields=["territory", "-noted_on"], name="planning_note_territory"),)

    def __str__(self) -> str:
        return f"{self.noted_on} {self.text[:40]}"


class Review(ScopedModel):
    """What a month or quarter brought beside its plan, and what was learned from it (E11, N11); its figures stay."""

    scope: ClassVar[Scope] = Scope(territory="territory_id", person="owner_id")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=pgettext_lazy("plan", "Plan of"),
        blank=True,
        help_text=_("Empty: yourself."), on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    territory = models.ForeignKey(Territory, null=True, editable=False, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(
        pgettext_lazy("review", "Period"),
        max_length=7,
        choices=[(Level.MONTH, Level.MONTH.label), (Level.QUARTER, Level.QUARTER.label)],
    )
    begins_on = models.DateField(_("From"))
    ends_on = models.DateField(_("To"), editable=False)
    lessons = models.TextField(_("What we learned"), max_length=4000)
    next_steps = models.TextField(_("What we do differently"), max_length=4000)
    figures: Any = models.JSONField(default=dict, editable=False)
    """Plan and execution as they stood when it was written."""
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=pgettext_lazy("review", "Written by"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("Created at"), editable=False)
    updated_at = models.DateTimeField(_("Updated at"), editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "planning_review"
        verbose_name = pgettext_lazy("planning", "review")
        verbose_name_plural = pgettext_lazy("planning", "reviews")
        constraints = (
            models.UniqueConstraint(
                fields=["owner", "level", "begins_on"], name="planning_review_once",
                violation_error_message=_("This period is reviewed already."),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.owner} {self.begins_on:%Y-%m}"
