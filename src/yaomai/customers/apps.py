from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "yaomai.customers"
    label = "customers"
    verbose_name = _("Customers")

    def ready(self) -> None:
        from yaomai.customers import approach
        from yaomai.kit.access import register_rights

        verbs = ("view", "create", "edit", "archive", "import", "export", "merge", "reveal", "review")
        register_rights("customers.institution", label=_("Institutions"), verbs=verbs)
        register_rights("customers.professional", label=_("Professionals"), verbs=verbs)
        register_rights(
            "customers.department",
            label=_("Departments"),
            verbs=("view", "create", "edit", "archive", "import", "export"),
        )
        register_rights(
            "customers.patientpopulation",
            label=_("Patient populations"),
            verbs=("view", "create", "edit", "archive", "import", "export"),
        )
        declare_documents()
        declare_checks()
        declare_references()
        declare_screens()
        approach.declare_fields()
        declare_panels()
        declare_measures()
        declare_first_steps()
        declare_nudges()


def declare_nudges() -> None:
    """Bring stale profiles and the steward's queue to 今日, and this room's sections into the portrait."""
    from yaomai.customers import archives, cards, portrait_parts
    from yaomai.kit import inbox

    inbox.register_kind("customers.steward", label=_("Change requests"), icon="check", rank=40)
    inbox.register_kind("customers.refresh", label=_("Profile to refresh"), icon="refresh", rank=70)
    inbox.register_provider(archives.requests_waiting)
    inbox.register_provider(archives.profiles_due)
    portrait_parts.register()
    cards.register()


def declare_documents() -> None:
    """Name the documents from which the figures of this room and those above it come."""
    from yaomai.kit.ui import formats

    formats.register_document("S0", _("“Key accounts: recognise precisely, work together closely”"))
    formats.register_document("S1", _("“Care of customers in pharma sales”"))
    formats.register_document("S2", _("“Selling and care of customers in practice”"))
    formats.register_document("S3", _("“Year plan of visits and customer management”"))
    formats.register_document("S4", _("“Training of commerce managers”"))


def declare_checks() -> None:
    """Refuse figures that contradict each other."""
    from yaomai.customers.policies import ProfilePolicy, unsound
    from yaomai.kit.policies.services import register_check

    register_check(ProfilePolicy.name, unsound)


def declare_first_steps() -> None:
    """Say how a new company gets its customers in, and before the eyes of those responsible."""
    from yaomai.customers.models import Institution
    from yaomai.kit import inbox

    inbox.register_step(
        "institutions",
        label=_("Import institutions"),
        text=_(
            "Hospitals, pharmacies and the distributors that send you sales flow. Take the Excel list you have; columns are recognised, and nothing is written before you have seen it."
        ),
        url_name="transfer:import_new",
        args=("customers.institution",),
        right="customers.institution:import",
        is_done=lambda _actor: Institution.unscoped.exists(),
        order=10,
    )
    # Whoever may import sees the whole company; those of one territory see nothing until this is done.
    inbox.register_step(
        "territories_of_institutions",
        label=_("Assign institutions to territories"),
        text=_("Filter by place, choose all that match, and assign them: their people see them from then on."),
        url_name="customers:institution_list",
        right="customers.institution:import",
        is_done=lambda _actor: Institution.unscoped.filter(territory__isnull=False).exists(),
        order=15,
    )


def declare_references() -> None:
    """Say what moves when two customers become one, and what stays."""
    from yaomai.customers import erasing, merging
    from yaomai.customers.models import (
        Affiliation,
        Department,
        Institution,
        InstitutionContact,
        InstitutionDuplicate,
        InstitutionFact,
        InstitutionMerge,
        InstitutionName,
        InstitutionRequest,
        InstitutionSplit,
        InstitutionTerritory,
        PatientPopulation,
        Professional,
        ProfessionalContact,
        ProfessionalDuplicate,
        ProfessionalFact,
        ProfessionalMerge,
        ProfessionalRequest,
        TypeMark,
    )

    for model in (Affiliation, ProfessionalFact, ProfessionalContact, ProfessionalRequest, TypeMark):
        erasing.register(model, "professional", deleted=True)
    for column in ("first", "second"):
        erasing.register(ProfessionalDuplicate, column, deleted=True)
    for column in ("winner", "loser"):
        erasing.register(ProfessionalMerge, column, deleted=True)
    erasing.register(Professional, "merged_into")  # merged rows are erased with the one that stands
    now_valid = {"superseded_at__isnull": True}
    merging.register_reference(InstitutionName, "institution", unless=["key"])
    merging.register_reference(InstitutionContact, "institution", unless=["kind", "fingerprint"])
    merging.register_reference(InstitutionRequest, "institution")
    merging.register_reference(ProfessionalRequest, "professional")
    merging.register_reference(InstitutionFact, "institution", unless=["field"], among=now_valid)
    merging.register_reference(Department, "institution", unless=["name"], among={"archived_at__isnull": True})
    merging.register_reference(PatientPopulation, "institution")
    merging.register_reference(
        PatientPopulation, "department", unless=["indication", "estimated_on"], among={"archived_at__isnull": True}
    )
    merging.register_reference(Affiliation, "institution")
    merging.register_reference(Affiliation, "department")
    merging.register_reference(Institution, "parent")
    merging.register_reference(ProfessionalContact, "professional", unless=["kind", "fingerprint"])
    merging.register_reference(ProfessionalFact, "professional", unless=["field"], among=now_valid)
    merging.register_reference(TypeMark, "professional", unless=["customer_type"], among={"valid_to__isnull": True})
    merging.register_reference(Affiliation, "professional", unless=["institution"], among={"valid_to__isnull": True})
    merging.register_staying(InstitutionTerritory, "institution")
    merging.register_staying(Institution, "merged_into")
    merging.register_staying(InstitutionDuplicate, "first", "second")
    merging.register_staying(InstitutionMerge, "winner", "loser")
    merging.register_staying(InstitutionSplit, "origin", "offspring")
    # Repeated from the primary affiliation, which moves.
    merging.register_staying(Professional, "merged_into", "institution", "department")
    merging.register_staying(ProfessionalDuplicate, "first", "second")
    merging.register_staying(ProfessionalMerge, "winner", "loser")


def declare_screens() -> None:
    """Put the screens into the navigation and customers into the palette."""
    from yaomai.customers.palette import institutions, professionals
    from yaomai.kit.ui import navigation, palette

    navigation.register(
        section="customers", tab=_("Institutions"), label=_("Institutions"), url_name="customers:institution_list", order=10,
        right="customers.institution:view",
    )  # fmt: skip
    navigation.register(
        section="customers", label=_("Professionals"), url_name="customers:professional_list", order=20,
        right="customers.professional:view",
    )  # fmt: skip
    navigation.register(
        section="customers", tab=_("Institutions"), label=_("Departments"), url_name="customers:department_list", order=11,
        right="customers.department:view",
    )  # fmt: skip
    navigation.register(
        section="customers", tab=_("Institutions"), label=_("Patient populations"), url_name="customers:patientpopulation_list", order=12,
        right="customers.patientpopulation:view",
    )  # fmt: skip
    navigation.register(
        section="customers", tab=_("Archives"), label=_("Duplicates"), url_name="customers:institution_duplicates", order=34,
        right="customers.institution:merge",
    )  # fmt: skip
    navigation.register(
        section="customers", tab=_("Archives"), label=_("Change requests"), url_name="customers:requests", order=32,
        right="customers.professional:view",
    )  # fmt: skip
    navigation.register(
        section="customers", tab=_("Archives"), label=_("Archives"), url_name="customers:archives", order=30, right="customers.professional:view",
    )  # fmt: skip
    navigation.register_action(
        label=_("New institution"), url_name="customers:institution_new", icon="building-hospital", order=10,
        right="customers.institution:create",
    )  # fmt: skip
    navigation.register_action(
        label=_("New professional"), url_name="customers:professional_new", icon="user-plus", order=20,
        right="customers.professional:create",
    )  # fmt: skip
    palette.register(institutions, order=10)
    palette.register(professionals, order=20)


def declare_measures() -> None:
    """Say what this room knows of institutions in numbers."""
    from yaomai.customers import measured

    measured.register()


def declare_panels() -> None:
    """Compose the 360° pages of what this room knows."""
    from yaomai.customers import panels, profile, selectors

    shared: tuple[tuple[profile.Entity, panels.Load, panels.Load], ...] = (
        ("institution", selectors.institution_identity, selectors.institution_territory),
        ("professional", selectors.professional_identity, selectors.professional_territory),
    )
    for entity, identity, territory in shared:
        panels.register(
            entity, "left", name="identity", title=_("Who"), order=10, load=identity,
            template=f"customers/panels/{entity}_identity.html",
        )  # fmt: skip
        panels.register(
            entity, "below", name="profile", title=_("Profile"), order=60, load=selectors.profile_panel,
            template="customers/panels/profile.html",
        )  # fmt: skip
        panels.register(
            entity, "below", name="ask_next", title=_("Ask on the next visit"), order=55,
            load=selectors.questions_panel, template="customers/panels/ask_next.html",
        )  # fmt: skip
        panels.register(
            entity, "right", name="team", title=_("Team"), order=60, load=territory,
            template="customers/panels/team.html",
        )  # fmt: skip
        panels.register_signals(entity, selectors.profile_signals)
        panels.register_events(entity, selectors.trail_events)
    panels.register(
        "institution", "below", name="people", title=_("Professionals"), order=30, load=selectors.institution_people,
        template="customers/panels/people.html", right="customers.professional:view",
    )  # fmt: skip
    panels.register(
        "institution", "below", name="patients", title=_("Patient populations"), order=50,
        load=selectors.institution_patients, template="customers/panels/patients.html",
        right="customers.patientpopulation:view",
    )  # fmt: skip
    panels.register(
        "professional", "middle", name="approach", title=_("How to approach"), order=15,
        load=selectors.approach_panel, template="customers/panels/approach.html",
    )  # fmt: skip
    panels.register(
        "professional", "left", name="types", title=_("Customer types"), order=20, load=selectors.professional_types,
        template="customers/panels/types.html",
    )  # fmt: skip
    panels.register(
        "professional", "left", name="workplaces", title=_("Workplaces"), order=30,
        load=selectors.professional_workplaces, template="customers/panels/workplaces.html",
    )  # fmt: skip
    panels.register_events("institution", selectors.workplace_events)
