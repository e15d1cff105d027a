"""What customers ask us to put right: order queries, returns, questions, complaints, each with a clock (C6)."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django import forms
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.catalog.models import Product
from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Actor, Scope, ScopedModel
from yaomai.organization.models import Territory

ORDERS: Final = "support.order:view"
"""Who may see what customers say of orders, returns and prices: nobody with an active filing (X2)."""


def kind_choices() -> list[tuple[str, Promise | str]]:
    """Return the kinds of the policy in force."""
    from yaomai.support.selectors import kind_words

    return list(kind_words().items())


class KindField(models.CharField):  # type: ignore[type-arg]
    """The code of a kind: its words stand in the policy, and old rows keep a code that is gone from there."""

    def formfield(self, **kwargs: Any) -> Any:
        """Offer the kinds of the policy in force."""
        return forms.ChoiceField(choices=kind_choices, label=self.verbose_name, help_text=self.help_text)


@dataclass(frozen=True, slots=True)
class Served(Scope):
    """Who took a request sees it too; what is about orders is seen by those who may see orders, and by who took it."""

    def filter(self, model: type[ScopedModel], actor: Actor, right: str) -> Q | None:
        found = super(Served, self).filter(model, actor, right)
        if not actor.may(right):
            return found
        is_own = actor.person_id is not None and right.endswith((":view", ":create"))
        taken = Q(taken_by=actor.person_id) if is_own else Q(pk__in=[])
        if found is not None:
            found |= taken
        if actor.may(ORDERS):
            return found
        behind = Q(is_order=False) | taken
        return behind if found is None else found & behind


class ServiceRequest(ScopedModel):
    """Something that a customer asks us to put right, from being taken until the customer confirms it."""

    class Channel(models.TextChoices):
        HOTLINE = "hotline", _("Hotline")
        WECHAT = "wechat", _("WeChat")
        VISIT = "visit", _("During a visit")
        EMAIL = "email", _("E-mail")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("service request", "Not begun")
        WORKING = "working", _("In work")
        WAITING = "waiting", _("Waiting for the customer")
        RESOLVED = "resolved", _("Resolved")
        CONFIRMED = "confirmed", _("Confirmed by the customer")

    UNRESOLVED: ClassVar = (State.OPEN, State.WORKING, State.WAITING)

    scope: ClassVar[Scope] = Served(territory="territory_id", person="owner_id")
    entity: ClassVar[str] = "support.request"

    kind = KindField(_("Kind"), max_length=32)
    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), on_delete=models.PROTECT, related_name="service_requests"
    )
    territory = models.ForeignKey(
        Territory, null=True, editable=False, on_delete=models.PROTECT, related_name="+", verbose_name=_("Territory")
    )
    professional = models.ForeignKey(
        Professional, verbose_name=_("Who asks"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="service_requests",
    )  # fmt: skip
    product = models.ForeignKey(
        Product, verbose_name=_("Product"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    channel = models.CharField(_("Came by"), max_length=7, choices=Channel.choices, default=Channel.HOTLINE)
    words = models.TextField(
        _("What the customer says"), max_length=2000,
        help_text=_("In their words: which order, what happened, what they want. No names of patients."),
    )  # fmt: skip
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Responsible"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+", help_text=_("Left empty: who serves the territory of this customer."),
    )  # fmt: skip
    state = models.CharField(_("State"), max_length=9, choices=State.choices, default=State.OPEN, editable=False)
    is_order = models.BooleanField(_("About an order"), default=False, editable=False)
    first_tier = models.CharField(_("Served first as"), max_length=120, blank=True, editable=False)
    """The tier, such as `commercial_abc/b`, for which a problem with an order comes first (C12)."""
    hours = models.PositiveSmallIntegerField(_("Hours to resolve it"), editable=False)
    taken_at = models.DateTimeField(_("Taken at"), editable=False)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Taken by"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    due_at = models.DateTimeField(_("To be resolved by"), editable=False)
    waiting_since = models.DateTimeField(null=True, editable=False)
    waits_for = models.CharField(_("Waits for"), max_length=300, blank=True, editable=False)
    steps_done = models.PositiveSmallIntegerField(default=0, editable=False)
    """How many steps of escalation were taken; each once."""
    next_step_at = models.DateTimeField(null=True, editable=False)
    resolution = models.TextField(_("How it was put right"), max_length=2000, blank=True, editable=False)
    resolved_at = models.DateTimeField(_("Resolved at"), null=True, editable=False)
    confirmed_at = models.DateTimeField(_("Confirmed at"), null=True, editable=False)
    reopened = models.PositiveSmallIntegerField(_("Times reopened"), default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "support_servicerequest"
        verbose_name = _("service request")
        verbose_name_plural = _("service requests")
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=("resolved", "confirmed"), resolved_at__gte=F("taken_at"))
                | Q(state__in=("open", "working", "waiting"), resolved_at=None),
                name="support_servicerequest_resolved",
            ),
        )
        indexes = (
            models.Index(fields=["institution", "-taken_at"], name="support_request_institution"),
            models.Index(fields=["professional"], name="support_request_professional"),
            models.Index(fields=["territory", "-taken_at"], name="support_request_territory"),
            models.Index(fields=["due_at", "id"], name="support_request_due"),
            models.Index(fields=["owner", "state", "due_at"], name="support_request_owner"),
            models.Index(fields=["next_step_at"], condition=Q(next_step_at__isnull=False), name="support_request_step"),
        )

    def __str__(self) -> str:
        return f"{self.institution} #{self.pk}"

    @property
    def is_unresolved(self) -> bool:
        return self.state in self.UNRESOLVED
