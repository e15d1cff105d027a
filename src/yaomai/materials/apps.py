from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MaterialsConfig(AppConfig):
    name = "yaomai.materials"
    label = "materials"
    verbose_name = _("Materials")

    def ready(self) -> None:
        from yaomai.materials import registrations

        registrations.register()
