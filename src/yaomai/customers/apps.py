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
        declare_references()


def declare_references() -> None:
    """Say what moves when two customers become one, and what stays."""
    from yaomai.customers import merging
    from yaomai.customers.models import (
        Affiliation,
        Department,
        Institution,
        InstitutionContact,
        InstitutionDuplicate,
        InstitutionFact,
        InstitutionMerge,
        InstitutionName,
        InstitutionTerritory,
        Professional,
        ProfessionalContact,
        ProfessionalDuplicate,
        ProfessionalFact,
        ProfessionalMerge,
    )

    now_valid = {"superseded_at__isnull": True}
    merging.register_reference(InstitutionName, "institution", unless=["key"])
    merging.register_reference(InstitutionContact, "institution", unless=["kind", "fingerprint"])
    merging.register_reference(InstitutionFact, "institution", unless=["field"], among=now_valid)
    merging.register_reference(Department, "institution", unless=["name"], among={"archived_at__isnull": True})
    merging.register_reference(Affiliation, "institution")
    merging.register_reference(Affiliation, "department")
    merging.register_reference(Institution, "parent")
    merging.register_reference(ProfessionalContact, "professional", unless=["kind", "fingerprint"])
    merging.register_reference(ProfessionalFact, "professional", unless=["field"], among=now_valid)
    merging.register_reference(
        Affiliation, "professional", unless=["institution"], among={"valid_to__isnull": True}
    )
    merging.register_staying(InstitutionTerritory, "institution")
    merging.register_staying(Institution, "merged_into")
    merging.register_staying(InstitutionDuplicate, "first", "second")
    merging.register_staying(InstitutionMerge, "winner", "loser")
    # Repeated from the primary affiliation, which moves.
    merging.register_staying(Professional, "merged_into", "institution", "department")
    merging.register_staying(ProfessionalDuplicate, "first", "second")
    merging.register_staying(ProfessionalMerge, "winner", "loser")
