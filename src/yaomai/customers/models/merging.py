"""Duplicates proposed, and merges done: everything that moved is on record, so that it can move back."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.customers.models.institutions import Institution
from yaomai.customers.models.professionals import Professional
from yaomai.kit.access import Scope, ScopedModel


class DuplicateProposal(ScopedModel):
    """Two rows that may be one customer, with the reasons. A rejection is remembered."""

    class Status(models.TextChoices):
        OPEN = "open", _("Undecided")
        MERGED = "merged", _("Merged")
        REJECTED = "rejected", _("Not the same")

    score = models.FloatField(_("Similarity"))
    """From 0 to 1, `engine.matching`."""
    reasons: Any = models.JSONField(default=list)
    """What speaks for it: [{"code", "params"}], worded by `selectors.duplicate_reasons`."""
    status = models.CharField(_("Status"), max_length=8, choices=Status.choices, default=Status.OPEN)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("Decided at"), null=True)
    created_at = models.DateTimeField(_("Created at"))

    class Meta(ScopedModel.Meta):
        abstract = True


class InstitutionDuplicate(DuplicateProposal):
    """Two institutions that may be one; `first` is the older row."""

    scope: ClassVar[Scope] = Scope(through="first")
    entity: ClassVar[str] = "customers.institution"

    first = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="+")

    class Meta(ScopedModel.Meta):
        db_table = "customers_institutionduplicate"
        verbose_name = pgettext_lazy("record", "possible duplicate")
        constraints = (
            models.UniqueConstraint(fields=["first", "second"], name="customers_institutionduplicate_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="customers_institutionduplicate_sorted"),
        )
        indexes = (models.Index(fields=["status", "-score", "id"], name="customers_instduplicate_queue"),)

    def __str__(self) -> str:
        return f"{self.first} / {self.second}"


class ProfessionalDuplicate(DuplicateProposal):
    """Two professionals that may be one; `first` is the older row."""

    scope: ClassVar[Scope] = Scope(through="first")
    entity: ClassVar[str] = "customers.professional"

    first = models.ForeignKey(Professional, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Professional, on_delete=models.CASCADE, related_name="+")

    class Meta(ScopedModel.Meta):
        db_table = "customers_professionalduplicate"
        verbose_name = pgettext_lazy("record", "possible duplicate")
        constraints = (
            models.UniqueConstraint(fields=["first", "second"], name="customers_professionalduplicate_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="customers_professionalduplicate_sorted"),
        )
        indexes = (models.Index(fields=["status", "-score", "id"], name="customers_profduplicate_queue"),)

    def __str__(self) -> str:
        return f"{self.first} / {self.second}"


class Merge(ScopedModel):
    """One row was merged into another: the loser is archived, never deleted."""

    before: Any = models.JSONField()
    """Values of the winner that were replaced, as they were: {field: value}."""
    moved: Any = models.JSONField(default=dict)
    """What moved: {"customers.affiliation.institution": [ids], …}."""
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    merged_at = models.DateTimeField(_("Merged at"))
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(_("Undone at"), null=True)

    class Meta(ScopedModel.Meta):
        abstract = True


class InstitutionMerge(Merge):
    """A merge of two institutions."""

    scope: ClassVar[Scope] = Scope(through="winner")
    entity: ClassVar[str] = "customers.institution"

    winner = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="merges")
    loser = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    alias_ids: Any = ArrayField(models.BigIntegerField(), default=list)
    """Names the winner got by it; an undo takes them away again."""

    class Meta(ScopedModel.Meta):
        db_table = "customers_institutionmerge"
        verbose_name = pgettext_lazy("record", "merge")

    def __str__(self) -> str:
        return f"{self.loser} → {self.winner}"


class ProfessionalMerge(Merge):
    """A merge of two professionals."""

    scope: ClassVar[Scope] = Scope(through="winner")
    entity: ClassVar[str] = "customers.professional"

    winner = models.ForeignKey(Professional, on_delete=models.PROTECT, related_name="merges")
    loser = models.ForeignKey(Professional, on_delete=models.PROTECT, related_name="+")

    class Meta(ScopedModel.Meta):
        db_table = "customers_professionalmerge"
        verbose_name = pgettext_lazy("record", "merge")

    def __str__(self) -> str:
        return f"{self.loser} → {self.winner}"
