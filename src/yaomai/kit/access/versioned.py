"""What rows that people edit have in common."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access.scope import ScopedModel


class Versioned(ScopedModel):
    """A row that people edit: archived instead of deleted, with a version against lost updates."""

    archived_at = models.DateTimeField(_("Archived at"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("Created at"), editable=False)
    updated_at = models.DateTimeField(_("Updated at"), editable=False)

    class Meta(ScopedModel.Meta):
        abstract = True
