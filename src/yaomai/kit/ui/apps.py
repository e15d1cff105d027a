from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "yaomai.kit.ui"
    label = "ui"

    def ready(self) -> None:
        from yaomai.kit.ui import palette

        palette.register(palette.screens, order=900)
        palette.register(palette.actions, order=800)
