from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PoliciesConfig(AppConfig):
    name = "yaomai.kit.policies"
    label = "policies"

    def ready(self) -> None:
        from yaomai.kit.access import register_rights

        register_rights("policies.version", label=_("Policies"), verbs=("view", "propose", "approve", "publish"))
