from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ListingConfig(AppConfig):
    name = "yaomai.listing"
    label = "listing"
    verbose_name = _("Listing")

    def ready(self) -> None:
        from yaomai.listing import registrations

        registrations.register()
