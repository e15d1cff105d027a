from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "yaomai.kit.audit"
    label = "audit"
    verbose_name = _("Trail")

    def ready(self) -> None:
        from yaomai.kit.access import register_rights
        from yaomai.kit.audit import cards
        from yaomai.kit.ui import navigation

        register_rights("audit.entry", label=_("Trail"), verbs=("view", "export", "verify"))
        navigation.register(
            section="settings", label=_("Trail"), url_name="audit:entry_list", right="audit.entry:view", order=80
        )
        cards.register()
