from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganizationConfig(AppConfig):
    name = "yaomai.organization"
    label = "organization"
    verbose_name = _("Organization")

    def ready(self) -> None:
        from yaomai.kit.access import register_rights

        register_rights("organization.person", label=_("People"), verbs=("view", "create", "edit", "archive", "export"))
        register_rights("organization.territory", label=_("Territories"), verbs=("view", "create", "edit", "export"))
        register_rights("organization.position", label=_("Positions"), verbs=("view", "create", "edit", "export"))
        register_rights("organization.role", label=_("Roles and rights"), verbs=("view", "edit"))
        register_rights("organization.filing", label=_("Rep filings"), verbs=("view", "create", "edit", "import", "export"))
