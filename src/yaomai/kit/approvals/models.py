"""Requests, their steps, the decisions on them, and who decides for whom."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Scope, ScopedModel
from yaomai.kit.approvals.scope import Involved, Mine
from yaomai.kit.phrases import rendered


class Request(ScopedModel):
    """What somebody wants others to approve: a frozen copy, and how far it has come."""

    class State(models.TextChoices):
        OPEN = "open", _("Waits for approval")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    scope: ClassVar[Scope] = Involved()

    kind = models.CharField(_("Kind"), max_length=100)
    target_type = models.CharField(max_length=80)
    target_id = models.CharField(max_length=64)
    territory_id = models.BigIntegerField(null=True)
    """Where it lies; null for what concerns the whole company."""
    url = models.CharField(max_length=500, blank=True)
    title: Any = models.JSONField(_("Title"))
    facts: Any = models.JSONField(_("What is to be approved"))
    """[{"label": phrase, "before": text, "value": text}]"""
    digest = models.CharField(max_length=64)
    """SHA-256 of everything above; each decision repeats it."""
    reason = models.TextField(_("Reason"))
    amount = models.DecimalField(_("Amount"), max_digits=16, decimal_places=2, null=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    requested_by_label = models.CharField(_("Requested by"), max_length=100)
    state = models.CharField(_("State"), max_length=10, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField(_("Requested"))
    closed_at = models.DateTimeField(_("Decided"), null=True)

    class Meta(ScopedModel.Meta):
        db_table = "approvals_request"
        verbose_name = _("Approval request")
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "target_type", "target_id"], condition=Q(state="open"), name="approvals_request_one"
            ),
        )
        indexes = (
            models.Index(fields=["requested_by", "-created_at"], name="approvals_request_mine"),
            models.Index(fields=["target_type", "target_id"], name="approvals_request_target"),
        )

    def __str__(self) -> str:
        return rendered(self.title)


class Step(models.Model):
    """One step of a request. Steps of one stage are open at the same time."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Not yet")
        OPEN = "open", _("Waits for a decision")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        CLOSED = "closed", _("No longer needed")

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()
    stage = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=40)
    people: Any = ArrayField(models.BigIntegerField(), default=list)
    """Named people, by id; with none it is whoever holds the role."""
    everybody = models.BooleanField(default=False)
    signature = models.BooleanField(default=False)
    days = models.PositiveSmallIntegerField()
    escalates_to = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    due_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "approvals_step"
        constraints = (models.UniqueConstraint(fields=["request", "number"], name="approvals_step_number"),)
        indexes = (
            models.Index(fields=["role"], condition=Q(state="open"), name="approvals_step_role"),
            models.Index(fields=["due_at"], condition=Q(state="open"), name="approvals_step_due"),
        )

    def __str__(self) -> str:
        return f"{self.number}. {self.role}"


class Decision(models.Model):
    """What one person said on a request. Written once, never changed."""

    class Verdict(models.TextChoices):
        APPROVE = "approve", _("Approved")
        REJECT = "reject", _("Rejected")
        REMARK = "remark", _("Remark")

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="decisions")
    step = models.ForeignKey(Step, null=True, on_delete=models.PROTECT, related_name="decisions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    requester = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    """Repeated here, so that the database itself holds the four eyes."""
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    comment = models.TextField(blank=True)
    meaning: Any = models.JSONField(default=dict)
    signed_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        db_table = "approvals_decision"
        constraints = (
            models.UniqueConstraint(
                fields=["request", "person"], condition=~Q(verdict="remark"), name="approvals_decision_once"
            ),
            models.CheckConstraint(
                condition=Q(verdict="remark") | Q(requester__isnull=True)
                | (~Q(person=F("requester")) & (Q(on_behalf_of__isnull=True) | ~Q(on_behalf_of=F("requester")))),
                name="approvals_decision_four_eyes",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {self.comment}"


class Delegation(ScopedModel):
    """Somebody decides for another from–to."""

    scope: ClassVar[Scope] = Mine()

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Deputy"), on_delete=models.PROTECT, related_name="+"
    )
    valid_from = models.DateField(_("Valid from"))
    valid_to = models.DateField(_("Valid to"))
    """The last day."""
    reason = models.CharField(_("Reason"), max_length=200)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        db_table = "approvals_delegation"
        verbose_name = _("Delegation")
        constraints = (
            models.CheckConstraint(condition=Q(valid_to__gte=F("valid_from")), name="approvals_delegation_days"),
            models.CheckConstraint(condition=~Q(person=F("deputy")), name="approvals_delegation_other"),
        )
        indexes = (models.Index(fields=["deputy"], condition=Q(ended_at__isnull=True), name="approvals_deputy"),)

    def __str__(self) -> str:
        return f"{self.person} → {self.deputy}"
