"""Third parties with their due diligence, and contracts before they are signed."""

from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.customers.models import Institution
from yaomai.customers.models.professionals import SeveralChoices
from yaomai.integrity.words import CHECKS, CONTRACTS
from yaomai.kit.access import Scope, ScopedModel


class Provider(ScopedModel):
    """A third party, with what was found out about it before it is engaged (SA6)."""

    class Kind(models.TextChoices):
        PROMOTION = "promotion", _("Promotion services")
        MEETING = "meeting", _("Meeting services")
        RESEARCH = "research", _("Research services")
        SOCIETY = "society", _("Learned society")
        DISTRIBUTOR = "distributor", pgettext_lazy("provider", "Distributor")
        OTHER = "other", pgettext_lazy("provider", "Other")

    class Finding(models.TextChoices):
        CLEARED = "cleared", _("Cleared")
        CONDITIONS = "conditions", _("Cleared under conditions")
        REFUSED = "refused", pgettext_lazy("provider", "Refused")

    scope: ClassVar[Scope] = Scope(company=True)

    name = models.CharField(_("Name"), max_length=200)
    kind = models.CharField(_("Kind"), max_length=11, choices=Kind.choices)
    credit_code = models.CharField(
        _("Unified credit code"), max_length=18, unique=True,
        validators=[RegexValidator(r"^[0-9A-HJ-NPQRTUWXY]{18}$", _("A unified credit code has 18 digits and capital letters."))],
    )  # fmt: skip
    owners = models.CharField(_("Owners and managers"), max_length=300, blank=True)
    services = models.TextField(_("What it does for us"), blank=True)
    is_related = models.BooleanField(_("Tied to a customer or to our staff"), default=False)
    has_offences = models.BooleanField(_("Punished for bribery, or on a list of defaulters"), default=False)
    has_capacity = models.BooleanField(_("Staff and premises were seen"), default=False)
    finding = models.CharField(_("Due diligence"), max_length=10, choices=Finding.choices, blank=True)
    basis = models.TextField(_("What was looked at"), blank=True)
    checked_on = models.DateField(_("Checked on"), null=True, blank=True)
    valid_to = models.DateField(_("Valid to"), null=True, blank=True)
    """The first day on which it must be checked anew."""
    archived_at = models.DateTimeField(_("Archived"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "integrity_provider"
        verbose_name = pgettext_lazy("integrity", "third party")
        verbose_name_plural = pgettext_lazy("integrity", "third parties")
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("checked_on")), name="integrity_provider_period",
                violation_error_message=_("It must be valid after the day of the check."),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.name


class Contract(ScopedModel):
    """A contract before it is signed: what its words lack or say too much, what the gate says, who approved (K16, K8)."""

    class State(models.TextChoices):
        ASKED = "asked", pgettext_lazy("contract", "Waits for approval")
        APPROVED = "approved", pgettext_lazy("contract", "Approved")
        RETURNED = "returned", pgettext_lazy("contract", "Returned")

    class Recipient(models.TextChoices):
        ORGANISATION = "organisation", _("An organisation")
        PROFESSIONAL = "professional", _("A person")

    scope: ClassVar[Scope] = Scope(company=True)

    kind = models.CharField(_("Kind"), max_length=11, choices=list(CONTRACTS.items()))
    number = models.CharField(_("Contract number"), max_length=64, unique=True)
    title = models.CharField(pgettext_lazy("contract", "Title"), max_length=200)
    provider = models.ForeignKey(
        Provider, verbose_name=pgettext_lazy("integrity", "third party"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="contracts",
    )  # fmt: skip
    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    recipient = models.CharField(
        _("Money goes to"), max_length=12, choices=Recipient.choices, default=Recipient.ORGANISATION
    )
    amount = models.DecimalField(
        _("Amount"), max_digits=14, decimal_places=2, default=Decimal(0), validators=[MinValueValidator(Decimal(0))]
    )
    purpose = models.TextField(_("Purpose"))
    booking = models.CharField(_("How it is booked"), max_length=200, blank=True,
                               help_text=_("Invoice and account on both sides; rebates need it."))  # fmt: skip
    checks: Any = SeveralChoices(
        models.CharField(max_length=14, choices=list(CHECKS.items())), verbose_name=_("Checked against transfer of benefits"),
        default=list, blank=True, help_text=_("High-risk scenes (services, projects with hospitals) need every one."),
    )  # fmt: skip
    """Those that were answered with yes."""
    text = models.TextField(_("Clauses"), help_text=_("The words of the contract; they are looked through at once."))
    is_public = models.BooleanField(_("In the public register of sponsorship"), default=False)
    begins_on = models.DateField(_("Begins on"))
    ends_on = models.DateField(_("Ends on"), null=True, blank=True)
    state = models.CharField(_("State"), max_length=8, choices=State.choices, default=State.ASKED, editable=False)
    findings: Any = models.JSONField(default=list, blank=True, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Asked by"), null=True, blank=True, editable=False,
        on_delete=models.PROTECT, related_name="+",
    )  # fmt: skip
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "integrity_contract"
        verbose_name = pgettext_lazy("integrity", "contract")
        verbose_name_plural = pgettext_lazy("integrity", "contracts")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("begins_on")), name="integrity_contract_period",
                violation_error_message=_("It must end after it begins."),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def missing_checks(self) -> list[str]:
        """Return the checks that were not answered with yes."""
        return [code for code in CHECKS if code not in self.checks]
