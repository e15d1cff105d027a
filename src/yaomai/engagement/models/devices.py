"""Phones with the field app."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.kit.access import Scope, ScopedModel
from yaomai.kit.vault import EncryptedTextField


class Device(ScopedModel):
    """A phone that keeps reports, with the key under which it keeps them; after a wipe it must forget everything."""

    scope: ClassVar[Scope] = Scope(person="person_id")
    entity: ClassVar[str] = "engagement.visit"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Person"), on_delete=models.PROTECT, related_name="devices"
    )
    name = models.CharField(_("Name"), max_length=80)
    key = EncryptedTextField(editable=False)
    """The phone's key, base64: opens the rescue file when a phone cannot send any more."""
    created_at = models.DateTimeField(pgettext_lazy("visit", "Since"), editable=False)
    seen_at = models.DateTimeField(_("Last seen"), editable=False)
    wiped_at = models.DateTimeField(_("To be wiped since"), null=True, editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "engagement_device"
        verbose_name = _("phone")
        verbose_name_plural = _("phones")
        indexes = (models.Index(fields=["person"], condition=Q(wiped_at__isnull=True), name="engagement_device_used"),)

    def __str__(self) -> str:
        return self.name
