from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommerceConfig(AppConfig):
    name = "yaomai.commerce"
    label = "commerce"
    verbose_name = _("Commerce")

    def ready(self) -> None:
        from yaomai.commerce import registrations

        registrations.register()
