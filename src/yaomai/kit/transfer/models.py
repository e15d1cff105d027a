"""Imports: the file, how its columns were understood, what came of it, and what each row was before."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.kit.access import Scope, ScopedModel


class Import(ScopedModel):
    """One uploaded file on its way into the system. Seen by whoever uploaded it and by those who reach everything."""

    class Status(models.TextChoices):
        UPLOADED = "uploaded", _("Uploaded")
        MAPPED = "mapped", _("Columns chosen")
        CHECKED = "checked", _("Checked")
        APPLYING = "applying", _("Being imported")
        APPLIED = "applied", _("Imported")
        PARTIAL = "partial", _("Partly undone")
        UNDONE = "undone", _("Undone")
        FAILED = "failed", _("Failed")

    scope: ClassVar[Scope] = Scope(person="person_id")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    importer = models.CharField(_("What is imported"), max_length=80)
    source = models.CharField(_("Source"), max_length=120, blank=True)
    """Whose files these are; a mapping is remembered by source."""
    options: Any = models.JSONField(default=dict)
    """What the importer asked for besides the file, and how to read it: sheet, header_row, has_header, day_order."""
    file_name = models.CharField(_("File"), max_length=255)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField(_("Size"))
    headers: Any = models.JSONField(default=list)
    fingerprint = models.CharField(max_length=64)
    mapping: Any = models.JSONField(default=dict)
    """Column name -> position of the file's column."""
    status = models.CharField(_("State"), max_length=10, choices=Status.choices, default=Status.UPLOADED)
    rows = models.PositiveIntegerField(_("Rows"), default=0)
    created_count = models.PositiveIntegerField(pgettext_lazy("rows", "Created"), default=0)
    updated_count = models.PositiveIntegerField(_("Changed"), default=0)
    unchanged_count = models.PositiveIntegerField(_("Unchanged"), default=0)
    refused_count = models.PositiveIntegerField(pgettext_lazy("rows", "Refused"), default=0)
    notices: Any = models.JSONField(default=list)
    """Phrases about the file: sheets and rows left out."""
    result: Any = models.JSONField(default=dict)
    """Examples and counts of the last check; after an undo what was removed, restored and kept, and why."""
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    job_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(_("Uploaded at"))
    checked_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(_("Imported at"), null=True)
    undone_at = models.DateTimeField(_("Undone at"), null=True)

    class Meta(ScopedModel.Meta):
        db_table = "transfer_import"
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = (
            models.Index(fields=["person", "-id"], name="transfer_import_person"),
            models.Index(fields=["importer", "-id"], name="transfer_import_importer"),
            models.Index(fields=["sha256"], name="transfer_import_sha256"),
        )

    def __str__(self) -> str:
        return self.file_name


class ColumnMapping(models.Model):
    """How the columns of one form of file were understood last time. Company knowledge, without personal content."""

    importer = models.CharField(max_length=80)
    source = models.CharField(max_length=120, blank=True)
    fingerprint = models.CharField(max_length=64)
    columns: Any = models.JSONField(default=dict)
    """Header -> column name; "" where a person decided to leave it out."""
    used_at = models.DateTimeField()

    class Meta:
        db_table = "transfer_columnmapping"
        constraints = (
            models.UniqueConstraint(fields=["importer", "source", "fingerprint"], name="transfer_columnmapping_once"),
        )

    def __str__(self) -> str:
        return f"{self.importer} {self.source} {self.fingerprint[:8]}"


class ImportChange(models.Model):
    """A row that an import created or changed. `before` holds the changed values as they were; null: it was created.

    `digest` stands for what the import left behind: as long as the row still has it, nobody touched it since.
    """

    pk = models.CompositePrimaryKey("imported_id", "table", "object_id")
    # Written by the import itself, in its transaction, by the thousand: a check of each row would find nothing.
    imported = models.ForeignKey(
        Import, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="changes"
    )
    table = models.CharField(max_length=80)
    """Label of the model, such as room.entity."""
    object_id = models.BigIntegerField()
    before: Any = models.JSONField(null=True)
    digest = models.UUIDField()

    class Meta:
        db_table = "transfer_importchange"

    def __str__(self) -> str:
        return f"{self.table} {self.object_id}"
