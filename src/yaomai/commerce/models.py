"""What customers buy: the sales flow (流向) as distributors report it, and what its dirty names mean."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.catalog.models import Product
from yaomai.customers.models import Institution
from yaomai.kit.access import Scope, ScopedModel


class FlowBatch(ScopedModel):
    """One distributor's file of sales flow, as taken in; a corrected file replaces it, a mistake is rolled back."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Counts")
        REPLACED = "replaced", _("Replaced")
        ROLLED_BACK = "rolled_back", _("Rolled back")

    scope: ClassVar[Scope] = Scope(through="distributor")

    distributor = models.ForeignKey(
        Institution, verbose_name=_("Distributor"), on_delete=models.PROTECT, related_name="flow_batches"
    )
    file_name = models.CharField(_("File"), max_length=255)
    fingerprint = models.CharField(max_length=64)
    """SHA-256 of the lines as understood: the same content under another name or format is the same batch."""
    first_day = models.DateField(_("First day"))
    last_day = models.DateField(_("Last day"))
    lines = models.PositiveIntegerField(pgettext_lazy("count", "Lines"))
    amount = models.DecimalField(_("Amount"), max_digits=18, decimal_places=2)
    state = models.CharField(_("State"), max_length=12, choices=State.choices, default=State.ACTIVE)
    replaced_by = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="replaces")
    import_id = models.BigIntegerField(null=True)
    """The import (kit.transfer) that brought it."""
    taken_in_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    taken_in_at = models.DateTimeField(_("Taken in at"))
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "commerce_flowbatch"
        verbose_name = _("sales flow file")
        verbose_name_plural = _("sales flow files")
        constraints = (
            models.UniqueConstraint(
                fields=["distributor", "fingerprint"], condition=Q(state="active"), name="commerce_flowbatch_once"
            ),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="commerce_flowbatch_period"),
        )
        indexes = (models.Index(fields=["distributor", "first_day"], name="commerce_flowbatch_period"),)

    def __str__(self) -> str:
        return self.file_name


class SourceName(ScopedModel):
    """A name as distributors write it, and what it was decided to mean; the decision holds for ever.

    Lines point here, so one decision settles every line of the name, past and future.
    """

    class Kind(models.TextChoices):
        INSTITUTION = "institution", _("Institution")
        PRODUCT = "product", _("Product")

    class Decision(models.TextChoices):
        ACCEPTED = "accepted", _("Matched by certainty")
        CONFIRMED = "confirmed", _("Confirmed by a person")
        REVIEW = "review", _("Waits for review")
        SKIPPED = "skipped", _("Not one of ours")

    # What a name was decided to mean places it; one that waits for review is for reviewers of the whole company.
    scope: ClassVar[Scope] = Scope(through="institution")

    kind = models.CharField(_("Kind"), max_length=12, choices=Kind.choices)
    name = models.CharField(_("Name as written"), max_length=300)
    place = models.CharField(_("Place as written"), max_length=200, blank=True)
    """Tells namesakes of different places apart; for products the specification."""
    distributor = models.ForeignKey(
        Institution, verbose_name=_("Distributor"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    """Who writes a name that says no place: 第一人民医院 means another hospital in another distributor's file."""
    decision = models.CharField(_("Decision"), max_length=10, choices=Decision.choices)
    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), null=True, on_delete=models.PROTECT, related_name="source_names"
    )
    product = models.ForeignKey(
        Product, verbose_name=_("Product"), null=True, on_delete=models.PROTECT, related_name="source_names"
    )
    candidates: Any = models.JSONField(default=list)
    """Best first: [{"id", "score", "reasons": [{"code", "params"}]}]."""
    score = models.FloatField(_("Score"), default=0)
    amount = models.DecimalField(_("Amount at stake"), max_digits=18, decimal_places=2, default=0)
    """Of active lines under this name, in absolute value; the queue's order."""
    lines = models.PositiveIntegerField(pgettext_lazy("count", "Lines"), default=0)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("Decided at"), null=True)
    created_at = models.DateTimeField(_("Created at"))

    class Meta(ScopedModel.Meta):
        db_table = "commerce_sourcename"
        verbose_name = _("name in sales flow")
        verbose_name_plural = _("names in sales flow")
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "name", "place", "distributor"], nulls_distinct=False, name="commerce_sourcename_once"
            ),
            models.CheckConstraint(
                condition=Q(decision__in=["review", "skipped"])
                | Q(institution__isnull=False)
                | Q(product__isnull=False),
                name="commerce_sourcename_decided",
            ),
        )
        indexes = (models.Index(fields=["kind", "decision", "-amount", "id"], name="commerce_sourcename_queue"),)

    def __str__(self) -> str:
        return self.name

    @property
    def target(self) -> Institution | Product | None:
        """Return what the name was decided to mean."""
        return self.institution or self.product


class FormerMeaning(ScopedModel):
    """What a name of an institution meant for lines before a day: the part that it names became its own institution then."""

    scope: ClassVar[Scope] = Scope(through="institution")
    entity: ClassVar[str] = "commerce.sourcename"

    name = models.ForeignKey(SourceName, on_delete=models.CASCADE, related_name="former_meanings")
    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), on_delete=models.PROTECT, related_name="+"
    )
    until = models.DateField(_("Valid to"))
    """The first day on which it holds no more; of several the earliest after a line's day counts."""

    class Meta(ScopedModel.Meta):
        db_table = "commerce_formermeaning"
        verbose_name = pgettext_lazy("record", "former meaning")
        constraints = (models.UniqueConstraint(fields=["name", "until"], name="commerce_formermeaning_once"),)

    def __str__(self) -> str:
        return f"{self.name} → {self.institution}"


class SalesLine(ScopedModel):
    """One line of sales flow: a distributor sold a product to an institution on a day. Returns are negative."""

    scope: ClassVar[Scope] = Scope(through="institution")

    batch = models.ForeignKey(
        FlowBatch, verbose_name=_("File"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    row = models.PositiveIntegerField(_("Row in the file"))
    sold_on = models.DateField(_("Date"))
    buyer = models.ForeignKey(SourceName, on_delete=models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey(SourceName, on_delete=models.PROTECT, related_name="+", db_index=False)
    institution = models.ForeignKey(
        Institution,
        verbose_name=_("Institution"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    """What `buyer` was decided to mean; empty while it waits for review."""
    product = models.ForeignKey(
        Product, verbose_name=_("Product"), null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    quantity = models.DecimalField(_("Quantity"), max_digits=14, decimal_places=3)
    amount = models.DecimalField(_("Amount"), max_digits=16, decimal_places=2)
    lot = models.CharField(_("Lot number"), max_length=64, blank=True)
    is_active = models.BooleanField(default=True)
    """False when the batch was replaced or rolled back: kept for the trail, counted nowhere."""

    class Meta(ScopedModel.Meta):
        db_table = "commerce_salesline"
        verbose_name = _("sales flow line")
        verbose_name_plural = _("sales flow lines")
        indexes = (
            models.Index(
                fields=["institution", "-sold_on", "-id"], condition=Q(is_active=True), name="commerce_line_inst"
            ),
            models.Index(fields=["-sold_on", "-id"], condition=Q(is_active=True), name="commerce_line_day"),
            models.Index(fields=["batch", "row"], name="commerce_line_batch"),
            models.Index(fields=["buyer"], name="commerce_line_buyer"),
            models.Index(fields=["item"], name="commerce_line_item"),
        )

    def __str__(self) -> str:
        return f"{self.sold_on} #{self.pk}"
