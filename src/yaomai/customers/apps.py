from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "yaomai.customers"
    label = "customers"
    verbose_name = _("Customers")

    def ready(self) -> None:
        from yaomai.kit.access import register_rights

        verbs = ("view", "create", "edit", "archive", "import", "export", "merge", "reveal")
        register_rights("customers.institution", label=_("Institutions"), verbs=verbs)
        register_rights("customers.professional", label=_("Professionals"), verbs=verbs)
        register_rights(
            "customers.department", label=_("Departments"), verbs=("view", "create", "edit", "archive", "export")
        )
