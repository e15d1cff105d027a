"""What this room tells the mechanisms below and the rooms beneath it."""

from django.utils.translation import gettext_lazy as _

from yaomai.customers import erasing, merging
from yaomai.customers import panels as customer_panels
from yaomai.influence import jobs, panels, policies, portraits, ties  # noqa: F401 — declarations
from yaomai.influence.models import AuthorDecision, Authorship, Guideline, Office, Standing, Study, Tie
from yaomai.kit.access import register_rights
from yaomai.kit.policies.services import register_check
from yaomai.kit.ui import navigation


def register() -> None:
    """Register rights, screens, panels and references."""
    register_rights(
        "influence.record",
        label=_("Academic records"),
        verbs=("view", "create", "edit", "archive", "import", "export", "review"),
    )
    register_check(policies.AcademicPolicy.name, policies.unsound)
    customer_panels.register(
        "professional", "below", name="academic", title=_("Academic record"), order=30, load=panels.academic,
        template="influence/panels/academic.html", right="influence.record:view",
    )  # fmt: skip
    register_rights(
        "influence.tie",
        label=_("Ties and the network"),
        verbs=("view", "create", "edit", "archive", "import", "export", "compute"),
    )
    customer_panels.register(
        "professional", "right", name="ties", title=_("Influences whom"), order=45, load=panels.tied,
        template="influence/panels/ties.html", right="influence.tie:view",
    )  # fmt: skip
    portraits.register()
    ties.register_source("coauthor", label=_("Wrote together"), sql=ties.COAUTHORS)
    ties.register_source("society", label=_("Same society"), sql=ties.SOCIETIES)
    ties.register_source("teacher", label=_("Teacher and student"), sql=ties.TEACHERS)
    ties.register_source("colleague", label=_("Close colleagues"), sql=ties.COLLEAGUES)
    _screens()
    _references()


def _screens() -> None:
    navigation.register(
        section="customers", tab=_("Academic influence"), label=_("Author review"), url_name="influence:review", order=65,
        right="influence.record:review", covers=("/influence/professionals/",),
    )  # fmt: skip
    navigation.register(
        section="customers", tab=_("Academic influence"), label=_("Network of influence"), url_name="influence:network", order=59,
        right="influence.tie:view",
    )  # fmt: skip
    navigation.register(
        section="customers",
        tab=_("Academic influence"),
        label=_("Personal ties"),
        url_name="influence:tie_list",
        order=64,
        right="influence.tie:view",
    )
    for order, (label, name) in enumerate(
        (
            (_("Publications"), "publication"),
            (_("Society offices"), "office"),
            (_("Clinical studies"), "study"),
            (_("Guideline work"), "guideline"),
        ),
        60,
    ):
        navigation.register(
            section="customers", tab=_("Academic influence"), label=label, url_name=f"influence:{name}_list", order=order,
            right="influence.record:view",
        )  # fmt: skip


def _references() -> None:
    among = {"archived_at__isnull": True}
    for model in (Office, Study, Guideline, Tie, Standing, AuthorDecision):
        erasing.register(model, "professional", deleted=True)
    erasing.register(Tie, "other", deleted=True)
    erasing.register(Authorship, "professional", emptied={"professional": None})
    merging.register_reference(Office, "professional", unless=["society_key", "role", "valid_from"], among=among)
    merging.register_reference(Study, "professional", unless=["title"], among=among)
    merging.register_reference(Guideline, "professional", unless=["title", "year"], among=among)
    merging.register_reference(Authorship, "professional", unless=["publication"])
    merging.register_reference(Tie, "professional", unless=["kind", "other"], among=among)
    merging.register_reference(Tie, "other", unless=["kind", "professional"], among=among)
    merging.register_staying(Standing, "professional")
    merging.register_reference(AuthorDecision, "professional")
