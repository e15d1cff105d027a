from django.apps import AppConfig


class OnceConfig(AppConfig):
    name = "yaomai.kit.once"
    label = "once"
