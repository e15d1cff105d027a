from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InfluenceConfig(AppConfig):
    name = "yaomai.influence"
    label = "influence"
    verbose_name = _("Academic influence")

    def ready(self) -> None:
        from yaomai.influence import registrations

        registrations.register()
