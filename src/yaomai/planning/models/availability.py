"""When somebody can be met, when somebody is away, and where an institution is."""

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Scope, ScopedModel, Versioned


class Half(models.TextChoices):
    """The halves of a day, as the engine calls them."""

    MORNING = "am", _("Morning")
    AFTERNOON = "pm", _("Afternoon")


class WorkingTime(ScopedModel):
    """What a customer does on a half-day of every week (C16): clinic, surgery, rounds; when a hospital receives.

    Where any clinic is known a person is met in clinics only; where any time of reception is known a hospital is
    visited then only.
    """

    class Kind(models.TextChoices):
        CLINIC = "clinic", pgettext_lazy("working time", "Clinic")
        SURGERY = "surgery", _("Surgery")
        ROUNDS = "rounds", _("Rounds or department meeting")
        VISITING = "visiting", _("Receives representatives")

    class Weekday(models.IntegerChoices):
        MONDAY = 1, _("Monday")
        TUESDAY = 2, _("Tuesday")
        WEDNESDAY = 3, _("Wednesday")
        THURSDAY = 4, _("Thursday")
        FRIDAY = 5, _("Friday")
        SATURDAY = 6, _("Saturday")
        SUNDAY = 7, _("Sunday")

    scope: ClassVar[Scope] = Scope(through="institution")

    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), on_delete=models.CASCADE, related_name="+"
    )
    professional = models.ForeignKey(
        Professional, verbose_name=_("Professional"), null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    weekday = models.PositiveSmallIntegerField(_("Weekday"), choices=Weekday.choices)
    half = models.CharField(_("Half-day"), max_length=2, choices=Half.choices)
    kind = models.CharField(pgettext_lazy("working time", "Kind"), max_length=8, choices=Kind.choices)
    source = models.CharField(_("Source"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(_("Updated at"), editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "planning_workingtime"
        verbose_name = _("working time")
        verbose_name_plural = _("working times")
        constraints = (
            models.UniqueConstraint(
                fields=["institution", "weekday", "half"], condition=Q(professional__isnull=True),
                name="planning_workingtime_place",
            ),
            models.UniqueConstraint(
                fields=["professional", "weekday", "half"], condition=Q(professional__isnull=False),
                name="planning_workingtime_person",
            ),
        )  # fmt: skip
        indexes = (models.Index(fields=["institution"], name="planning_workingtime_inst"),)

    def __str__(self) -> str:
        return f"{self.professional or self.institution} {self.get_weekday_display()} {self.get_half_display()}"


class Absence(Versioned):
    """One of our people has leave or a meeting, a customer is away, or an institution receives nobody: from–to."""

    class Kind(models.TextChoices):
        LEAVE = "leave", _("Leave")
        ILLNESS = "illness", _("Illness")
        MEETING = "meeting", pgettext_lazy("absence", "Meeting")
        TRAINING = "training", _("Training")
        AWAY = "away", _("Customer away")
        CLOSED = "closed", _("Receives nobody")

    scope: ClassVar[Scope] = Scope(through="institution", territory="territory_id", person="person_id")

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=pgettext_lazy("absence", "Of our people"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Leave all three empty for yourself."),
    )
    territory = models.ForeignKey(
        "organization.Territory", null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    """Where the person works: whoever manages there sees it."""
    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    professional = models.ForeignKey(
        Professional, verbose_name=_("Professional"), null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    kind = models.CharField(pgettext_lazy("absence", "Kind"), max_length=8, choices=Kind.choices)
    starts_at = models.DateTimeField(_("Begins"))
    ends_at = models.DateTimeField(_("Ends"))
    title = models.CharField(_("Title"), max_length=200, blank=True)
    uid = models.CharField(max_length=200, blank=True, editable=False)
    """Of the calendar entry that it was read from: the same file again changes it instead of adding."""

    class Meta(Versioned.Meta):
        db_table = "planning_absence"
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="planning_absence_period",
                violation_error_message=_("It ends before it begins."),
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=True) | Q(institution__isnull=True, professional__isnull=True),
                name="planning_absence_of",
                violation_error_message=_("Name either one of our people or a customer."),
            ),
            models.UniqueConstraint(fields=["person", "uid"], condition=~Q(uid=""), name="planning_absence_uid"),
        )
        indexes = (
            models.Index(fields=["person", "starts_at"], name="planning_absence_person"),
            models.Index(fields=["institution", "starts_at"], name="planning_absence_institution"),
        )

    def __str__(self) -> str:
        return f"{self.person or self.professional or self.institution} · {self.get_kind_display()}"


class Location(ScopedModel):
    """Where an institution is, in degrees; without one plans estimate the ways from its administrative division."""

    scope: ClassVar[Scope] = Scope(through="institution")

    institution = models.OneToOneField(
        Institution, verbose_name=_("Institution"), on_delete=models.CASCADE, related_name="+"
    )
    latitude = models.DecimalField(
        _("Latitude"), max_digits=8, decimal_places=5,
        validators=[MinValueValidator(Decimal(-90)), MaxValueValidator(Decimal(90))],
    )  # fmt: skip
    longitude = models.DecimalField(
        _("Longitude"), max_digits=8, decimal_places=5,
        validators=[MinValueValidator(Decimal(-180)), MaxValueValidator(Decimal(180))],
    )  # fmt: skip
    source = models.CharField(_("Source"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("Created at"), editable=False)
    updated_at = models.DateTimeField(_("Updated at"), editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "planning_location"
        verbose_name = _("location")
        verbose_name_plural = _("locations")

    def __str__(self) -> str:
        return str(self.institution)
