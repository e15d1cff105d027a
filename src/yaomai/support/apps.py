from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SupportConfig(AppConfig):
    name = "yaomai.support"
    label = "support"
    verbose_name = _("Service")

    def ready(self) -> None:
        from yaomai.support import registrations

        registrations.register()
