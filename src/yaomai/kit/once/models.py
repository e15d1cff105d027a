"""Names of submissions that were done, kept for a day."""

from typing import ClassVar

from django.db import models


class Submission(models.Model):
    """One act that ran for a submission. Holds a hash and an address, nothing that was typed."""

    pk = models.CompositePrimaryKey("key", "act")
    key = models.BinaryField(max_length=32)
    act = models.PositiveSmallIntegerField()
    location = models.CharField(max_length=2000)
    done_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["done_at"])]
