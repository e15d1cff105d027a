"""Customer value reports as they were made."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Scope, ScopedModel


class ValueReport(ScopedModel):
    """A customer value report (N1) as it was made that day: for whom, from what, and every number in it."""

    scope: ClassVar[Scope] = Scope(person="made_by_id")

    title = models.CharField(_("Title"), max_length=120)
    selection = models.CharField(_("Selection"), max_length=300)
    """The filters in words, or that rows were ticked."""
    as_of = models.DateField(_("As of"))
    institutions: Any = models.JSONField(default=list)
    """Ids of the customers asked for."""
    customers = models.PositiveIntegerField(_("Customers"))
    rows: Any = models.JSONField(null=True)
    """One object per customer, largest purchases first (`value.Value`); null while it is being made."""
    inputs: Any = models.JSONField(default=dict)
    """Fingerprint of the sales flow, policy versions, the run of the tiers, periods."""
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Made by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("Made on"))

    class Meta(ScopedModel.Meta):
        db_table = "insights_valuereport"
        verbose_name = _("customer value report")
        verbose_name_plural = _("customer value reports")
        indexes = (models.Index(fields=["made_by", "-id"], name="insights_valuereport_own"),)

    def __str__(self) -> str:
        return self.title
