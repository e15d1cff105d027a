"""Visits that are planned."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Scope, ScopedModel
from yaomai.planning.models.duties import ServiceDuty
from yaomai.planning.models.words import Activity, MissedReason, VisitOrigin, VisitState


class PlannedVisit(ScopedModel):
    """Somebody means to be with a customer on a day; done only by a valid report."""

    scope: ClassVar[Scope] = Scope(through="institution", person="owner_id")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=pgettext_lazy("planning", "Visitor"),
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Empty: yourself."),
    )
    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), on_delete=models.PROTECT, related_name="+"
    )
    professional = models.ForeignKey(
        Professional,
        verbose_name=_("Professional"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Empty for a visit to the institution."),
    )
    day = models.DateField(_("Day"))
    starts_at = models.TimeField(_("Begins"), null=True, blank=True)
    ends_at = models.TimeField(_("Ends"), null=True, blank=True)
    activity = models.CharField(_("Activity"), max_length=18, choices=Activity.choices)
    objective = models.CharField(_("Objective"), max_length=200, blank=True, help_text=_("What the visit is about."))
    expected_result = models.CharField(
        _("Expected result"), max_length=200, blank=True, help_text=_("How you will know that it was worth it.")
    )
    duty = models.ForeignKey(
        ServiceDuty, verbose_name=_("Service duty"), null=True, blank=True, editable=False,
        on_delete=models.PROTECT, related_name="visits",
    )  # fmt: skip
    origin = models.CharField(
        _("Comes from"), max_length=9, choices=VisitOrigin.choices, default=VisitOrigin.BY_HAND, editable=False
    )
    state = models.CharField(
        _("State"), max_length=9, choices=VisitState.choices, default=VisitState.PLANNED, editable=False
    )
    missed_reason = models.CharField(
        _("Why not"), max_length=15, choices=MissedReason.choices, blank=True, editable=False
    )
    note = models.CharField(_("Note"), max_length=300, blank=True, editable=False)
    done_on = models.DateField(_("Done on"), null=True, editable=False)
    reference = models.CharField(max_length=80, blank=True, editable=False)
    """What proves it, such as `engagement.visit:12`."""
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("Created at"), editable=False)
    updated_at = models.DateTimeField(_("Updated at"), editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "planning_plannedvisit"
        verbose_name = _("planned visit")
        verbose_name_plural = _("planned visits")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(starts_at__isnull=False, ends_at__gt=F("starts_at")),
                name="planning_visit_times",
                violation_error_message=_("The visit ends before it begins."),
            ),
            models.CheckConstraint(
                condition=Q(state=VisitState.DONE, done_on__isnull=False)
                | ~Q(state=VisitState.DONE) & Q(done_on__isnull=True),
                name="planning_visit_done",
            ),
            models.UniqueConstraint(
                fields=["duty"],
                condition=Q(state=VisitState.PLANNED),
                name="planning_visit_duty",
                violation_error_message=_("This duty is planned already."),
            ),
        )
        indexes = (
            models.Index(fields=["owner", "day", "starts_at"], name="planning_visit_owner"),
            models.Index(fields=["day", "id"], name="planning_visit_day"),
            models.Index(fields=["institution", "day"], name="planning_visit_institution"),
            models.Index(fields=["professional", "day"], name="planning_visit_person"),
        )

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.professional or self.institution}"

    @property
    def customer(self) -> Institution | Professional:
        return self.professional or self.institution
