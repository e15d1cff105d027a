"""What this room tells the mechanisms below and the rooms beneath it."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.compliance.vocabulary import FORESEEN, register_kind
from yaomai.customers import erasing, merging
from yaomai.integrity.inspection import register_section
from yaomai.kit import approvals, attachments
from yaomai.kit.access import register_rights
from yaomai.kit.ui import navigation
from yaomai.materials import cards, deciding, policies, today, using  # noqa: F401 — declarations
from yaomai.materials.models import MaterialVersion, Use
from yaomai.materials.services import versions


def register() -> None:
    """Register rights, the kind of act, the chain of pre-approval, screens and references."""
    register_rights(
        "materials.material", label=pgettext_lazy("materials", "Materials"),
        verbs=("view", "create", "edit", "archive", "approve", "withdraw", "export"),
    )  # fmt: skip
    register_rights("materials.use", label=_("Uses of material"), verbs=("view", "create", "export"))
    register_kind(using.KIND, label=FORESEEN["material"], facts=using.FACTS)
    approvals.register_kind(
        versions.KIND, label=_("Pre-approval of materials"), right="materials.material:approve", chains=_chains,
        on_approved=deciding.version_approved, on_rejected=deciding.version_returned,
        is_current=deciding.version_is_current,
    )  # fmt: skip
    attachments.register_carrier(
        MaterialVersion, verb="edit", is_final=lambda row: not row.is_open, takes=lambda row: row.is_open
    )
    merging.register_reference(Use, "institution")
    merging.register_reference(Use, "professional")
    erasing.register(Use, "professional", emptied={"professional": None})
    register_section(
        "versions", MaterialVersion, label=_("versions of materials"), order=60, on=("created_at__date", "ended_at__date"),
        person="uses__person", institution="uses__institution", product="material__products",
    )  # fmt: skip
    register_section(
        "uses", Use, label=_("Uses of material"), order=61, on="on", person="person", institution="institution",
        product="used__material__products",
    )  # fmt: skip
    today.register()
    cards.register()
    navigation.register(
        section="academic", label=pgettext_lazy("materials", "Materials"), url_name="materials:material_list", order=40,
        right="materials.material:view", covers=("/materials/",),
    )  # fmt: skip
    navigation.register(
        section="academic", label=_("Uses of material"), url_name="materials:use_list", order=41,
        right="materials.use:view",
    )  # fmt: skip


def _chains() -> list[approvals.Chain]:
    """Return who pre-approves as long as no policy says otherwise: medicine, then compliance; doubts go to legal too."""
    medical, officer = approvals.StepSpec(role="medical_manager"), approvals.StepSpec(role="compliance_officer")
    legal = approvals.StepSpec(role="legal", together=True)
    return [approvals.Chain(steps=[medical, officer]), approvals.Chain(risk="high", steps=[medical, officer, legal])]
