"""Evaluations of a month, quarter or year, and what is to be improved: problem, cause, measure, re-check."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.insights.models.events import PolicyEvent
from yaomai.kit.access import Scope, ScopedModel, Versioned
from yaomai.organization.models import Territory


class Evaluation(Versioned):
    """How a territory did in a period (N9). Its figures are computed anew while it is open and frozen when it closes."""

    class Level(models.TextChoices):
        MONTH = "month", pgettext_lazy("evaluation", "Month")
        QUARTER = "quarter", pgettext_lazy("evaluation", "Quarter")
        YEAR = "year", pgettext_lazy("evaluation", "Year")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("evaluation", "Being written")
        CLOSED = "closed", pgettext_lazy("evaluation", "Closed")

    scope: ClassVar[Scope] = Scope(territory="territory_id")

    territory = models.ForeignKey(Territory, verbose_name=_("Territory"), on_delete=models.PROTECT, related_name="+")
    level = models.CharField(pgettext_lazy("evaluation", "Period"), max_length=7, choices=Level.choices)
    begins_on = models.DateField(_("From"), help_text=_("Any day of the period; it counts from its first day."))
    ends_on = models.DateField(_("To"), editable=False)
    """The first day after the period."""
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Responsible"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+", help_text=_("Empty: whoever manages the territory."),
    )  # fmt: skip
    state = models.CharField(_("State"), max_length=6, choices=State.choices, default=State.OPEN, editable=False)
    learned = models.TextField(pgettext_lazy("evaluation", "What we learned"), blank=True, max_length=8000)
    next_steps = models.TextField(pgettext_lazy("evaluation", "What we change"), blank=True, max_length=8000)
    figures: Any = models.JSONField(null=True, editable=False)
    """See `evaluations.measuring.measured`; null until they are computed for the first time."""
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Made by"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=pgettext_lazy("evaluation", "Closed by"), null=True, editable=False,
        on_delete=models.PROTECT, related_name="+",
    )  # fmt: skip
    closed_at = models.DateTimeField(pgettext_lazy("evaluation", "Closed at"), null=True, editable=False)

    class Meta(Versioned.Meta):
        db_table = "insights_evaluation"
        verbose_name = pgettext_lazy("record", "evaluation")
        verbose_name_plural = pgettext_lazy("record", "evaluations")
        constraints = (
            models.UniqueConstraint(
                fields=["territory", "level", "begins_on"], name="insights_evaluation_once",
                violation_error_message=_("This territory has its evaluation of the period already."),
            ),
        )  # fmt: skip
        indexes = (
            models.Index(fields=["-begins_on", "-id"], name="insights_evaluation_day"),
            models.Index(fields=["owner"], condition=Q(state="open"), name="insights_evaluation_own"),
        )

    def __str__(self) -> str:
        from yaomai.insights.evaluations.rules import period_text

        return f"{self.territory} · {period_text(self.level, self.begins_on)}"


class Improvement(Versioned):
    """A problem or a question, its cause, what is done about it, and whether that helped.

    An anomaly of an evaluation is one (J13); so is the review of a strategy that an event asks for (J14).
    """

    class Trigger(models.TextChoices):
        ANOMALY = "anomaly", pgettext_lazy("trigger", "Anomaly")
        BY_HAND = "by_hand", pgettext_lazy("trigger", "Seen by people")
        POLICY = "policy", pgettext_lazy("trigger", "Policy event")
        COMPETITOR = "competitor", pgettext_lazy("trigger", "Competitor")

    STRATEGIC: ClassVar[tuple[str, ...]] = (Trigger.POLICY, Trigger.COMPETITOR)

    class Measure(models.TextChoices):
        PURCHASES = "purchases", pgettext_lazy("evaluation", "Purchases")
        VISITS = "visits", _("Valid visits per customer and month")
        LOST = "lost", _("Churn")
        SATISFACTION = "satisfaction", _("Satisfaction")
        NEEDS = "needs", _("Customers with needs nobody followed up")
        VALUE = "value", _("Lifetime value")

    class Cause(models.TextChoices):
        VISITS = "visits", pgettext_lazy("cause", "Too few or poor visits")
        PRICE = "price", pgettext_lazy("cause", "Price or terms")
        COMPETITOR = "competitor", pgettext_lazy("cause", "Competitor")
        POLICY = "policy", _("Procurement or insurance policy")
        SUPPLY = "supply", _("Supply or delivery")
        SERVICE = "service", _("Service or relation")
        CLINICAL = "clinical", _("Clinical need")
        PEOPLE = "people", _("People or departments changed")
        STOCK = "stock", _("Stocking up or running down")
        DATA = "data", _("Error in the data")
        OTHER = "other", _("Other")

    class Kind(models.TextChoices):
        VISITS = "visits", pgettext_lazy("improvement", "Visit frequency")
        PRICE = "price", pgettext_lazy("improvement", "Price or commercial terms")
        ACADEMIC = "academic", pgettext_lazy("improvement", "Academic support")
        SERVICE = "service", pgettext_lazy("improvement", "Service")
        SUPPLY = "supply", pgettext_lazy("improvement", "Supply and delivery")
        TRAINING = "training", pgettext_lazy("improvement", "Training")
        OTHER = "other", pgettext_lazy("improvement", "Something else")
        NONE = "none", pgettext_lazy("improvement", "No action")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("improvement", "To be answered")
        PLANNED = "planned", pgettext_lazy("improvement", "Being carried out")
        DONE = "done", pgettext_lazy("improvement", "Carried out, to be re-checked")
        WORKED = "worked", pgettext_lazy("improvement", "It worked")
        NO_ACTION = "no_action", pgettext_lazy("improvement", "No action, with reason")

    SETTLED: ClassVar[tuple[str, ...]] = (State.WORKED, State.NO_ACTION)
    PENDING: ClassVar[tuple[str, ...]] = (State.OPEN, State.PLANNED, State.DONE)

    scope: ClassVar[Scope] = Scope(territory="territory_id", person="responsible_id")

    evaluation = models.ForeignKey(
        Evaluation, verbose_name=pgettext_lazy("record", "evaluation"), null=True, blank=True, editable=False,
        on_delete=models.PROTECT, related_name="improvements",
    )  # fmt: skip
    territory = models.ForeignKey(
        Territory, verbose_name=_("Territory"), editable=False, on_delete=models.PROTECT, related_name="+"
    )
    trigger = models.CharField(
        pgettext_lazy("improvement", "Trigger"), max_length=10, choices=Trigger.choices, editable=False
    )
    event = models.ForeignKey(
        PolicyEvent, verbose_name=_("Policy event"), null=True, blank=True, editable=False, on_delete=models.PROTECT,
        related_name="reviews",
    )  # fmt: skip
    month = models.DateField(_("Month"), null=True, blank=True, editable=False)
    """Of the signals of competitors that ask for it."""
    customers = models.PositiveIntegerField(_("Affected customers"), null=True, editable=False)
    problem = models.CharField(
        pgettext_lazy("improvement", "Problem"), max_length=300, blank=True,
        help_text=_("What is wrong, or what is to be decided."),
    )  # fmt: skip
    """Of an anomaly blank: the figure says it."""
    measure = models.CharField(
        pgettext_lazy("improvement", "Measured by"), max_length=12, choices=Measure.choices,
        default=Measure.PURCHASES,
    )  # fmt: skip
    tier = models.CharField(_("Tier"), max_length=60, blank=True)
    """Of the leading scheme; blank: all customers of the territory."""
    found: Any = models.JSONField(default=dict, editable=False)
    """The figure when it was found: {"value", "before", "year", "from", "to"}."""
    cause = models.CharField(_("Cause"), max_length=10, choices=Cause.choices, blank=True)
    cause_text = models.CharField(
        pgettext_lazy("improvement", "Cause in words"), max_length=500, blank=True,
        help_text=_("What we know of it, and from where."),
    )  # fmt: skip
    kind = models.CharField(pgettext_lazy("improvement", "Measure"), max_length=8, choices=Kind.choices, blank=True)
    action = models.CharField(
        pgettext_lazy("improvement", "What is done"), max_length=500, blank=True,
        help_text=_("What exactly changes; without action, why none is needed."),
    )  # fmt: skip
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=pgettext_lazy("improvement", "Carried out by"), null=True, blank=True,
        on_delete=models.PROTECT, related_name="+",
    )  # fmt: skip
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=pgettext_lazy("improvement", "Answers for it"), null=True, blank=True,
        editable=False, on_delete=models.PROTECT, related_name="+",
    )  # fmt: skip
    """Hears of it when it is overdue, and says whether it worked."""
    due_on = models.DateField(pgettext_lazy("improvement", "Due on"), null=True, blank=True)
    recheck_on = models.DateField(pgettext_lazy("improvement", "Re-check on"), null=True, blank=True)
    done_on = models.DateField(pgettext_lazy("improvement", "Carried out on"), null=True, blank=True, editable=False)
    done_note = models.CharField(
        pgettext_lazy("improvement", "What was carried out"), max_length=500, blank=True, editable=False
    )
    state = models.CharField(_("State"), max_length=9, choices=State.choices, default=State.OPEN, editable=False)
    round = models.PositiveSmallIntegerField(pgettext_lazy("improvement", "Attempt"), default=1, editable=False)

    class Meta(Versioned.Meta):
        db_table = "insights_improvement"
        verbose_name = pgettext_lazy("record", "improvement")
        verbose_name_plural = pgettext_lazy("record", "improvements")
        constraints = (
            models.UniqueConstraint(
                fields=["evaluation", "measure", "tier"], condition=Q(trigger="anomaly"),
                name="insights_improvement_once",
            ),
            models.UniqueConstraint(
                fields=["territory", "event"], condition=Q(trigger="policy"), name="insights_improvement_event"
            ),
            models.UniqueConstraint(
                fields=["territory", "month"], condition=Q(trigger="competitor"), name="insights_improvement_month"
            ),
            models.CheckConstraint(
                condition=Q(state="open") | ~Q(cause="") & ~Q(kind="") | ~Q(trigger="anomaly"),
                name="insights_improvement_answered",
            ),
        )  # fmt: skip
        indexes = (
            models.Index(fields=["state", "due_on", "id"], name="insights_improvement_due"),
            models.Index(fields=["responsible", "state"], name="insights_improvement_resp"),
            models.Index(fields=["owner", "state"], name="insights_improvement_owner"),
        )

    def __str__(self) -> str:
        return self.problem or f"{self.territory} · {self.get_measure_display()}"

    @property
    def due(self) -> Any:
        """Return the day by which the next step is due; None where none is."""
        if self.state in self.SETTLED:
            return None
        return self.recheck_on if self.state == self.State.DONE else self.due_on


class ImprovementCheck(ScopedModel):
    """One re-check: the same figure measured again, and what people concluded from it."""

    class Verdict(models.TextChoices):
        BETTER = "better", pgettext_lazy("re-check", "Better")
        SAME = "same", pgettext_lazy("re-check", "The same")
        WORSE = "worse", pgettext_lazy("re-check", "Worse")
        UNCLEAR = "unclear", pgettext_lazy("re-check", "Cannot tell")

    class Conclusion(models.TextChoices):
        WORKED = "worked", pgettext_lazy("re-check", "It worked")
        FAILED = "failed", pgettext_lazy("re-check", "It did not work: open it again")
        LATER = "later", pgettext_lazy("re-check", "Too early: re-check later")

    scope: ClassVar[Scope] = Scope(through="improvement")
    entity: ClassVar[str] = "insights.improvement"

    improvement = models.ForeignKey(Improvement, on_delete=models.CASCADE, related_name="checks")
    checked_on = models.DateField(pgettext_lazy("re-check", "Measured on"))
    verdict = models.CharField(pgettext_lazy("re-check", "Result"), max_length=7, choices=Verdict.choices)
    result: Any = models.JSONField(default=dict)
    """{"value", "year", "from", "to", "before"…}, as `found`; `reason` where nothing can be told."""
    conclusion = models.CharField(max_length=6, choices=Conclusion.choices, blank=True)
    note = models.CharField(max_length=500, blank=True)
    action = models.CharField(max_length=500, blank=True)
    """What had been done, as it stood then."""
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        db_table = "insights_improvementcheck"
        verbose_name = pgettext_lazy("record", "re-check")
        verbose_name_plural = pgettext_lazy("record", "re-checks")
        constraints = (
            models.UniqueConstraint(
                fields=["improvement"], condition=Q(conclusion=""), name="insights_improvementcheck_one"
            ),
        )
        indexes = (models.Index(fields=["improvement", "-id"], name="insights_improvementcheck_of"),)

    def __str__(self) -> str:
        return f"{self.improvement} · {self.checked_on}"
