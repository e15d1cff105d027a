from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OrganizationConfig(AppConfig):
    name = "yaomai.organization"
    label = "organization"
    verbose_name = _("Organization")

    def ready(self) -> None:
        from yaomai.kit.access import register_rights
        from yaomai.kit.approvals import register_directory
        from yaomai.kit.jobs import register_actor_loader
        from yaomai.kit.ui import navigation, palette
        from yaomai.organization import cards, directory, emergencies, finding, separation, sign_in, today
        from yaomai.organization.selectors import actor_of_person
        from yaomai.organization.services import factors

        register_rights(
            "organization.person", label=_("People"), verbs=("view", "create", "edit", "archive", "import", "export")
        )
        register_rights(
            "organization.territory", label=_("Territories"), verbs=("view", "create", "edit", "import", "export")
        )
        register_rights(
            "organization.position",
            label=pgettext_lazy("organization", "Positions"),
            verbs=("view", "create", "edit", "import", "export"),
        )
        register_rights("organization.role", label=_("Roles and rights"), verbs=("view", "edit"))
        register_rights(
            "organization.filing", label=_("Rep filings"), verbs=("view", "create", "edit", "import", "export")
        )
        register_rights(
            "organization.emergency", label=_("Emergency powers"), verbs=("view", "create", "edit", "export")
        )
        separation.register(
            "system",
            "organization.person:create", "organization.person:edit", "organization.person:archive",
            "organization.person:import", "settings.*:*", "jobs.*:manage",
        )  # fmt: skip
        separation.register(
            "security",
            "organization.role:edit",
            "organization.position:create",
            "organization.position:edit",
            "organization.position:import",
        )
        separation.register("audit", "audit.entry:*")
        sign_in.connect_signals()
        emergencies.register()
        factors.register()
        today.register()
        cards.register()
        register_actor_loader(actor_of_person)
        register_directory(directory)
        palette.register(finding.people, order=300)
        for order, label, name, right, *covers in (
            (10, _("People"), "person_list", "organization.person:view"),
            (
                11,
                pgettext_lazy("organization", "Positions"),
                "position_list",
                "organization.position:view",
                "/organization/holdings/",
            ),
            (
                12,
                _("Territories"),
                "tree",
                "organization.territory:view",
                "/organization/territories/",
                "/organization/changes/",
            ),
            (13, _("Roles and rights"), "roles", "organization.role:view"),
            (14, _("Filed reps"), "wall", "organization.filing:view", "/organization/filings/"),
            (15, _("Emergency powers"), "emergency_list", "organization.emergency:view"),
        ):
            navigation.register(
                section="settings", tab=_("Organization"), label=label, url_name=f"organization:{name}", right=right, order=order,
                covers=tuple(covers),
            )  # fmt: skip
        navigation.register_account_link(label=_("My page"), url_name="organization:me", icon="user-circle")
