from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlanningConfig(AppConfig):
    name = "yaomai.planning"
    label = "planning"
    verbose_name = _("Planning")

    def ready(self) -> None:
        from yaomai.planning import registrations

        registrations.register()
