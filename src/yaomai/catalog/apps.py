from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "yaomai.catalog"
    label = "catalog"
    verbose_name = _("Catalogue")

    def ready(self) -> None:
        from yaomai.kit.access import register_rights

        usual = ("view", "create", "edit", "archive", "import", "export")
        register_rights("catalog.product", label=_("Products"), verbs=usual)
        register_rights("catalog.productline", label=_("Product lines"), verbs=usual)
        register_rights("catalog.indication", label=_("Indications"), verbs=usual)
        register_rights("catalog.standarddepartment", label=_("Standard departments"), verbs=usual)
        register_rights("catalog.division", label=_("Administrative divisions"), verbs=usual)
        declare_screens()
        declare_first_step()


def declare_screens() -> None:
    """Put the screens into the navigation and products into the palette."""
    from yaomai.catalog.palette import products
    from yaomai.kit.ui import navigation, palette

    for section, tab, label, name, order in (
        ("supply", _("Products"), _("Products"), "product", 50),
        ("supply", _("Products"), _("Product lines"), "productline", 60),
        ("supply", _("Products"), _("Indications"), "indication", 70),
        ("settings", _("Reference data"), _("Standard departments"), "standarddepartment", 60),
        ("settings", _("Reference data"), _("Administrative divisions"), "division", 61),
    ):
        navigation.register(
            section=section, tab=tab, label=label, url_name=f"catalog:{name}_list", right=f"catalog.{name}:view",
            order=order,
        )  # fmt: skip
    palette.register(products, order=40)


def declare_first_step() -> None:
    """Say how a new company gets its products in."""
    from yaomai.catalog.models import Division, Product, ProductLine
    from yaomai.kit import inbox

    inbox.register_step(
        "divisions",
        label=_("Import administrative divisions"),
        text=_("Provinces, cities and counties with their official codes: they recognise where institutions are."),
        url_name="transfer:import_new",
        args=("catalog.division",),
        right="catalog.division:import",
        is_done=lambda _actor: Division.unscoped.exists(),
        order=9,
    )
    inbox.register_step(
        "product_lines",
        label=_("Set up product lines"),
        text=_("Every product belongs to one, so they come before the products; a few are enough to begin with."),
        url_name="catalog:productline_list",
        right="catalog.productline:create",
        is_done=lambda _actor: ProductLine.unscoped.exists(),
        order=11,
    )
    inbox.register_step(
        "products",
        label=_("Import products"),
        text=_(
            "Your own products first, each with its product line; sales flow of what is not in the list waits until you add it."
        ),
        url_name="transfer:import_new",
        args=("catalog.product",),
        right="catalog.product:import",
        is_done=lambda _actor: Product.unscoped.exists(),
        order=12,
    )
