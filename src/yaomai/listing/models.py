"""How a product gets into a hospital, and who decides: committees, the people along the path, and the way of each product."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.catalog.models import Product
from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Scope, ScopedModel, Versioned

COMMITTEE = "药事管理与药物治疗学委员会"


class Stage(models.TextChoices):
    """The path of a product into a hospital, in its order (A5)."""

    APPLICATION = "application", _("Application")
    DEPARTMENT = "department", _("Clinical department")
    PHARMACY = "pharmacy", pgettext_lazy("listing", "Pharmacy")
    COMMITTEE = "committee", _("Drug committee")
    PURCHASING = "purchasing", _("Purchasing office")
    INSURANCE = "insurance", _("Insurance office")


class Voice(models.TextChoices):
    """How much somebody's word counts."""

    DECISIVE = "decisive", _("Decisive")
    STRONG = "strong", _("Strong")
    ORDINARY = "ordinary", _("Ordinary")


class Committee(Versioned):
    """A hospital's committee that admits drugs."""

    class Rhythm(models.TextChoices):
        MONTHLY = "monthly", _("Monthly")
        QUARTERLY = "quarterly", _("Quarterly")
        HALF_YEARLY = "half_yearly", _("Half-yearly")
        YEARLY = "yearly", _("Yearly")
        IRREGULAR = "irregular", _("Irregularly")

    scope: ClassVar[Scope] = Scope(through="institution")

    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), on_delete=models.PROTECT, related_name="committees"
    )
    name = models.CharField(_("Name of the committee"), max_length=100, default=COMMITTEE)
    rhythm = models.CharField(_("Meets"), max_length=11, choices=Rhythm.choices, default=Rhythm.IRREGULAR)
    next_meeting_on = models.DateField(_("Next meeting"), null=True, blank=True)
    source = models.CharField(
        _("Source"), max_length=200, help_text=_("A notice, a conversation, the hospital's site.")
    )

    class Meta(Versioned.Meta):
        db_table = "listing_committee"
        verbose_name = _("drug committee")
        verbose_name_plural = _("drug committees")
        constraints = (
            models.UniqueConstraint(
                fields=["institution", "name"],
                condition=Q(archived_at__isnull=True),
                name="listing_committee_once",
                violation_error_message=_("The institution has this committee already."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.institution} · {self.name}"


class Term(ScopedModel):
    """Somebody holds something from–to, half-open."""

    professional = models.ForeignKey(
        Professional, verbose_name=_("Professional"), on_delete=models.PROTECT, related_name="+"
    )
    voice = models.CharField(_("Voice"), max_length=8, choices=Voice.choices, default=Voice.ORDINARY)
    valid_from = models.DateField(_("Valid from"))
    valid_to = models.DateField(_("Valid to"), null=True, blank=True)
    source = models.CharField(_("Source"), max_length=200)

    class Meta(ScopedModel.Meta):
        abstract = True

    def __str__(self) -> str:
        return str(self.professional)


class Seat(Term):
    """A professional sits on a committee."""

    class Role(models.TextChoices):
        CHAIR = "chair", _("Chair")
        VICE_CHAIR = "vice_chair", _("Vice chair")
        SECRETARY = "secretary", _("Secretary")
        MEMBER = "member", _("Member")

    scope: ClassVar[Scope] = Scope(through="committee")
    entity: ClassVar[str] = "listing.committee"

    committee = models.ForeignKey(Committee, on_delete=models.CASCADE, related_name="seats")
    role = models.CharField(_("Role"), max_length=10, choices=Role.choices, default=Role.MEMBER)

    class Meta(Term.Meta):
        db_table = "listing_seat"
        verbose_name = pgettext_lazy("record", "seat")
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="listing_seat_period"
            ),
        )
        indexes = (models.Index(fields=["professional"], name="listing_seat_person"),)


class StageHolder(Term):
    """A professional answers for a stage of the path at an institution."""

    scope: ClassVar[Scope] = Scope(through="institution")
    entity: ClassVar[str] = "listing.committee"

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="stage_holders")
    stage = models.CharField(_("Stage"), max_length=11, choices=Stage.choices)

    class Meta(Term.Meta):
        db_table = "listing_stageholder"
        verbose_name = pgettext_lazy("record", "stage holder")
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="listing_holder_period"
            ),
        )
        indexes = (models.Index(fields=["professional"], name="listing_holder_person"),)


class Process(Versioned):
    """The way of one product into one institution; open until it has an outcome."""

    class Outcome(models.TextChoices):
        LISTED = "listed", _("Listed")
        TEMPORARY = "temporary", _("Temporary purchase")
        REFUSED = "refused", pgettext_lazy("listing", "Refused")
        WITHDRAWN = "withdrawn", pgettext_lazy("listing", "Withdrawn")

    scope: ClassVar[Scope] = Scope(through="institution")

    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), on_delete=models.PROTECT, related_name="listing_processes"
    )
    product = models.ForeignKey(Product, verbose_name=_("Product"), on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(
        _("Stage"), max_length=11, choices=Stage.choices, default=Stage.APPLICATION, editable=False
    )
    stage_since = models.DateField(_("In this stage since"), editable=False)
    opened_on = models.DateField(_("Opened on"))
    outcome = models.CharField(_("Outcome"), max_length=9, choices=Outcome.choices, blank=True, editable=False)
    closed_on = models.DateField(_("Closed on"), null=True, editable=False)
    blocker = models.CharField(_("Blocker"), max_length=300, blank=True)
    next_step = models.CharField(_("Next step"), max_length=300, blank=True)
    next_step_on = models.DateField(_("Next step by"), null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("Responsible"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta(Versioned.Meta):
        db_table = "listing_process"
        verbose_name = _("listing process")
        verbose_name_plural = _("listing processes")
        constraints = (
            models.UniqueConstraint(
                fields=["institution", "product"],
                condition=Q(outcome="", archived_at__isnull=True),
                name="listing_process_once",
                violation_error_message=_("This product is on its way into this institution already."),
            ),
        )
        indexes = (
            models.Index(fields=["stage", "stage_since"], condition=Q(outcome=""), name="listing_process_open"),
            models.Index(fields=["product", "stage"], name="listing_process_product"),
        )

    def __str__(self) -> str:
        return f"{self.product} → {self.institution}"


class StagePeriod(ScopedModel):
    """A process was in a stage from–to, and how it left; what forecasts learn from."""

    class Result(models.TextChoices):
        PASSED = "passed", _("Passed")
        RETURNED = "returned", pgettext_lazy("listing", "Returned")
        ENDED = "ended", _("Ended here")

    scope: ClassVar[Scope] = Scope(through="process")
    entity: ClassVar[str] = "listing.process"

    process = models.ForeignKey(Process, on_delete=models.CASCADE, related_name="periods")
    stage = models.CharField(max_length=11, choices=Stage.choices)
    entered_on = models.DateField()
    left_on = models.DateField(null=True)
    result = models.CharField(max_length=8, choices=Result.choices, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta(ScopedModel.Meta):
        db_table = "listing_stageperiod"
        verbose_name = pgettext_lazy("record", "time in a stage")
        constraints = (
            models.UniqueConstraint(
                fields=["process"], condition=Q(left_on__isnull=True), name="listing_stageperiod_open"
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("entered_on")), name="listing_stageperiod_order"
            ),
        )
        indexes = (models.Index(fields=["stage", "left_on"], name="listing_stageperiod_spells"),)

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.entered_on}"


class Stance(ScopedModel):
    """Where somebody stands on a product at a hospital, as said in conversation; a newer one supersedes it."""

    class Value(models.TextChoices):
        SUPPORTS = "supports", _("Supports")
        NEUTRAL = "neutral", _("Neutral")
        DOUBTS = "doubts", _("Has doubts")
        OPPOSES = "opposes", _("Opposes")

    scope: ClassVar[Scope] = Scope(through="process")
    entity: ClassVar[str] = "listing.process"

    process = models.ForeignKey(Process, on_delete=models.CASCADE, related_name="stances")
    professional = models.ForeignKey(Professional, on_delete=models.PROTECT, related_name="+")
    value = models.CharField(_("Stance"), max_length=8, choices=Value.choices)
    voice = models.CharField(_("Voice on this product"), max_length=8, choices=Voice.choices, default=Voice.ORDINARY)
    reason = models.CharField(_("Reason"), max_length=300, blank=True)
    source = models.CharField(_("Source"), max_length=200)
    recorded_on = models.DateField(_("Recorded on"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    superseded_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        db_table = "listing_stance"
        verbose_name = pgettext_lazy("record", "stance")
        constraints = (
            models.UniqueConstraint(
                fields=["process", "professional"],
                condition=Q(superseded_at__isnull=True),
                name="listing_stance_now",
            ),
        )
        indexes = (models.Index(fields=["professional"], name="listing_stance_person"),)

    def __str__(self) -> str:
        return f"{self.professional}: {self.get_value_display()}"
