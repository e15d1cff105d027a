from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "yaomai.kit.ui"
    label = "ui"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from yaomai.kit.access import register_rights
        from yaomai.kit.ui import palette

        register_rights("settings.system", label=_("System settings"), verbs=("manage",))
        palette.register(palette.screens, order=900)
        palette.register(palette.actions, order=800)
