"""Names of submissions that were done, kept for a day, or for as long as a phone may be away."""

from typing import ClassVar

from django.db import models


class Submission(models.Model):
    """One act that ran for a submission. Holds hashes, and where it ended: an address, or a program's answer."""

    pk = models.CompositePrimaryKey("key", "act")
    key = models.BinaryField(max_length=32)
    act = models.PositiveSmallIntegerField()
    content = models.BinaryField(max_length=32, db_default=b"")
    """Hash of what a program sent under its key."""
    location = models.CharField(max_length=2000)
    answer = models.JSONField(null=True)
    """Status, headers and body that a program got."""
    until = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["until"])]
