from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "yaomai.kit.audit"
    label = "audit"

    def ready(self) -> None:
        from yaomai.kit.access import register_rights

        register_rights("audit.entry", label=_("Trail"), verbs=("view", "export", "verify"))
