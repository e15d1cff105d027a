"""Who matters: the tier of each customer in each scheme, from–to. Scores and inputs stay with the run's files."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.customers.models import CustomerType, Institution, Professional
from yaomai.kit.access import Scope, ScopedModel
from yaomai.kit.runs.models import Run
from yaomai.organization.models import Territory


class Subject(models.TextChoices):
    """Whom a scheme classifies."""

    INSTITUTION = "institution", _("Institution")
    PROFESSIONAL = "professional", _("Professional")


class TierAssignment(ScopedModel):
    """A customer holds a tier of a scheme from–to, by a published run or a decided change. Ended rows are history."""

    scope: ClassVar[Scope] = Scope(through=("institution", "professional"))
    entity: ClassVar[str] = "segmentation.tier"

    scheme = models.CharField(_("Scheme"), max_length=60)
    tier = models.CharField(_("Tier"), max_length=60)
    institution = models.ForeignKey(
        Institution, null=True, on_delete=models.PROTECT, related_name="tiers", db_index=False
    )
    professional = models.ForeignKey(
        Professional, null=True, on_delete=models.PROTECT, related_name="tiers", db_index=False
    )
    run = models.ForeignKey(Run, verbose_name=_("Run"), on_delete=models.PROTECT, related_name="+")
    change = models.ForeignKey("TierChange", null=True, on_delete=models.PROTECT, related_name="periods")
    """The decision that gave it; None when the run did."""
    held_until = models.DateField(null=True)
    """Until this day no run changes a decided tier."""
    valid_from = models.DateField(_("Valid from"))
    valid_to = models.DateField(_("Valid to"), null=True)

    class Meta(ScopedModel.Meta):
        db_table = "segmentation_tierassignment"
        verbose_name = pgettext_lazy("record", "tier")
        constraints = (
            models.CheckConstraint(
                condition=Q(institution__isnull=True) ^ Q(professional__isnull=True),
                name="segmentation_tier_one_subject",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="segmentation_tier_period"
            ),
            models.UniqueConstraint(
                fields=["scheme", "institution"], condition=Q(valid_to__isnull=True), name="segmentation_tier_inst"
            ),
            models.UniqueConstraint(
                fields=["scheme", "professional"], condition=Q(valid_to__isnull=True), name="segmentation_tier_prof"
            ),
        )
        indexes = (
            models.Index(fields=["institution", "scheme", "valid_from"], name="segmentation_tier_inst_hist"),
            models.Index(fields=["professional", "scheme", "valid_from"], name="segmentation_tier_prof_hist"),
            # Whoever holds a tier is read from the index alone.
            models.Index(
                fields=["scheme", "tier"],
                include=("institution", "professional"),
                condition=Q(valid_to__isnull=True),
                name="segmentation_tier_now",
            ),
            models.Index(
                fields=["held_until"],
                condition=Q(valid_to__isnull=True, held_until__isnull=False),
                name="segmentation_tier_held",
            ),
        )

    def __str__(self) -> str:
        return f"{self.scheme}: {self.tier}"


class Assessment(ScopedModel):
    """A judgement that schemes score: of a customer, by a person or a file, with its source; a newer one supersedes it."""

    scope: ClassVar[Scope] = Scope(through=("institution", "professional"))
    entity: ClassVar[str] = "segmentation.tier"

    attribute = models.CharField(_("Attribute"), max_length=60)
    """A `attributes.AssessedAttribute`."""
    institution = models.ForeignKey(
        Institution, null=True, on_delete=models.PROTECT, related_name="assessments", db_index=False
    )
    professional = models.ForeignKey(
        Professional, null=True, on_delete=models.PROTECT, related_name="assessments", db_index=False
    )
    value: Any = models.JSONField(_("Value"))
    """Points from 0 to 100, a number, or a list of tags, as the attribute's unit says."""
    source = models.CharField(_("Source"), max_length=200)
    assessed_on = models.DateField(_("Assessed on"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("Recorded at"))
    superseded_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        db_table = "segmentation_assessment"
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        constraints = (
            models.CheckConstraint(
                condition=Q(institution__isnull=True) ^ Q(professional__isnull=True),
                name="segmentation_assessment_one_subject",
            ),
            models.UniqueConstraint(
                fields=["attribute", "institution"],
                condition=Q(superseded_at__isnull=True),
                name="segmentation_assessment_inst",
            ),
            models.UniqueConstraint(
                fields=["attribute", "professional"],
                condition=Q(superseded_at__isnull=True),
                name="segmentation_assessment_prof",
            ),
        )
        indexes = (
            models.Index(fields=["institution", "attribute"], name="segmentation_assess_inst"),
            models.Index(fields=["professional", "attribute"], name="segmentation_assess_prof"),
        )

    def __str__(self) -> str:
        return self.attribute


class TierSignal(ScopedModel):
    """An institution moved in a month: what, from where to where, how much money is at stake, what was made of it.

    Its figures are purchases, so that it is seen by those who may see the purchases of the institution.
    """

    class Kind(models.TextChoices):
        PURCHASES_FELL = "purchases_fell", _("Purchases fell")
        PURCHASES_ROSE = "purchases_rose", _("Purchases rose")
        COMPETITOR_ROSE = "competitor_rose", _("Competitors gained")
        SATISFACTION_FELL = "satisfaction_fell", _("Satisfaction fell")

    class State(models.TextChoices):
        OPEN = "open", _("To review")
        REVIEWED = "reviewed", _("Signal reviewed")
        DISMISSED = "dismissed", _("Dismissed")
        PROPOSED = "proposed", _("Tier change proposed")

    scope: ClassVar[Scope] = Scope(through="institution")
    entity: ClassVar[str] = "commerce.salesline"

    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), on_delete=models.PROTECT, related_name="tier_signals"
    )
    month = models.DateField(_("Month"))
    """Its first day."""
    kind = models.CharField(_("Signal"), max_length=20, choices=Kind.choices)
    before = models.DecimalField(_("Figure before"), max_digits=16, decimal_places=2)
    """Purchases: yuan a month on average of the three months before; otherwise points, 0 to 100."""
    after = models.DecimalField(_("Figure now"), max_digits=16, decimal_places=2)
    """Purchases: yuan in the month; otherwise points."""
    money = models.DecimalField(_("At stake"), max_digits=16, decimal_places=2)
    """Yuan a year."""
    scheme = models.CharField(_("Scheme"), max_length=60, blank=True)
    tier = models.CharField(_("Fast upgrade to"), max_length=60, blank=True)
    """The tier of a scheme to which the rise calls to lift the customer at once; blank when it does not."""
    policy_version = models.PositiveIntegerField(null=True)
    state = models.CharField(_("State"), max_length=10, choices=State.choices, default=State.OPEN)
    note = models.CharField(_("Note"), max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Decided by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(_("Decided at"), null=True)
    created_at = models.DateTimeField(_("Found at"))

    class Meta(ScopedModel.Meta):
        db_table = "segmentation_tiersignal"
        verbose_name = _("signal")
        verbose_name_plural = _("signals")
        constraints = (
            models.UniqueConstraint(fields=["institution", "month", "kind"], name="segmentation_tiersignal_once"),
        )
        indexes = (
            models.Index(fields=["state", "-money", "-id"], name="segmentation_tiersignal_rank"),
            models.Index(fields=["-money", "-id"], name="segmentation_tiersignal_money"),
        )

    def __str__(self) -> str:
        return f"{self.institution} · {self.get_kind_display()} · {self.month:%Y-%m}"


class TierMeeting(ScopedModel):
    """The meeting of a quarter that decides on the tier changes of a territory; closed, it is a frozen record."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("meeting", "Open")
        CLOSED = "closed", _("Closed")

    scope: ClassVar[Scope] = Scope(territory="territory_id")
    entity: ClassVar[str] = "segmentation.meeting"

    territory = models.ForeignKey(
        Territory, verbose_name=_("Territory"), on_delete=models.PROTECT, related_name="tier_meetings"
    )
    held_on = models.DateField(_("Held on"))
    quarter = models.CharField(_("Quarter"), max_length=7, editable=False)
    """2026-Q4, from the day."""
    state = models.CharField(_("State"), max_length=6, choices=State.choices, default=State.OPEN, editable=False)
    minutes = models.TextField(_("Minutes"), blank=True, max_length=20_000)
    record: Any = models.JSONField(null=True, editable=False)
    """What was decided, by whom and why, with the versions of the policies: written when the meeting closes."""
    digest = models.CharField(_("Seal"), max_length=64, blank=True, editable=False)
    """SHA-256 of the record, in hexadecimal."""
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(_("Closed at"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("Created at"), editable=False)
    updated_at = models.DateTimeField(_("Updated at"), editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "segmentation_tiermeeting"
        verbose_name = _("tier meeting")
        verbose_name_plural = _("tier meetings")
        constraints = (
            models.UniqueConstraint(
                fields=["territory", "quarter"],
                name="segmentation_tiermeeting_once",
                violation_error_message=_("This territory has its meeting of the quarter already."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.territory} · {self.quarter}"


class TierChange(ScopedModel):
    """Another tier for a customer, proposed from a run, a signal or a request: for the meeting, or at once by approval."""

    class Source(models.TextChoices):
        RUN = "run", _("Run")
        SIGNAL = "signal", _("Signal")
        REQUEST = "request", _("Request")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("tier", "Proposed")
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        OVERTAKEN = "overtaken", _("Overtaken by a run")

    scope: ClassVar[Scope] = Scope(through=("institution", "professional"))
    entity: ClassVar[str] = "segmentation.change"

    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), null=True, on_delete=models.PROTECT, related_name="tier_changes"
    )
    professional = models.ForeignKey(
        Professional, verbose_name=_("Professional"), null=True, on_delete=models.PROTECT, related_name="tier_changes"
    )
    scheme = models.CharField(_("Scheme"), max_length=60)
    tier_before = models.CharField(_("Tier now"), max_length=60)
    tier = models.CharField(_("Proposed tier"), max_length=60)
    source = models.CharField(pgettext_lazy("origin", "From"), max_length=10, choices=Source.choices)
    is_fast = models.BooleanField(_("At once"), default=False)
    """Decided by an approval at any time; otherwise the meeting of the quarter decides."""
    reason = models.CharField(_("Reason"), max_length=500)
    signal = models.ForeignKey(TierSignal, null=True, on_delete=models.PROTECT, related_name="changes")
    run = models.ForeignKey(Run, verbose_name=_("Run"), null=True, on_delete=models.PROTECT, related_name="+")
    meeting = models.ForeignKey(
        TierMeeting, verbose_name=_("Meeting"), null=True, on_delete=models.PROTECT, related_name="changes"
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Proposed by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField(_("Proposed at"))
    state = models.CharField(_("State"), max_length=10, choices=State.choices, default=State.OPEN)
    decision = models.CharField(_("Reason of the decision"), max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Decided by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(_("Decided at"), null=True)
    effective_on = models.DateField(_("In effect from"), null=True)
    held_until = models.DateField(_("Held until"), null=True)
    service: Any = models.JSONField(default=dict)
    """What the tier is served with, as decided: service level, owner, contacts and budget a year."""
    closed_at = models.DateTimeField(null=True)
    """When nothing about it could change any more."""

    class Meta(ScopedModel.Meta):
        db_table = "segmentation_tierchange"
        verbose_name = _("tier change")
        verbose_name_plural = _("tier changes")
        constraints = (
            models.CheckConstraint(
                condition=Q(institution__isnull=True) ^ Q(professional__isnull=True),
                name="segmentation_tierchange_one_subject",
            ),
            models.UniqueConstraint(
                fields=["scheme", "institution"],
                condition=Q(closed_at__isnull=True),
                name="segmentation_tierchange_inst",
            ),
            models.UniqueConstraint(
                fields=["scheme", "professional"],
                condition=Q(closed_at__isnull=True),
                name="segmentation_tierchange_prof",
            ),
        )
        indexes = (models.Index(fields=["state", "-id"], name="segmentation_tierchange_state"),)

    def __str__(self) -> str:
        return str(self.customer)

    @property
    def customer(self) -> Institution | Professional:
        found: Institution | Professional | None = self.institution or self.professional
        assert found is not None
        return found

    @property
    def subject(self) -> str:
        return Subject.INSTITUTION.value if self.institution_id is not None else Subject.PROFESSIONAL.value


class TypeProposal(ScopedModel):
    """A professional who probably is a customer of a type, by the band of a scorecard, and what was decided on it."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("tier", "Proposed")
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")

    scope: ClassVar[Scope] = Scope(through="professional")

    professional = models.ForeignKey(
        Professional, verbose_name=_("Professional"), on_delete=models.PROTECT, related_name="type_proposals"
    )
    customer_type = models.CharField(_("Customer type"), max_length=16, choices=CustomerType.choices)
    scheme = models.CharField(_("Scheme"), max_length=60)
    tier = models.CharField(_("Tier"), max_length=60)
    score = models.DecimalField(pgettext_lazy("scorecard", "Score"), max_digits=9, decimal_places=2)
    rank = models.PositiveIntegerField(_("Rank"))
    run = models.ForeignKey(Run, verbose_name=_("Run"), on_delete=models.PROTECT, related_name="+")
    reasons: Any = models.JSONField(default=list)
    """What counted: [component of the scorecard, points], the most first."""
    evidence = models.CharField(max_length=64)
    """A digest of the points that led here: what was rejected is not proposed again until it differs."""
    state = models.CharField(_("State"), max_length=10, choices=State.choices, default=State.OPEN)
    decision = models.CharField(_("Reason of the decision"), max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Decided by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(_("Decided at"), null=True)
    created_at = models.DateTimeField(_("Proposed at"))

    class Meta(ScopedModel.Meta):
        db_table = "segmentation_typeproposal"
        verbose_name = _("type proposal")
        verbose_name_plural = _("type proposals")
        constraints = (
            models.UniqueConstraint(
                fields=["professional", "customer_type"],
                condition=Q(state="open"),
                name="segmentation_typeproposal_open",
            ),
        )
        indexes = (
            models.Index(fields=["state", "rank", "id"], name="segmentation_typeproposal_rank"),
            models.Index(fields=["professional", "customer_type"], name="segmentation_typeproposal_who"),
        )

    def __str__(self) -> str:
        return f"{self.professional} · {self.get_customer_type_display()}"
