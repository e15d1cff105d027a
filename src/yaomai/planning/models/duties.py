"""What customers are owed."""

from datetime import date, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Scope, ScopedModel
from yaomai.planning.models.words import ON_SITE, Activity, DutyOrigin, DutyState, MissedReason


class ServiceDuty(ScopedModel):
    """One activity that somebody owes a customer between two days, half-open; done only by a valid report (C15)."""

    scope: ClassVar[Scope] = Scope(through="institution", person="owner_id")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=pgettext_lazy("planning", "Owed by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Empty while nobody holds the role where the customer is."),
    )
    role = models.CharField(_("Role that owes it"), max_length=40, blank=True, editable=False)
    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), on_delete=models.PROTECT, related_name="+"
    )
    professional = models.ForeignKey(
        Professional, verbose_name=_("Professional"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    activity = models.CharField(_("Activity"), max_length=18, choices=Activity.choices)
    window_from = models.DateField(_("Window from"))
    window_to = models.DateField(_("Window to"), help_text=_("The first day after the window."))
    origin = models.CharField(
        _("Comes from"), max_length=9, choices=DutyOrigin.choices, default=DutyOrigin.BY_HAND, editable=False
    )
    scheme = models.CharField(_("Scheme"), max_length=60, blank=True, editable=False)
    tier = models.CharField(_("Tier"), max_length=60, blank=True, editable=False)
    task = models.CharField(
        _("What is to be done"), max_length=300, blank=True, help_text=_("For example which literature to bring.")
    )
    state = models.CharField(
        _("State"), max_length=6, choices=DutyState.choices, default=DutyState.OPEN, editable=False
    )
    missed_reason = models.CharField(
        _("Why missed"), max_length=15, choices=MissedReason.choices, blank=True, editable=False
    )
    note = models.CharField(_("Note"), max_length=300, blank=True, editable=False)
    done_on = models.DateField(_("Done on"), null=True, editable=False)
    reference = models.CharField(max_length=80, blank=True, editable=False)
    """What proves it, such as `engagement.visit:12`; of a next step, the visit it came from until it is done."""
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("Created at"), editable=False)
    updated_at = models.DateTimeField(_("Updated at"), editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "planning_serviceduty"
        verbose_name = _("service duty")
        verbose_name_plural = _("service duties")
        constraints = (
            models.CheckConstraint(
                condition=Q(window_to__gt=F("window_from")),
                name="planning_duty_window",
                violation_error_message=_("The window ends before it begins."),
            ),
            models.CheckConstraint(
                condition=Q(state=DutyState.DONE, done_on__isnull=False) | ~Q(state=DutyState.DONE) & Q(done_on=None),
                name="planning_duty_done",
            ),
            # A customer is owed an activity by a scheme once per window.
            models.UniqueConstraint(
                fields=["institution", "scheme", "activity", "window_from"],
                condition=Q(origin=DutyOrigin.CADENCE, professional__isnull=True),
                name="planning_duty_institution",
            ),
            models.UniqueConstraint(
                fields=["professional", "scheme", "activity", "window_from"],
                condition=Q(origin=DutyOrigin.CADENCE, professional__isnull=False),
                name="planning_duty_professional",
            ),
        )
        indexes = (
            models.Index(fields=["owner", "state", "window_to"], name="planning_duty_owner"),
            models.Index(fields=["institution", "state", "window_to"], name="planning_duty_customer"),
            models.Index(fields=["window_to", "id"], condition=Q(state="open"), name="planning_duty_due"),
            models.Index(fields=["professional", "window_to"], name="planning_duty_person"),
        )

    def __str__(self) -> str:
        return f"{self.professional or self.institution} · {self.due_on:%Y-%m-%d}"

    @property
    def customer(self) -> Institution | Professional:
        return self.professional or self.institution

    @property
    def due_on(self) -> date:
        """Return the last day of the window."""
        return self.window_to - timedelta(days=1)

    @property
    def is_on_site(self) -> bool:
        return self.activity in ON_SITE
