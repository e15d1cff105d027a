"""What we bring and where: products with their standing in reimbursement and procurement, standard departments,
and the administrative divisions of the country."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.kit.access import Scope, ScopedModel, Versioned
from yaomai.kit.search import SearchVectorField, search_index


class Division(Versioned):
    """An administrative division (行政区划): province, city, district or street, by its official code."""

    class Level(models.TextChoices):
        PROVINCE = "province", _("Province")
        CITY = "city", _("City")
        DISTRICT = "district", _("District or county")
        STREET = "street", _("Street or town")

    scope: ClassVar[Scope] = Scope(company=True)

    code = models.CharField(_("Code"), max_length=12, unique=True)
    name = models.CharField(_("Name"), max_length=64)
    full_name = models.CharField(_("Full name"), max_length=200, editable=False)
    """Names from the province down, without the placeholders 市辖区 and 县: 北京市朝阳区."""
    level = models.CharField(_("Level"), max_length=8, choices=Level.choices)
    parent = models.ForeignKey(
        "self", verbose_name=_("Belongs to"), null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    path = models.CharField(max_length=60, editable=False)
    """Materialised path of codes, "/11/1101/110105/", own code last."""
    search = SearchVectorField(null=True, editable=False)

    class Meta(Versioned.Meta):
        db_table = "catalog_division"
        verbose_name = _("administrative division")
        verbose_name_plural = _("administrative divisions")
        indexes = (
            models.Index(fields=["path"], name="catalog_division_path", opclasses=["text_pattern_ops"]),
            models.Index(fields=["name"], name="catalog_division_name"),
            search_index("catalog_division_search"),
        )

    def __str__(self) -> str:
        return self.full_name or self.name


class StandardDepartment(Versioned):
    """A department as the national list of clinical disciplines (诊疗科目) names it, and the offices that decide."""

    class Group(models.TextChoices):
        CLINICAL = "clinical", _("Clinical")
        TECHNICAL = "technical", _("Medical technology")
        PHARMACY = "pharmacy", _("Pharmacy department")
        ADMINISTRATION = "administration", _("Administration")

    scope: ClassVar[Scope] = Scope(company=True)

    code = models.CharField(_("Code"), max_length=12, unique=True)
    name = models.CharField(_("Name"), max_length=64)
    group = models.CharField(_("Group"), max_length=14, choices=Group.choices, default=Group.CLINICAL)
    parent = models.ForeignKey(
        "self", verbose_name=_("Belongs to"), null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )

    class Meta(Versioned.Meta):
        db_table = "catalog_standarddepartment"
        verbose_name = _("standard department")
        verbose_name_plural = _("standard departments")
        constraints = (
            models.UniqueConstraint(
                fields=["name"], condition=Q(archived_at__isnull=True), name="catalog_standarddepartment_name"
            ),
        )

    def __str__(self) -> str:
        return self.name


class ProductLine(Versioned):
    """A product line (产品线): what one team promotes together."""

    scope: ClassVar[Scope] = Scope(company=True)

    code = models.CharField(_("Code"), max_length=32, unique=True)
    name = models.CharField(_("Name"), max_length=64)

    class Meta(Versioned.Meta):
        db_table = "catalog_productline"
        verbose_name = _("product line")
        verbose_name_plural = _("product lines")

    def __str__(self) -> str:
        return self.name


class Indication(Versioned):
    """An indication (适应症) as the label words it, with its disease code where there is one."""

    scope: ClassVar[Scope] = Scope(company=True)

    code = models.CharField(_("Disease code"), max_length=16, blank=True, help_text=_("ICD-10, for example E11"))
    name = models.CharField(_("Name"), max_length=200)

    class Meta(Versioned.Meta):
        db_table = "catalog_indication"
        verbose_name = _("indication")
        verbose_name_plural = _("indications")
        constraints = (
            models.UniqueConstraint(
                fields=["name"], condition=Q(archived_at__isnull=True), name="catalog_indication_name"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Product(Versioned):
    """A drug in one form and strength from one manufacturer: ours, a competitor's, or a catalogue entry."""

    class Reimbursement(models.TextChoices):
        CLASS_A = "a", _("Class A")
        CLASS_B = "b", _("Class B")
        NEGOTIATED = "negotiated", _("Negotiated")
        NONE = "none", _("Not reimbursed")

    class Storage(models.TextChoices):
        AMBIENT = "ambient", _("Room temperature")
        COOL = "cool", _("Cool (below 20 °C)")
        COLD = "cold", _("Cold chain (2–8 °C)")
        FROZEN = "frozen", _("Frozen")

    class Presentation(models.TextChoices):
        """The form by setting of use (H18)."""

        WARD = "ward", _("Ward and pharmacy")
        PREFILLED = "prefilled", _("Prefilled, ready to use")
        PORTABLE_COLD = "portable_cold", _("Prefilled with portable cold chain")
        HOME = "home", _("Home use")

    class Margin(models.TextChoices):
        HIGH = "high", _("High")
        MEDIUM = "medium", _("Medium")
        LOW = "low", _("Low")

    scope: ClassVar[Scope] = Scope(company=True)

    code = models.CharField(_("Product code"), max_length=64, blank=True)
    name = models.CharField(
        _("Name"), max_length=200, blank=True, help_text=_("Left empty: trade name, generic name and specification.")
    )
    generic_name = models.CharField(_("Generic name"), max_length=200)
    trade_name = models.CharField(_("Trade name"), max_length=100, blank=True)
    dosage_form = models.CharField(_("Dosage form"), max_length=120, blank=True)
    specification = models.CharField(_("Specification"), max_length=200, blank=True)
    manufacturer = models.CharField(_("Manufacturer"), max_length=200, blank=True)
    is_own = models.BooleanField(_("Our own product"), default=False)
    product_line = models.ForeignKey(
        ProductLine,
        verbose_name=_("Product line"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="products",
    )
    approval_number = models.CharField(_("Approval number"), max_length=64, blank=True)
    """国药准字."""
    insurance_code = models.CharField(_("National insurance code"), max_length=64, blank=True)
    """国家医保药品代码."""
    class_code = models.CharField(_("Class code"), max_length=16, blank=True)
    class_name = models.CharField(_("Therapeutic class"), max_length=200, blank=True)
    reimbursement = models.CharField(
        _("Reimbursement"), max_length=10, choices=Reimbursement.choices, blank=True, editable=False
    )
    """As of the last day on which the standings were applied; `ProductStanding` is the truth for any day."""
    is_centrally_procured = models.BooleanField(_("In central procurement"), default=False, editable=False)
    indications = models.ManyToManyField(Indication, verbose_name=_("Indications"), blank=True, related_name="products")
    departments = models.ManyToManyField(
        StandardDepartment, verbose_name=_("Target departments"), blank=True, related_name="products"
    )
    storage = models.CharField(_("Storage"), max_length=8, choices=Storage.choices, default=Storage.AMBIENT)
    presentation = models.CharField(_("Form by setting"), max_length=16, choices=Presentation.choices, blank=True)
    margin = models.CharField(_("Margin class"), max_length=8, choices=Margin.choices, blank=True)
    note = models.TextField(_("Note"), blank=True)
    natural_key = models.CharField(max_length=600, editable=False)
    """`rules.product_key`: finds the product again in the next file when it has no code."""
    search = SearchVectorField(null=True, editable=False)

    class Meta(Versioned.Meta):
        db_table = "catalog_product"
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = (
            models.UniqueConstraint(
                fields=["code"],
                condition=~Q(code=""),
                name="catalog_product_code",
                violation_error_message=_("Another product has this code."),
            ),
        )
        indexes = (
            models.Index(fields=["name", "id"], name="catalog_product_order"),
            models.Index(fields=["natural_key"], name="catalog_product_key"),
            models.Index(fields=["approval_number"], condition=~Q(approval_number=""), name="catalog_product_approval"),
            search_index("catalog_product_search"),
        )

    def __str__(self) -> str:
        return self.name


class ProductStanding(ScopedModel):
    """A product's standing from–to: its reimbursement class, or that it is in central procurement (集采中标)."""

    class Kind(models.TextChoices):
        REIMBURSEMENT = "reimbursement", _("Reimbursement")
        CENTRAL_PROCUREMENT = "procurement", _("Central procurement")

    scope: ClassVar[Scope] = Scope(company=True)
    entity: ClassVar[str] = "catalog.product"

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="standings")
    kind = models.CharField(_("Kind"), max_length=14, choices=Kind.choices)
    value = models.CharField(_("Value"), max_length=10)
    """A `Product.Reimbursement`, or "yes"/"no" for central procurement."""
    source = models.CharField(_("Source"), max_length=200, blank=True)
    valid_from = models.DateField(_("Valid from"))
    valid_to = models.DateField(_("Valid to"), null=True, blank=True)

    class Meta(ScopedModel.Meta):
        db_table = "catalog_productstanding"
        verbose_name = pgettext_lazy("record", "standing")
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="catalog_productstanding_period",
            ),
            models.UniqueConstraint(
                fields=["product", "kind"], condition=Q(valid_to__isnull=True), name="catalog_productstanding_open"
            ),
            models.UniqueConstraint(fields=["product", "kind", "valid_from"], name="catalog_productstanding_from"),
        )
        indexes = (models.Index(fields=["kind", "valid_from"], name="catalog_productstanding_due"),)

    def __str__(self) -> str:
        return f"{self.product_id} {self.kind} {self.value} {self.valid_from}"
