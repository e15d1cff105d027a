"""Cases that the watch opens: something looks odd, somebody looks at it, and says what it was."""

from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.customers.models import Institution, Professional
from yaomai.integrity.scope import Independent
from yaomai.integrity.words import DETECTORS
from yaomai.kit.access import ScopedModel


class Case(ScopedModel):
    """One finding of one detector, until somebody said what it was. What it says is frozen when it is closed."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("case", "Open")
        TAKEN = "taken", _("Being looked at")
        CLOSED = "closed", pgettext_lazy("case", "Closed")

    class Outcome(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed: against the rules")
        EXPLAINED = "explained", _("Explained: in order")
        MISTAKEN = "mistaken", _("A mistake in the data")

    scope: ClassVar[Independent] = Independent(company=True, about=("person", "other"))

    detector = models.CharField(_("Detector"), max_length=20, choices=list(DETECTORS.items()))
    key = models.CharField(max_length=400, editable=False)
    """The same finding of a later sweep has the same."""
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("About"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    other = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("and"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    professional = models.ForeignKey(
        Professional, verbose_name=_("Professional"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    first_day = models.DateField(_("From"))
    last_day = models.DateField(_("To"))
    lines = models.PositiveIntegerField(pgettext_lazy("case", "Lines"))
    amount = models.DecimalField(_("Amount"), max_digits=16, decimal_places=2, default=Decimal(0))
    measure = models.FloatField(_("Measured"))
    expected = models.FloatField(_("Usual"), null=True, blank=True)
    strength = models.FloatField(_("Strength"))
    score = models.FloatField(pgettext_lazy("case", "Score"))
    named: Any = models.JSONField(default=list, blank=True, editable=False)
    """Numbers of lines, as `datasets` counts them."""
    state = models.CharField(_("State"), max_length=6, choices=State.choices, default=State.OPEN, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("Looked at by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    outcome = models.CharField(_("Outcome"), max_length=9, choices=Outcome.choices, blank=True)
    note = models.TextField(_("What it was"), blank=True)
    found_on = models.DateField(_("Found on"))
    closed_at = models.DateTimeField(_("Closed at"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "integrity_case"
        verbose_name = pgettext_lazy("integrity", "case")
        verbose_name_plural = pgettext_lazy("integrity", "cases")
        constraints = (models.UniqueConstraint(fields=["detector", "key"], name="integrity_case_once"),)
        indexes = (
            models.Index(fields=["state", "-score"], name="integrity_case_state"),
            models.Index(fields=["person", "state"], name="integrity_case_person"),
        )

    def __str__(self) -> str:
        return f"{self.get_detector_display()} · {self.person or self.institution or ''} · {self.first_day.isoformat()}"
