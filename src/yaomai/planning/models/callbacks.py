"""Calls back to customers that nobody asked for (C13, C14)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Scope, ScopedModel
from yaomai.planning.models.duties import ServiceDuty


class Callback(ScopedModel):
    """Somebody called a customer back: what came of it, in the customer's words, and what follows."""

    class Outcome(models.TextChoices):
        CONTENT = "content", pgettext_lazy("callback", "Content")
        WISH = "wish", _("Has a wish")
        PROBLEM = "problem", _("Has a problem")
        DECLINED = "declined", pgettext_lazy("callback", "Does not want to be called")
        UNREACHED = "unreached", pgettext_lazy("callback", "Not reached")

    scope: ClassVar[Scope] = Scope(through="institution", person="person_id")

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Called by"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), on_delete=models.PROTECT, related_name="callbacks"
    )
    professional = models.ForeignKey(
        Professional, verbose_name=_("Spoken with"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    on = models.DateField(_("Day"), editable=False)
    outcome = models.CharField(_("Outcome"), max_length=9, choices=Outcome.choices)
    words = models.TextField(
        _("What the customer said"), max_length=1000, blank=True,
        help_text=_("Briefly, in their words. No names of patients, no counts of prescriptions."),
    )  # fmt: skip
    next_step = models.CharField(_("Next step"), max_length=200, blank=True)
    next_on = models.DateField(_("Next step by"), null=True, blank=True)
    duty = models.ForeignKey(
        ServiceDuty, verbose_name=_("Owed as"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="callbacks",
    )  # fmt: skip
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("Created at"), editable=False)
    updated_at = models.DateTimeField(_("Updated at"), editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "planning_callback"
        verbose_name = pgettext_lazy("planning", "callback")
        verbose_name_plural = pgettext_lazy("planning", "callbacks")
        indexes = (
            models.Index(fields=["person", "on"], name="planning_callback_person"),
            models.Index(fields=["institution", "-on"], name="planning_callback_customer"),
            models.Index(
                fields=["professional"], condition=Q(professional__isnull=False), name="planning_callback_spoken"
            ),
        )

    def __str__(self) -> str:
        return f"{self.institution} · {self.on:%Y-%m-%d}"
