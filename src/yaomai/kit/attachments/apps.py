from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AttachmentsConfig(AppConfig):
    name = "yaomai.kit.attachments"
    label = "attachments"
    verbose_name = _("Attachments")

    def ready(self) -> None:
        from yaomai.kit.attachments import policies  # noqa: F401 — declares the policy
