from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InboxConfig(AppConfig):
    name = "yaomai.kit.inbox"
    label = "inbox"
    verbose_name = _("Inbox")

    def ready(self) -> None:
        from yaomai.kit.ui import navigation

        navigation.register(section="today", label=_("Today"), url_name="inbox:today", order=10)
