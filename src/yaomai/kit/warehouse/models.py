"""Which months changed. Rows are only added, so that writers never wait for one another."""

from django.db import models


class Change(models.Model):
    """Facts of a month changed `times` times. The sum over a month is the counter that its file carries."""

    dataset = models.CharField(max_length=100)
    month = models.DateField()
    """First day of the month."""
    times = models.BigIntegerField(default=1)

    class Meta:
        db_table = "warehouse_change"
        indexes = (models.Index(fields=["dataset", "month"], name="warehouse_change_month"),)

    def __str__(self) -> str:
        return f"{self.dataset} {self.month:%Y-%m} +{self.times}"
