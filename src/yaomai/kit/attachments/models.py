"""Attached files."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Scope, ScopedModel
from yaomai.kit.attachments.carriers import WithCarrier


class Attachment(ScopedModel):
    """One file of one row; its content is kept under `sha256`."""

    scope: ClassVar[Scope] = WithCarrier()

    carrier = models.CharField(max_length=80)
    """Label of the model that it belongs to, such as compliance.transfer."""
    carrier_id = models.BigIntegerField()
    name = models.CharField(_("Name"), max_length=200)
    media = models.CharField(_("Kind of file"), max_length=100)
    size = models.PositiveBigIntegerField(_("Size"))
    sha256 = models.CharField(max_length=64)
    original_sha256 = models.CharField(max_length=64)
    """Of the file as it was sent, before anything was taken out of it."""
    removed: Any = ArrayField(models.CharField(max_length=120), default=list)
    """What was taken out."""
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Attached by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    added_at = models.DateTimeField(_("Attached at"))
    taken_away_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    """Why it was taken away."""

    class Meta(ScopedModel.Meta):
        db_table = "attachments_attachment"
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        constraints = (
            models.UniqueConstraint(
                fields=["carrier", "carrier_id", "original_sha256"],
                condition=Q(taken_away_at__isnull=True),
                name="attachments_once",
            ),
        )
        indexes = (
            models.Index(fields=["carrier", "carrier_id"], name="attachments_of"),
            models.Index(fields=["original_sha256"], name="attachments_original"),
            models.Index(fields=["sha256"], name="attachments_stored"),
        )

    def __str__(self) -> str:
        return self.name
