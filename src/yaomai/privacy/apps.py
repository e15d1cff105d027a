from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    name = "yaomai.privacy"
    label = "privacy"
    verbose_name = _("Privacy")

    def ready(self) -> None:
        from yaomai.privacy import registrations

        registrations.register()
