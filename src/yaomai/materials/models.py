"""Promotional and medical content: what it is, its versions, the claims of each, and where it was used."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.catalog.models import Indication, Product
from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Actor, Scope, ScopedModel, Versioned
from yaomai.organization.models import Territory


class Material(Versioned):
    """One piece of content, such as a detail aid, a slide deck or a medical letter; its versions say what it contains."""

    class Kind(models.TextChoices):
        PROMOTIONAL = "promotional", _("Promotional")
        MEDICAL = "medical", _("Medical information")
        MEETING = "meeting", _("Slides for meetings")
        EDUCATION = "education", _("Patient education")

    scope: ClassVar[Scope] = Scope(company=True)

    code = models.CharField(pgettext_lazy("materials", "Number"), max_length=32, unique=True)
    title = models.CharField(_("Title"), max_length=200)
    kind = models.CharField(_("Kind"), max_length=11, choices=Kind.choices, default=Kind.PROMOTIONAL)
    products: Any = models.ManyToManyField(Product, verbose_name=_("Products"), related_name="materials", blank=True)
    note = models.TextField(_("Note"), blank=True)

    class Meta(Versioned.Meta):
        db_table = "materials_material"
        verbose_name = pgettext_lazy("materials", "material")
        verbose_name_plural = pgettext_lazy("materials", "materials")

    def __str__(self) -> str:
        return f"{self.title}（{self.code}）"


@dataclass(frozen=True, slots=True)
class WhileUsable(Scope):
    """Whoever makes or reviews material sees every version; everybody else those that may be used today, no others."""

    def filter(self, model: type[ScopedModel], actor: Actor, right: str) -> Q | None:
        if not actor.may(right):
            return Q(pk__in=[])
        if any(actor.may(Material.right(verb)) for verb in ("edit", "approve", "withdraw")):
            return None
        return Q(state="approved", valid_until__gte=timezone.localdate())


class MaterialVersion(ScopedModel):
    """One version of a material: what is approved is this, word for word and file by file."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("materials", "Draft")
        WAITING = "waiting", _("Waits for pre-approval")
        APPROVED = "approved", pgettext_lazy("materials", "Approved")
        RETURNED = "returned", _("Returned")
        REPLACED = "replaced", _("Replaced by a later version")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    scope: ClassVar[Scope] = WhileUsable()
    entity: ClassVar[str] = "materials.material"

    material = models.ForeignKey(
        Material, verbose_name=pgettext_lazy("materials", "material"), on_delete=models.PROTECT, related_name="versions"
    )
    title = models.CharField(_("Title"), max_length=200, editable=False)
    """Of the material, as it was called when this version was written."""
    number = models.PositiveIntegerField(_("Version"))
    content = models.TextField(_("What it says"), help_text=_("The text, or a summary of the attached file."))
    limitations = models.TextField(
        _("Limitations of the studies"), blank=True,
        help_text=_("Population, size, design, funding: what the results do not show (D17)."),
    )  # fmt: skip
    adverse_reactions = models.TextField(_("Known adverse reactions"), blank=True)
    sponsorship = models.CharField(
        _("Statement of sponsorship"), max_length=200, blank=True, help_text=_("As printed: who paid for it.")
    )
    valid_until = models.DateField(_("Usable until"), help_text=_("The last day."))
    state = models.CharField(_("State"), max_length=9, choices=State.choices, default=State.DRAFT, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Author"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    digest = models.CharField(max_length=64, blank=True, editable=False)
    """SHA-256 of texts, claims and files as they were submitted."""
    decided_at = models.DateTimeField(_("Decided at"), null=True, editable=False)
    ended_at = models.DateTimeField(_("Withdrawn at"), null=True, editable=False)
    reason = models.CharField(_("Reason"), max_length=300, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("Created at"), editable=False)
    updated_at = models.DateTimeField(_("Updated at"), editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "materials_version"
        verbose_name = _("version of a material")
        verbose_name_plural = _("versions of materials")
        constraints = (
            models.UniqueConstraint(fields=["material", "number"], name="materials_version_number"),
            models.UniqueConstraint(
                fields=["material"], condition=Q(state__in=["draft", "waiting", "returned"]),
                name="materials_version_one_open",
                violation_error_message=_("Another version of this material is being worked on already."),
            ),
            models.UniqueConstraint(
                fields=["material"], condition=Q(state="approved"), name="materials_version_one_approved"
            ),
        )  # fmt: skip
        indexes = (models.Index(fields=["state", "valid_until"], name="materials_version_usable"),)

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"

    @property
    def is_open(self) -> bool:
        """Whether its author may still change it."""
        return self.state in (self.State.DRAFT, self.State.RETURNED)


class Claim(models.Model):
    """A statement about a product, bound to what was studied: in which disease, in whom, by which source."""

    of = models.ForeignKey(MaterialVersion, on_delete=models.CASCADE, related_name="claims")
    text = models.CharField(pgettext_lazy("materials", "Claim"), max_length=300)
    indication = models.ForeignKey(
        Indication, verbose_name=_("Indication"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    population = models.CharField(_("Studied population"), max_length=200)
    source = models.CharField(_("Source"), max_length=300, help_text=_("Study or label, so that it can be looked up."))

    class Meta:
        db_table = "materials_claim"
        verbose_name = _("claim")

    def __str__(self) -> str:
        return self.text


class Use(ScopedModel):
    """A version that somebody showed or sent to a customer on a day; the gate's verdict is kept with it."""

    class Occasion(models.TextChoices):
        VISIT = "visit", pgettext_lazy("materials", "Visit")
        MEETING = "meeting", pgettext_lazy("materials", "Meeting")
        MESSAGE = "message", pgettext_lazy("materials", "Message")

    scope: ClassVar[Scope] = Scope(territory="territory_id", person="person_id")

    used = models.ForeignKey(
        MaterialVersion, verbose_name=_("version of a material"), on_delete=models.PROTECT, related_name="uses"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("Shown by"), null=True, editable=False, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    institution = models.ForeignKey(
        Institution, verbose_name=_("Institution"), on_delete=models.PROTECT, related_name="material_uses"
    )
    professional = models.ForeignKey(
        Professional, verbose_name=_("Professional"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="material_uses",
    )  # fmt: skip
    territory = models.ForeignKey(
        Territory, null=True, editable=False, on_delete=models.PROTECT, related_name="+", verbose_name=_("Territory")
    )
    on = models.DateField(_("On"))
    occasion = models.CharField(_("Occasion"), max_length=7, choices=Occasion.choices, default=Occasion.VISIT)
    created_at = models.DateTimeField(_("Created at"), editable=False)

    class Meta(ScopedModel.Meta):
        db_table = "materials_use"
        verbose_name = _("use of material")
        verbose_name_plural = _("uses of material")
        indexes = (
            models.Index(fields=["person", "-on"], name="materials_use_person"),
            models.Index(fields=["institution", "-on"], name="materials_use_institution"),
            models.Index(fields=["professional", "-on"], name="materials_use_professional"),
        )

    def __str__(self) -> str:
        return f"{self.used} · {self.institution} · {self.on.isoformat()}"
