from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SegmentationConfig(AppConfig):
    name = "yaomai.segmentation"
    label = "segmentation"
    verbose_name = _("Tiers")

    def ready(self) -> None:
        from yaomai.segmentation import registrations

        registrations.register()
