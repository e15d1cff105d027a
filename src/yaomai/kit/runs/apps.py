from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RunsConfig(AppConfig):
    name = "yaomai.kit.runs"
    label = "runs"
    verbose_name = _("Runs")

    def ready(self) -> None:
        from yaomai.kit.access import register_rights

        register_rights("runs.run", label=_("Runs"), verbs=("view", "run", "publish"))
