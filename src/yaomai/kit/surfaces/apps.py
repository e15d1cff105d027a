from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class SurfacesConfig(AppConfig):
    name = "yaomai.kit.surfaces"
    label = "surfaces"

    def ready(self) -> None:
        autodiscover_modules("surfaces")
