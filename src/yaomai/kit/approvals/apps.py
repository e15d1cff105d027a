from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApprovalsConfig(AppConfig):
    name = "yaomai.kit.approvals"
    label = "approvals"
    verbose_name = _("Approvals")

    def ready(self) -> None:
        from yaomai.kit.access import register_rights
        from yaomai.kit.approvals import cards, chains, today
        from yaomai.kit.policies.services import register_check
        from yaomai.kit.ui import navigation

        register_rights("approvals.request", label=_("Approval requests"), verbs=("view",))
        register_check(chains.ChainPolicy.name, chains.check)
        today.register()
        cards.register()
        navigation.register(section="today", label=_("Approvals"), url_name="approvals:request_list", order=20)
