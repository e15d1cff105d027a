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
        register_rights("catalog.productline", label=_("Product lines"), verbs=("view", "create", "edit", "archive"))
        register_rights("catalog.indication", label=_("Indications"), verbs=("view", "create", "edit", "archive"))
        register_rights(
            "catalog.standarddepartment", label=_("Standard departments"), verbs=("view", "create", "edit", "archive")
        )
        register_rights("catalog.division", label=_("Administrative divisions"), verbs=usual)
