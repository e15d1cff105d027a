from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EngagementConfig(AppConfig):
    name = "yaomai.engagement"
    label = "engagement"
    verbose_name = _("Engagement")

    def ready(self) -> None:
        from yaomai.engagement import registrations

        registrations.register()
