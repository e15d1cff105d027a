from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PoliciesConfig(AppConfig):
    name = "yaomai.kit.policies"
    label = "policies"
    verbose_name = _("Policies")

    def ready(self) -> None:
        from yaomai.kit import approvals
        from yaomai.kit.access import register_rights
        from yaomai.kit.policies import deciding, services, today
        from yaomai.kit.ui import navigation

        register_rights("policies.version", label=_("Policies"), verbs=("view", "propose", "approve", "publish"))
        approvals.register_kind(
            services.KIND,
            label=_("Changes of policies"),
            right="policies.version:approve",
            on_approved=deciding.approved,
            on_rejected=deciding.returned,
        )
        today.register()
        navigation.register(
            section="settings",
            label=_("Policies"),
            url_name="policies:policy_list",
            right="policies.version:view",
            order=20,
        )
