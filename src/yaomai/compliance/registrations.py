"""What this room tells the mechanisms below and the rooms beneath it."""

from django.utils.translation import gettext_lazy as _

from yaomai.compliance import deciding, facts, kinds, panels, policies, previews, today, vocabulary  # noqa: F401 — declarations
from yaomai.compliance.models import Consent
from yaomai.compliance.policies import PackPolicy
from yaomai.compliance.prescriptions import prescription_count_guard, prescription_text_gate
from yaomai.compliance.services.rules import KIND
from yaomai.customers import merging
from yaomai.customers import panels as customer_panels
from yaomai.kit import approvals
from yaomai.kit.access import register_rights
from yaomai.kit.acts import register_gate
from yaomai.kit.policies.previews import register_preview
from yaomai.kit.transfer.registry import register_guard
from yaomai.kit.ui import navigation


def register() -> None:
    """Register rights, screens, guards, facts, nudges and references."""
    register_guard(prescription_count_guard)
    register_gate(prescription_text_gate)
    register_rights("compliance.rule", label=_("Rule book"), verbs=("view", "propose", "approve", "export"))
    register_rights("compliance.check", label=_("Checked acts"), verbs=("view", "export"))
    register_rights(
        "compliance.consent",
        label=_("Consents of institutions"),
        verbs=("view", "create", "edit", "archive", "import", "export"),
    )
    approvals.register_kind(
        KIND, label=_("Changes of rules"), right="compliance.rule:approve", on_approved=deciding.approved,
        on_rejected=deciding.returned, is_current=deciding.is_current,
    )  # fmt: skip
    vocabulary.register()
    facts.register()
    kinds.register()
    register_preview(PackPolicy, previews.packs)
    merging.register_reference(Consent, "institution")
    today.register()
    customer_panels.register(
        "institution", "left", name="consents", title=_("Consents"), order=45, load=panels.consents,
        template="compliance/panels/consents.html", right="compliance.consent:view",
    )  # fmt: skip
    _screens()


def _screens() -> None:
    navigation.register(
        section="compliance", label=_("Rule book"), url_name="compliance:rulebook", order=10,
        right="compliance.rule:view", covers=("/compliance/rules/",),
    )  # fmt: skip
    navigation.register(
        section="compliance", label=_("Replay"), url_name="compliance:replay", order=11, right="compliance.check:view"
    )
    navigation.register(
        section="compliance", label=_("Consents of institutions"), url_name="compliance:consent_list", order=20,
        right="compliance.consent:view",
    )  # fmt: skip
