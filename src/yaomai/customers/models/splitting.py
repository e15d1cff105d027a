"""Splits done: what began as its own institution, from which day, and what followed."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.customers.models.institutions import Institution
from yaomai.kit.access import Scope, ScopedModel


class InstitutionSplit(ScopedModel):
    """A part of an institution became an institution of its own on a day; what was before stays where it was."""

    scope: ClassVar[Scope] = Scope(through="origin")
    entity: ClassVar[str] = "customers.institution"

    origin = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="splits")
    offspring = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="split_from")
    day = models.DateField(_("From"))
    departments: Any = models.JSONField(default=list)
    """Departments that followed: [[of the origin, of the new institution], …]."""
    followed: Any = models.JSONField(default=dict)
    """How much followed: {"people": 12, "commerce.names": 2, …}."""
    split_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    split_at = models.DateTimeField(_("Split at"))
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(_("Undone at"), null=True)

    class Meta(ScopedModel.Meta):
        db_table = "customers_institutionsplit"
        verbose_name = pgettext_lazy("record", "split")

    def __str__(self) -> str:
        return f"{self.origin} → {self.offspring}"
