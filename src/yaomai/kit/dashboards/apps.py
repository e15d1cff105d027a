from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DashboardsConfig(AppConfig):
    name = "yaomai.kit.dashboards"
    label = "dashboards"
    verbose_name = _("Dashboards")

    def ready(self) -> None:
        from yaomai.kit.dashboards import today
        from yaomai.kit.ui import navigation

        navigation.register(
            section="today", label=_("Dashboards"), url_name="dashboards:home", order=20, covers=("/boards/",)
        )
        today.register()
