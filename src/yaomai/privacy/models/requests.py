"""What data subjects ask for, with its clock; and retention runs."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.customers.models import Professional
from yaomai.kit.access import Scope, ScopedModel
from yaomai.kit.vault import EncryptedTextField


class SubjectRequest(ScopedModel):
    """A person asks what is kept of them, for a copy, a correction, erasure … (PIPL 44-50; PI7)."""

    class Kind(models.TextChoices):
        ACCESS = "access", _("See what is kept")
        COPY = "copy", _("A copy")
        CORRECT = "correct", _("Correct or complete")
        DELETE = "delete", _("Delete")
        RESTRICT = "restrict", _("Restrict")
        WITHDRAW = "withdraw", _("Withdraw consent")
        EXPLAIN = "explain", pgettext_lazy("privacy", "Explain")

    class Channel(models.TextChoices):
        LETTER = "letter", _("Letter")
        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Telephone")
        PERSON = "person", _("In person")
        COLLEAGUE = "colleague", _("Through a colleague")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("privacy", "Open")
        DONE = "done", pgettext_lazy("privacy", "Fulfilled")
        RESTRICTED = "restricted", _("Restricted, a law wants it kept")
        REFUSED = "refused", pgettext_lazy("privacy", "Refused")

    scope: ClassVar[Scope] = Scope(company=True)
    entity: ClassVar[str] = "privacy.request"

    professional = models.ForeignKey(
        Professional, verbose_name=_("Professional"), on_delete=models.PROTECT, related_name="subject_requests"
    )
    kind = models.CharField(_("Asks for"), max_length=8, choices=Kind.choices)
    received_on = models.DateField(_("Received on"))
    channel = models.CharField(_("Came by"), max_length=9, choices=Channel.choices)
    identity = models.CharField(
        _("How the identity was checked"), max_length=200,
        help_text=_("Such as a call back to the number on file. Do not copy identity cards."),
    )  # fmt: skip
    words = EncryptedTextField(_("In the person's words"), blank=True)
    due_on = models.DateField(_("To be answered by"), editable=False)
    latest_on = models.DateField(_("At the latest on"), editable=False)
    state = models.CharField(_("State"), max_length=10, choices=State.choices, default=State.OPEN, editable=False)
    answer = EncryptedTextField(pgettext_lazy("privacy", "Answer"), blank=True, editable=False)
    holds: Any = models.JSONField(default=list, editable=False)
    """[[reason, until, citation]]: what wanted the person kept."""
    done: Any = models.JSONField(default=dict, editable=False)
    """What was erased: name of the rows -> how many."""
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Taken by"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Answered by"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    closed_at = models.DateTimeField(_("Answered at"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "privacy_subjectrequest"
        verbose_name = _("request of a data subject")
        verbose_name_plural = _("requests of data subjects")
        constraints = (
            models.CheckConstraint(condition=Q(due_on__gte=F("received_on")), name="privacy_subjectrequest_due"),
        )
        indexes = (models.Index(fields=["state", "due_on"], name="privacy_subjectrequest_open"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.professional}"


class RetentionRun(ScopedModel):
    """What was deleted because its time was over: how many of what, previewed and then proved gone."""

    scope: ClassVar[Scope] = Scope(company=True)
    entity: ClassVar[str] = "privacy.retention"

    on = models.DateField(_("On"))
    counts: Any = models.JSONField(default=dict)
    """Kind -> [found, deleted, left]."""
    reason = models.CharField(_("Reason"), max_length=200)
    run_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Run by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    run_at = models.DateTimeField(_("Run at"))

    class Meta(ScopedModel.Meta):
        db_table = "privacy_retentionrun"
        verbose_name = _("retention run")
        verbose_name_plural = _("retention runs")

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.on.isoformat()}"
