"""Dated versions of policies."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Scope, ScopedModel
from yaomai.kit.policies.schema import registered


class Version(ScopedModel):
    """One version of a policy: proposed by one person, approved by another, in force from a date."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PROPOSED = "proposed", _("Proposed")
        APPROVED = "approved", _("Approved")
        PUBLISHED = "published", _("Published")
        RETURNED = "returned", _("Returned")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    scope: ClassVar[Scope] = Scope(company=True)

    name = models.CharField(max_length=100)
    applies_to = models.CharField(max_length=100, blank=True)
    """"" the whole company, "territory:CODE", "product:CODE"; the more specific wins."""
    number = models.PositiveIntegerField()
    document = models.JSONField()
    reason = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    valid_from = models.DateField(null=True)
    based_on = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        db_table = "policies_version"
        constraints = (
            models.UniqueConstraint(fields=["name", "applies_to", "number"], name="policies_version_number"),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(valid_from__isnull=False), name="policies_version_dated"
            ),
            models.CheckConstraint(
                condition=Q(approver__isnull=True) | ~Q(approver=models.F("author")),
                name="policies_version_four_eyes",
            ),
        )
        indexes = (models.Index(fields=["name", "applies_to", "status", "-valid_from"], name="policies_version_find"),)

    def __str__(self) -> str:
        declared = registered().get(self.name)
        return f"{declared.label if declared else self.name} v{self.number}"
