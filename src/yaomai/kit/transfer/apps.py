from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class TransferConfig(AppConfig):
    name = "yaomai.kit.transfer"
    label = "transfer"
    verbose_name = _("Imports")

    def ready(self) -> None:
        from yaomai.kit.access import register_rights
        from yaomai.kit.ui import navigation

        register_rights("transfer.import", label=_("Imports"), verbs=("view", "import"))
        navigation.register(
            section="settings",
            tab=_("Imports and jobs"),
            label=_("Imports"),
            url_name="transfer:import_list",
            right="transfer.import:view",
            order=70,
        )
        autodiscover_modules("importers")
