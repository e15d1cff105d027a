"""The rules, and what they said of every act that was done."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Scope, ScopedModel


class Pack(models.TextChoices):
    """Rules that are switched on together. The law is always on."""

    LAW = "law", pgettext_lazy("compliance", "Law")
    DOCUMENTS = "documents", _("Documents")
    STRICT = "strict", _("Strict")
    DRAFT_2024 = "draft_2024", _("Draft 2024")


class Level(models.TextChoices):
    """How grave it is, on the scale of the SAMR guidance (SA2)."""

    FORBID = "forbid", _("Forbidden")
    AVOID = "avoid", _("To be avoided")
    WATCH = "watch", _("To be watched")


class Outcome(models.TextChoices):
    """What the gate answers."""

    ALLOW = "allow", _("Allowed")
    NEEDS_APPROVAL = "needs_approval", _("Needs approval")
    REFUSE = "refuse", pgettext_lazy("compliance", "Refused")


class Rule(ScopedModel):
    """One dated version of a rule. Of several approved ones with the same code, the latest that has begun holds."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        APPROVED = "approved", _("Approved")
        RETURNED = "returned", _("Returned")

    class Confidence(models.TextChoices):
        HIGH = "H", _("Read in the source")
        MEDIUM = "M", _("Source found, wording not read")
        LOW = "L", _("No source yet: verify before relying on it")

    scope: ClassVar[Scope] = Scope(company=True)

    code = models.CharField(_("Rule"), max_length=24)
    number = models.PositiveIntegerField(_("Version"), default=1)
    pack = models.CharField(_("Pack"), max_length=10, choices=Pack.choices)
    kinds: Any = ArrayField(models.CharField(max_length=40), verbose_name=_("Acts"))
    text_zh = models.TextField(_("Text in Chinese"))
    text_en = models.TextField(_("Text in English"), blank=True)
    mend_zh = models.CharField(_("How to do it lawfully, in Chinese"), max_length=300, blank=True)
    mend_en = models.CharField(_("How to do it lawfully, in English"), max_length=300, blank=True)
    source = models.CharField(_("Source"), max_length=200)
    article = models.CharField(_("Article"), max_length=100, blank=True)
    reference = models.CharField(_("Requirement"), max_length=60, blank=True)
    """Ids of the requirements it fulfils, such as "MR2 X9"."""
    level = models.CharField(pgettext_lazy("compliance", "Level"), max_length=6, choices=Level.choices)
    confidence = models.CharField(_("Confidence"), max_length=1, choices=Confidence.choices)
    clauses: Any = models.JSONField(_("Condition"))
    """[{"fact", "operator", and one of "value", "figure" ("policy:field") or "other" (a fact)}]; all must hold."""
    regions: Any = ArrayField(models.CharField(max_length=32), default=list, blank=True, verbose_name=_("Territories"))
    products: Any = ArrayField(models.CharField(max_length=64), default=list, blank=True, verbose_name=_("Products"))
    roles: Any = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("Roles"))
    valid_from = models.DateField(_("In force from"))
    valid_to = models.DateField(_("In force until"), null=True, blank=True)
    """The first day on which it no longer holds."""
    status = models.CharField(_("Status"), max_length=8, choices=Status.choices, default=Status.PROPOSED)
    reason = models.CharField(_("Reason"), max_length=300, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("Proposed by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("Decided by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField(_("Proposed at"))
    decided_at = models.DateTimeField(_("Decided at"), null=True, blank=True)

    class Meta(ScopedModel.Meta):
        db_table = "compliance_rule"
        verbose_name = pgettext_lazy("compliance", "rule")
        verbose_name_plural = pgettext_lazy("compliance", "rules")
        constraints = (
            models.UniqueConstraint(fields=["code", "number"], name="compliance_rule_number"),
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(status="proposed"),
                name="compliance_rule_one_proposal",
                violation_error_message=_("A change of this rule waits for a decision already."),
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="compliance_rule_period"
            ),
            models.CheckConstraint(
                condition=Q(approver__isnull=True) | ~Q(approver=F("author")), name="compliance_rule_four_eyes"
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} v{self.number}"

    @property
    def text(self) -> str:
        """The rule in the reader's language."""
        return (self.text_en if (get_language() or "").startswith("en") else "") or self.text_zh

    @property
    def mend(self) -> str:
        """What would make the act lawful, in the reader's language."""
        return (self.mend_en if (get_language() or "").startswith("en") else "") or self.mend_zh

    @property
    def citation(self) -> str:
        """Source, article and code, as every refusal cites them."""
        where = f"{self.source}{self.article}" if self.article else self.source
        return f"{where}（{self.code}）"


class Check(ScopedModel):
    """The gate's verdict on one act that was done, with the facts it saw; replays read these."""

    scope: ClassVar[Scope] = Scope(territory="territory_id", person="person_id")

    kind = models.CharField(_("Act"), max_length=40)
    on = models.DateField(_("On"))
    facts: Any = models.JSONField(_("Facts"))
    outcome = models.CharField(_("Verdict"), max_length=14, choices=Outcome.choices)
    rules: Any = ArrayField(models.CharField(max_length=40), default=list, verbose_name=_("Rules"))
    """Rules that struck, "code v number", the gravest first."""
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=pgettext_lazy("organization", "Person"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    territory = models.ForeignKey(
        "organization.Territory", verbose_name=_("Territory"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    target_type = models.CharField(max_length=80, blank=True)
    target_id = models.CharField(max_length=64, blank=True)
    target_label = models.CharField(_("What"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("Checked at"))

    class Meta(ScopedModel.Meta):
        db_table = "compliance_check"
        verbose_name = _("check")
        verbose_name_plural = _("checks")
        indexes = (
            models.Index(fields=["kind", "on"], name="compliance_check_kind"),
            models.Index(fields=["-on", "-id"], name="compliance_check_on"),
            models.Index(fields=["target_type", "target_id"], name="compliance_check_target"),
            models.Index(fields=["person", "on"], name="compliance_check_person"),
        )

    def __str__(self) -> str:
        return self.target_label or f"{self.kind} {self.on}"
