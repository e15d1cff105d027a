"""The ledger: everything of value that anybody gives to a professional or an organisation, and what was claimed for it."""

from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.compliance.values import EVERY_ITEM, FORMS, PAID_AS, RECIPIENTS
from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Scope, ScopedModel
from yaomai.organization.models import Territory

PROVED = _("This invoice or receipt already proves another transfer.")
CENT = [MinValueValidator(Decimal("0.01"))]


class Transfer(ScopedModel):
    """Something of value: asked for, approved, given, proved. What was asked for is not changed; it is asked anew."""

    class State(models.TextChoices):
        REQUESTED = "requested", _("Waits for approval")
        APPROVED = "approved", pgettext_lazy("transfer", "Approved")
        GIVEN = "given", pgettext_lazy("transfer", "Given")
        DROPPED = "dropped", _("Not given")

    scope: ClassVar[Scope] = Scope(territory="territory_id", person="requester_id")

    form = models.CharField(pgettext_lazy("compliance", "Form"), max_length=11, choices=list(FORMS.items()))
    item = models.CharField(pgettext_lazy("compliance", "Item"), max_length=18, choices=list(EVERY_ITEM.items()))
    description = models.CharField(
        _("Description"), max_length=200, blank=True, help_text=_("Such as the title of the book.")
    )
    recipient = models.CharField(_("Recipient"), max_length=12, choices=list(RECIPIENTS), default="professional")
    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), on_delete=models.PROTECT, related_name="transfers"
    )
    professionals: Any = models.ManyToManyField(
        Professional, verbose_name=_("Professionals"), through="compliance.Share", related_name="transfers", blank=True
    )
    on = models.DateField(_("On"))
    amount = models.DecimalField(_("Amount in all"), max_digits=14, decimal_places=2, validators=CENT)
    quantity = models.PositiveIntegerField(
        _("Number of items"),
        default=1,
        validators=[MinValueValidator(1)],
        help_text=_("In all, for every recipient together."),
    )
    own_heads = models.PositiveSmallIntegerField(_("Own staff at the table"), default=0)
    hours = models.DecimalField(
        _("Hours of service"), max_digits=5, decimal_places=2, null=True, blank=True, validators=CENT,
        help_text=_("Of each recipient; service fees need it."),
    )  # fmt: skip
    paid_as = models.CharField(_("Paid as"), max_length=7, choices=list(PAID_AS), default="in_kind")
    purpose = models.TextField(_("Scientific purpose"), blank=True)
    event = models.CharField(
        _("Event"), max_length=120, blank=True, help_text=_("Write it the same way for everything at one event.")
    )
    agenda = models.TextField(_("Agenda"), blank=True)
    place = models.CharField(
        _("City of the meal"), max_length=60, blank=True, help_text=_("Left empty: the city of the institution.")
    )
    is_overseas = models.BooleanField(_("Given abroad"), default=False)
    state = models.CharField(_("State"), max_length=9, choices=State.choices, default=State.REQUESTED, editable=False)
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Asked by"), null=True, blank=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    territory = models.ForeignKey(
        Territory, verbose_name=_("Territory"), null=True, blank=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    asked_on = models.DateField(_("Asked on"), editable=False)
    spent = models.DecimalField(
        _("Spent"), max_digits=14, decimal_places=2, null=True, blank=True, editable=False, validators=CENT
    )
    evidence = models.CharField(_("Evidence"), max_length=120, blank=True, editable=False)
    """Number of the invoice or receipt: one proves one transfer."""
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("Created at"), editable=False)
    updated_at = models.DateTimeField(_("Updated at"), editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "compliance_transfer"
        verbose_name = pgettext_lazy("compliance", "transfer")
        verbose_name_plural = pgettext_lazy("compliance", "transfers")
        constraints = (
            models.UniqueConstraint(
                fields=["evidence"],
                condition=~Q(evidence=""),
                name="compliance_transfer_evidence",
                violation_error_message=PROVED,
            ),
        )
        indexes = (
            models.Index(fields=["territory", "-on"], name="compliance_transfer_territory"),
            models.Index(fields=["requester", "-on"], name="compliance_transfer_requester"),
            models.Index(fields=["institution", "on"], name="compliance_transfer_at"),
        )

    def __str__(self) -> str:
        return f"{self.get_item_display()} · {self.institution} · {self.on.isoformat()}"


class Share(ScopedModel):
    """What one recipient has of a transfer: a line of their running account."""

    scope: ClassVar[Scope] = Scope(through="transfer")
    entity: ClassVar[str] = "compliance.transfer"

    transfer = models.ForeignKey(
        Transfer, verbose_name=pgettext_lazy("compliance", "transfer"), on_delete=models.CASCADE, related_name="shares"
    )
    professional = models.ForeignKey(
        Professional, verbose_name=_("Professional"), null=True, on_delete=models.PROTECT, related_name="shares",
        db_index=False,
    )  # fmt: skip
    institution = models.ForeignKey(
        Institution, verbose_name=_("Organisation"), null=True, on_delete=models.PROTECT, related_name="shares",
        db_index=False,
    )  # fmt: skip
    on = models.DateField(_("On"))
    amount = models.DecimalField(_("Amount"), max_digits=14, decimal_places=2)
    count = models.PositiveIntegerField(_("Items"), default=1)
    # Of the transfer, repeated: an account is summed from one table.
    form = models.CharField(pgettext_lazy("compliance", "Form"), max_length=11, choices=list(FORMS.items()), default="")
    event = models.CharField(_("Event"), max_length=120, blank=True, default="")
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    is_counted = models.BooleanField(_("Counts on the account"), default=True)
    """False once it is clear that it will not be given."""

    class Meta(ScopedModel.Meta):
        db_table = "compliance_share"
        verbose_name = _("line of an account")
        verbose_name_plural = _("running accounts")
        constraints = (
            models.CheckConstraint(
                condition=Q(professional__isnull=True) ^ Q(institution__isnull=True), name="compliance_share_of_one"
            ),
        )
        indexes = (
            models.Index(fields=["professional", "on"], name="compliance_share_professional"),
            models.Index(fields=["institution", "on"], name="compliance_share_institution"),
            models.Index(fields=["-on", "-id"], name="compliance_share_on"),
        )

    def __str__(self) -> str:
        return f"{self.professional or self.institution} · {self.transfer}"


class Expense(ScopedModel):
    """A line of an expense claim, held against what was approved (K7: 费用报销追溯)."""

    class Finding(models.TextChoices):
        MATCHED = "matched", _("Agrees with what was approved")
        OVER = "over", _("More than was approved")
        UNAPPROVED = "unapproved", _("Nothing was approved")
        DUPLICATE = "duplicate", _("Claimed twice")
        SETTLED = "settled", _("Settled by compliance")

    scope: ClassVar[Scope] = Scope(company=True)

    claim = models.CharField(_("Claim"), max_length=64)
    line = models.PositiveIntegerField(_("Line"), default=1)
    claimant = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Claimed by"), on_delete=models.PROTECT, related_name="+"
    )
    form = models.CharField(pgettext_lazy("compliance", "Form"), max_length=11, choices=list(FORMS.items()))
    on = models.DateField(_("On"))
    amount = models.DecimalField(_("Amount"), max_digits=14, decimal_places=2, validators=CENT)
    invoice = models.CharField(_("Invoice"), max_length=120, blank=True)
    customer = models.CharField(_("Customer as written"), max_length=200, blank=True)
    finding = models.CharField(_("Finding"), max_length=10, choices=Finding.choices, editable=False)
    transfer = models.ForeignKey(
        Transfer, verbose_name=pgettext_lazy("compliance", "transfer"), null=True, blank=True, editable=False,
        on_delete=models.PROTECT, related_name="expenses",
    )  # fmt: skip
    note = models.CharField(_("How it was settled"), max_length=300, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("Created at"), editable=False)
    updated_at = models.DateTimeField(_("Updated at"), editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "compliance_expense"
        verbose_name = _("expense")
        verbose_name_plural = _("expenses")
        constraints = (
            models.UniqueConstraint(
                fields=["claim", "line"],
                name="compliance_expense_line",
                violation_error_message=_("The claim has this line already."),
            ),
        )
        indexes = (
            models.Index(fields=["invoice"], name="compliance_expense_invoice"),
            models.Index(fields=["claimant", "on"], name="compliance_expense_claimant"),
        )

    def __str__(self) -> str:
        return f"{self.claim}-{self.line}"
