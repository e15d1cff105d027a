"""When something happens: the crisis with its clock, its chain of evidence, and what is told to the authorities."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.integrity.words import CRISES
from yaomai.kit.access import Scope, ScopedModel
from yaomai.kit.attachments.models import Attachment


class Crisis(ScopedModel):
    """An event, or the drill of one: its plan is that of the policy when it was opened."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("crisis", "Going on")
        CLOSED = "closed", pgettext_lazy("crisis", "Over")

    scope: ClassVar[Scope] = Scope(company=True)

    kind = models.CharField(_("Kind of event"), max_length=12, choices=list(CRISES.items()))
    title = models.CharField(_("What happened"), max_length=200)
    description = models.TextField(_("What is known"), blank=True)
    is_drill = models.BooleanField(_("Drill"), default=False)
    opened_at = models.DateTimeField(_("Opened at"), editable=False)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Opened by"), null=True, blank=True, editable=False,
        on_delete=models.PROTECT, related_name="+",
    )  # fmt: skip
    state = models.CharField(_("State"), max_length=6, choices=State.choices, default=State.OPEN, editable=False)
    closed_at = models.DateTimeField(_("Over since"), null=True, blank=True, editable=False)
    review = models.TextField(_("What is mended"), blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "integrity_crisis"
        verbose_name = pgettext_lazy("integrity", "crisis")
        verbose_name_plural = pgettext_lazy("integrity", "crises")
        indexes = (models.Index(fields=["-opened_at"], name="integrity_crisis_opened"),)

    def __str__(self) -> str:
        return self.title


class CrisisTask(ScopedModel):
    """A step of the plan, with the role that answers for it and until when."""

    scope: ClassVar[Scope] = Scope(through="crisis")
    entity: ClassVar[str] = "integrity.crisis"

    crisis = models.ForeignKey(Crisis, on_delete=models.CASCADE, related_name="tasks")
    number = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=40)
    text = models.CharField(max_length=300)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField(max_length=500, blank=True)

    class Meta(ScopedModel.Meta):
        db_table = "integrity_crisistask"
        constraints = (models.UniqueConstraint(fields=["crisis", "number"], name="integrity_crisistask_number"),)

    def __str__(self) -> str:
        return self.text


class CrisisRecord(ScopedModel):
    """A link of the chain of evidence: what was known, said or published, when, and by whom it was written down."""

    class Kind(models.TextChoices):
        FACT = "fact", pgettext_lazy("evidence", "Fact")
        DECISION = "decision", pgettext_lazy("evidence", "Decision")
        STATEMENT = "statement", _("Statement given")
        OPINION = "opinion", _("Public opinion")
        FILE = "file", pgettext_lazy("evidence", "File")

    scope: ClassVar[Scope] = Scope(through="crisis")
    entity: ClassVar[str] = "integrity.crisis"

    crisis = models.ForeignKey(Crisis, on_delete=models.CASCADE, related_name="records")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=9, choices=Kind.choices)
    text = models.TextField()
    source = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    writer = models.CharField(max_length=120)
    file = models.ForeignKey(Attachment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    """SHA-256 over this record and the digest of the one before."""

    class Meta(ScopedModel.Meta):
        db_table = "integrity_crisisrecord"
        constraints = (models.UniqueConstraint(fields=["crisis", "number"], name="integrity_crisisrecord_number"),)

    def __str__(self) -> str:
        return f"{self.crisis} · {self.number}"


class Disclosure(ScopedModel):
    """What the company itself tells an authority, and how it mends it (K14)."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("disclosure", "Draft")
        ASKED = "asked", pgettext_lazy("disclosure", "Waits for approval")
        APPROVED = "approved", pgettext_lazy("disclosure", "Approved")
        HANDED_IN = "handed_in", _("Handed in, being mended")
        MENDED = "mended", _("Mended")

    scope: ClassVar[Scope] = Scope(company=True)

    title = models.CharField(_("What is disclosed"), max_length=200)
    authority = models.CharField(_("Authority"), max_length=200)
    found_on = models.DateField(_("Found on"))
    facts = models.TextField(_("Facts"))
    measures = models.TextField(_("How it is mended"))
    state = models.CharField(_("State"), max_length=9, choices=State.choices, default=State.DRAFT, editable=False)
    reference = models.CharField(_("Receipt of the authority"), max_length=120, blank=True, editable=False)
    handed_in_on = models.DateField(_("Handed in on"), null=True, blank=True, editable=False)
    mended_on = models.DateField(_("Mended on"), null=True, blank=True, editable=False)
    result = models.TextField(_("Proof of the mending"), blank=True, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Written by"), null=True, blank=True, editable=False,
        on_delete=models.PROTECT, related_name="+",
    )  # fmt: skip
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "integrity_disclosure"
        verbose_name = pgettext_lazy("integrity", "disclosure")
        verbose_name_plural = pgettext_lazy("integrity", "disclosures")

    def __str__(self) -> str:
        return self.title
