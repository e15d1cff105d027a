from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganizationConfig(AppConfig):
    name = "yaomai.organization"
    label = "organization"
    verbose_name = _("Organization")

    def ready(self) -> None:
        from yaomai.kit.access import register_rights
        from yaomai.organization import separation, sign_in

        register_rights("organization.person", label=_("People"), verbs=("view", "create", "edit", "archive", "export"))
        register_rights("organization.territory", label=_("Territories"), verbs=("view", "create", "edit", "export"))
        register_rights("organization.position", label=_("Positions"), verbs=("view", "create", "edit", "export"))
        register_rights("organization.role", label=_("Roles and rights"), verbs=("view", "edit"))
        register_rights(
            "organization.filing", label=_("Rep filings"), verbs=("view", "create", "edit", "import", "export")
        )
        separation.register(
            "system",
            "organization.person:create", "organization.person:edit", "organization.person:archive",
            "settings.*:*", "jobs.*:manage",
        )  # fmt: skip
        separation.register(
            "security", "organization.role:edit", "organization.position:create", "organization.position:edit"
        )
        separation.register("audit", "audit.entry:*")
        sign_in.connect_signals()
