"""What a key customer matters for (A2): dated marks, each with who said so and why."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yaomai.customers.models.professionals import CustomerType, Professional
from yaomai.kit.access import Scope, ScopedModel


class TypeMark(ScopedModel):
    """A professional is a customer of one type from–to; of several types at once there are several marks."""

    scope: ClassVar[Scope] = Scope(through="professional")
    entity: ClassVar[str] = "customers.professional"

    professional = models.ForeignKey(Professional, on_delete=models.CASCADE, related_name="type_marks")
    customer_type = models.CharField(_("Customer type"), max_length=16, choices=CustomerType.choices)
    source = models.CharField(_("Source"), max_length=200, blank=True)
    """Where it comes from; empty when the type was set in the form of the professional."""
    reason = models.CharField(_("Reason"), max_length=500, blank=True)
    valid_from = models.DateField(_("Valid from"))
    valid_to = models.DateField(_("Valid to"), null=True)
    marked_by: Any = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField()
    ended_by: Any = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    end_reason = models.CharField(_("Reason for ending"), max_length=500, blank=True)

    class Meta(ScopedModel.Meta):
        db_table = "customers_typemark"
        verbose_name = _("customer type")
        verbose_name_plural = _("customer types")
        constraints = (
            # Ended on the day it began: it was a mistake, and counts for no day.
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="customers_typemark_period"
            ),
            models.UniqueConstraint(
                fields=["professional", "customer_type"],
                condition=Q(valid_to__isnull=True),
                name="customers_typemark_one",
                violation_error_message=_("This type is marked already."),
            ),
        )

    def __str__(self) -> str:
        return str(self.get_customer_type_display())
