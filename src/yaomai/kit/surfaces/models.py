"""Saved views of lists."""

from django.conf import settings
from django.db import models


class SavedView(models.Model):
    """A list as somebody left it: filters, search, order and columns, under a name; shared if wished."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    surface = models.CharField(max_length=80)
    """The model's label, "customers.institution"."""
    name = models.CharField(max_length=40)
    query = models.TextField(blank=True)
    """The list's query string without cursor."""
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "surfaces_savedview"
        constraints = (models.UniqueConstraint(fields=["owner", "surface", "name"], name="surfaces_savedview_once"),)

    def __str__(self) -> str:
        return self.name
