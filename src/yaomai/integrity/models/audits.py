"""Audits by sample."""

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.kit.access import Scope, ScopedModel


class Audit(ScopedModel):
    """An audit by sample (K10): what was drawn follows from population, size and seed, so that nobody can choose it."""

    class Method(models.TextChoices):
        MONEY = "money", _("By amount (monetary unit sampling)")
        RANDOM = "random", _("Every line alike")
        PEOPLE = "people", _("At least one line of everybody")

    class Population(models.TextChoices):
        MONEY = "money", _("Claims and transfers of value")
        ACTS = "acts", _("Visits and meetings")

    scope: ClassVar[Scope] = Scope(company=True)

    title = models.CharField(pgettext_lazy("audit", "Title"), max_length=200)
    start = models.DateField(_("From"))
    end = models.DateField(_("before"))
    drawn_from = models.CharField(_("Drawn from"), max_length=5, choices=Population.choices, default=Population.MONEY)
    method = models.CharField(_("Method"), max_length=6, choices=Method.choices, default=Method.MONEY)
    size = models.PositiveIntegerField(
        _("Lines to look at"), validators=[MinValueValidator(1), MaxValueValidator(2000)]
    )
    seed = models.BigIntegerField(editable=False)
    population = models.PositiveIntegerField(_("Lines in all"), default=0, editable=False)
    total = models.DecimalField(_("Amount in all"), max_digits=16, decimal_places=2, default=Decimal(0), editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "integrity_audit"
        verbose_name = pgettext_lazy("integrity", "audit")
        verbose_name_plural = pgettext_lazy("integrity", "audits")
        constraints = (
            models.CheckConstraint(
                condition=Q(end__gt=F("start")), name="integrity_audit_period",
                violation_error_message=_("It must end after it begins."),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.title


class AuditItem(ScopedModel):
    """A line that was drawn, and what was found."""

    class Result(models.TextChoices):
        IN_ORDER = "in_order", _("In order")
        FLAWED = "flawed", _("Flawed")
        WRONG = "wrong", _("Against the rules")

    scope: ClassVar[Scope] = Scope(through="audit")
    entity: ClassVar[str] = "integrity.audit"

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="items")
    number = models.PositiveIntegerField()
    line = models.BigIntegerField()
    """As `datasets` counts lines."""
    label = models.CharField(max_length=200)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    on = models.DateField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    result = models.CharField(max_length=8, choices=Result.choices, blank=True)
    wrong_amount = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0))
    note = models.CharField(max_length=500, blank=True)
    looked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta(ScopedModel.Meta):
        db_table = "integrity_audititem"
        constraints = (models.UniqueConstraint(fields=["audit", "line"], name="integrity_audititem_once"),)

    def __str__(self) -> str:
        return self.label
