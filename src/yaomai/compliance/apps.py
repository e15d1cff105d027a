from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplianceConfig(AppConfig):
    name = "yaomai.compliance"
    label = "compliance"
    verbose_name = _("Compliance")

    def ready(self) -> None:
        from yaomai.compliance import registrations

        registrations.register()
