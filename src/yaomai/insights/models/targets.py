"""Market figures, and lists of target hospitals with what became of each."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.catalog.models import Division, Indication, Product, ProductLine
from yaomai.customers.models import Institution
from yaomai.kit.access import Scope, ScopedModel, Versioned
from yaomai.organization.models import Position


class MarketFigure(Versioned):
    """A published figure of a region for a year: the market of a disease or class, or how often a disease occurs."""

    class Kind(models.TextChoices):
        MARKET = "market", _("Market size (CNY)")
        INCIDENCE = "incidence", _("New cases per 100,000")

    scope: ClassVar[Scope] = Scope(company=True)

    division = models.ForeignKey(
        Division, verbose_name=_("Region"), on_delete=models.PROTECT, related_name="+", help_text=_("Province or city.")
    )
    kind = models.CharField(_("Figure"), max_length=9, choices=Kind.choices)
    indication = models.ForeignKey(
        Indication, verbose_name=_("Disease"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    class_name = models.CharField(_("Therapeutic class"), max_length=200, blank=True)
    year = models.PositiveSmallIntegerField(_("Year"), validators=(MinValueValidator(1990), MaxValueValidator(2100)))
    value = models.DecimalField(_("Value"), max_digits=18, decimal_places=2, validators=(MinValueValidator(0),))
    source = models.CharField(
        _("Source"), max_length=200, help_text=_("Yearbook, registry or market report, with page.")
    )

    class Meta(Versioned.Meta):
        db_table = "insights_marketfigure"
        verbose_name = _("market figure")
        verbose_name_plural = _("market figures")
        constraints = (
            models.CheckConstraint(
                condition=Q(indication__isnull=False, class_name="")
                | (Q(indication__isnull=True, kind="market") & ~Q(class_name="")),
                name="insights_marketfigure_of_one",
                violation_error_message=_("Name a disease, or for a market size a therapeutic class: one of them."),
            ),
            models.UniqueConstraint(
                fields=["division", "kind", "indication", "class_name", "year"],
                condition=Q(archived_at__isnull=True),
                nulls_distinct=False,
                name="insights_marketfigure_once",
                violation_error_message=_("There is a figure of this region and year already."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.division} · {self.indication or self.class_name} · {self.year}"


class Quadrant(models.TextChoices):
    """Where a hospital stands between regional growth and product match (A18)."""

    BREAKTHROUGH = "breakthrough", _("Break through")
    CULTIVATE = "cultivate", _("Prepare")
    DEEPEN = "deepen", _("Deepen")
    WATCH = "watch", pgettext_lazy("quadrant", "Watch")


class TargetList(Versioned):
    """A dated list of target hospitals, with all that went into it."""

    scope: ClassVar[Scope] = Scope(company=True)

    name = models.CharField(_("Name"), max_length=80)
    product = models.ForeignKey(
        Product, verbose_name=_("Product"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    product_line = models.ForeignKey(
        ProductLine, verbose_name=_("Product line"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    as_of = models.DateField(_("As of"), editable=False)
    review_on = models.DateField(_("Review by"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Made by"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    inputs: Any = models.JSONField(default=dict, editable=False)
    """Fingerprint of the sales flow, policy versions, cut-offs, periods, quadrants taken."""

    class Meta(Versioned.Meta):
        db_table = "insights_targetlist"
        verbose_name = _("list of target hospitals")
        verbose_name_plural = _("lists of target hospitals")

    def __str__(self) -> str:
        return self.name


class TargetItem(ScopedModel):
    """A hospital on a list: the numbers behind it, who takes it on, and what was decided."""

    class Decision(models.TextChoices):
        OPEN = "open", _("To be reviewed")
        KEPT = "kept", _("Kept")
        DROPPED = "dropped", _("Dropped")

    class Basis(models.TextChoices):
        MARKET = "market", _("Market figures")
        SALES = "sales", _("Sales flow")

    scope: ClassVar[Scope] = Scope(through="institution")

    target_list = models.ForeignKey(
        TargetList, verbose_name=_("List"), on_delete=models.CASCADE, related_name="items", editable=False
    )
    institution = models.ForeignKey(
        Institution, verbose_name=_("Hospital"), on_delete=models.PROTECT, related_name="+", editable=False
    )
    product = models.ForeignKey(
        Product, verbose_name=_("Product"), on_delete=models.PROTECT, related_name="+", editable=False
    )
    region = models.ForeignKey(
        Division, verbose_name=_("Region"), null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    quadrant = models.CharField(_("Quadrant"), max_length=12, choices=Quadrant.choices, editable=False)
    growth = models.DecimalField(_("Growth of the region"), max_digits=9, decimal_places=4, editable=False)
    basis = models.CharField(_("Growth by"), max_length=6, choices=Basis.choices, editable=False)
    is_narrow = models.BooleanField(_("Rests on one buyer"), default=False, editable=False)
    match = models.PositiveSmallIntegerField(_("Match"), editable=False)
    parts: Any = models.JSONField(default=dict, editable=False)
    """Points of department, patients and grade; null where unknown."""
    rules: Any = models.JSONField(default=list, editable=False)
    """Codes of the rules that applied."""
    position = models.ForeignKey(
        Position, verbose_name=_("Assigned to"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decision = models.CharField(
        _("Review"), max_length=7, choices=Decision.choices, default=Decision.OPEN, editable=False
    )
    reason = models.CharField(_("Reason"), max_length=300, blank=True, editable=False)
    review_on = models.DateField(_("Review by"), editable=False)
    decided_at = models.DateTimeField(_("Reviewed"), null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Reviewed by"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(_("Updated at"), editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "insights_targetitem"
        verbose_name = _("target hospital")
        verbose_name_plural = _("target hospitals")
        constraints = (models.UniqueConstraint(fields=["target_list", "institution"], name="insights_targetitem_once"),)
        indexes = (
            models.Index(fields=["position", "review_on"], name="insights_targetitem_due"),
            models.Index(fields=["institution"], name="insights_targetitem_inst"),
        )

    def __str__(self) -> str:
        return str(self.institution)
