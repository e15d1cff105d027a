"""The trail's tables. Nothing in Python updates or deletes them; the database refuses it to everybody."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Scope, ScopedModel


class Entry(ScopedModel):
    """One act: the sealed `content` is the truth, the other columns repeat parts of it for searching."""

    class Outcome(models.TextChoices):
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")

    scope: ClassVar[Scope] = Scope(company=True)

    at = models.DateTimeField()
    code = models.CharField(max_length=120)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.DONE)
    actor_id = models.BigIntegerField(null=True)
    target_type = models.CharField(max_length=80, blank=True)
    target_id = models.CharField(max_length=64, blank=True)
    content = models.TextField()
    """Canonical JSON: sorted keys, no spaces, UTF-8."""
    seal = models.BinaryField()
    """HMAC-SHA256 of `content` under the installation's trail key."""

    class Meta(ScopedModel.Meta):
        db_table = "audit_entry"
        indexes = (
            models.Index(fields=["target_type", "target_id", "-id"], name="audit_entry_target"),
            models.Index(fields=["actor_id", "-id"], name="audit_entry_actor"),
            models.Index(fields=["code", "-id"], name="audit_entry_code"),
            models.Index(fields=["at"], name="audit_entry_at"),
        )

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.code} #{self.pk}"


class Link(models.Model):
    """An entry's place in the chain: hash = sha256(previous hash, entry id, seal, content)."""

    sequence = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, on_delete=models.DO_NOTHING, related_name="link")
    hash = models.BinaryField()

    class Meta:
        db_table = "audit_link"

    def __str__(self) -> str:
        return f"link {self.sequence}"


class Head(models.Model):
    """The end of the chain, one row, locked while a transaction that acted commits."""

    one = models.BooleanField(primary_key=True, default=True)
    sequence = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        db_table = "audit_head"

    def __str__(self) -> str:
        return f"head at {self.sequence}"
