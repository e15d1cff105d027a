"""What this room tells the mechanisms below and the rooms beneath it."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from yaomai.compliance import (  # noqa: F401 — declarations
    cards,
    deciding,
    facts,
    kinds,
    ledger,
    panels,
    policies,
    previews,
    today,
    vocabulary,
    wording,
)
from yaomai.compliance.models import Consent, Expense, Share, Transfer
from yaomai.compliance.policies import PackPolicy
from yaomai.compliance.prescriptions import prescription_count_guard, prescription_file_gate, prescription_text_gate
from yaomai.compliance.services import rules, transfers
from yaomai.customers import erasing, merging
from yaomai.customers import panels as customer_panels
from yaomai.kit import approvals, attachments
from yaomai.kit.access import register_rights
from yaomai.kit.acts import register_gate
from yaomai.kit.approvals.registry import HOLDER
from yaomai.kit.policies.previews import register_preview
from yaomai.kit.transfer.registry import register_guard
from yaomai.kit.ui import navigation


def register() -> None:
    """Register rights, screens, guards, facts, nudges and references."""
    register_guard(prescription_count_guard)
    register_gate(prescription_text_gate)
    attachments.register_inspection(prescription_file_gate)
    register_rights("compliance.rule", label=_("Rule book"), verbs=("view", "propose", "approve", "export"))
    register_rights(
        "compliance.transfer",
        label=_("Transfers of value"),
        verbs=("view", "create", "edit", "approve", "import", "export"),
    )
    register_rights(
        "compliance.expense",
        label=_("Expense claims"),
        verbs=("view", "create", "edit", "review", "import", "export"),
    )
    register_rights("compliance.wall", label=_("Proof of the wall"), verbs=("view", "export"))
    register_rights("compliance.check", label=_("Checked acts"), verbs=("view", "export"))
    register_rights(
        "compliance.consent",
        label=_("Consents of institutions"),
        verbs=("view", "create", "edit", "archive", "import", "export"),
    )
    approvals.register_kind(
        rules.KIND, label=_("Changes of rules"), right="compliance.rule:approve", on_approved=deciding.rule_approved,
        on_rejected=deciding.rule_returned, is_current=deciding.rule_is_current,
    )  # fmt: skip
    approvals.register_kind(
        transfers.KIND, label=_("Transfers of value"), right="compliance.transfer:approve", chains=_chains,
        on_approved=deciding.transfer_approved, on_rejected=deciding.transfer_returned,
        is_current=deciding.transfer_is_current,
    )  # fmt: skip
    attachments.register_carrier(
        Transfer, verb="edit", is_final=lambda row: row.state == Transfer.State.GIVEN, is_unique=True, order=90
    )
    attachments.register_carrier(Expense, verb="edit", is_final=lambda row: row.finding == Expense.Finding.SETTLED)
    attachments.register_carrier(Consent, verb="edit")
    vocabulary.register()
    facts.register()
    kinds.register()
    ledger.register()
    register_preview(PackPolicy, previews.packs)
    merging.register_reference(Consent, "institution")
    merging.register_reference(Consent.departments.through, "department", unless=("consent",))
    merging.register_reference(Transfer, "institution")
    merging.register_reference(Share, "institution")
    merging.register_reference(Share, "professional")
    erasing.register(Share, "professional")
    today.register()
    cards.register()
    customer_panels.register(
        "institution", "left", name="consents", title=_("Consents"), order=45, load=panels.consents,
        template="compliance/panels/consents.html", right="compliance.consent:view",
    )  # fmt: skip
    for entity in ("professional", "institution"):
        customer_panels.register(
            entity, "right", name="account", title=_("Given and received"), order=60, load=panels.account_of(entity),
            template="compliance/panels/account.html", right="compliance.transfer:view",
        )  # fmt: skip
    _screens()


def _chains() -> list[approvals.Chain]:
    """Return who decides on what is given as long as no policy says otherwise: the more, the more people."""
    manager, officer = approvals.StepSpec(role=HOLDER), approvals.StepSpec(role="compliance_officer")
    finance = approvals.StepSpec(role="finance")
    return [
        approvals.Chain(steps=[manager]),
        approvals.Chain(risk="high", steps=[manager, officer]),
        approvals.Chain(from_amount=Decimal(1000), steps=[manager, officer]),
        approvals.Chain(from_amount=Decimal(10000), steps=[manager, officer, finance]),
    ]


def _screens() -> None:
    navigation.register(
        section="compliance", label=_("Rule book"), url_name="compliance:rulebook", order=10,
        right="compliance.rule:view", covers=("/compliance/rules/",),
    )  # fmt: skip
    navigation.register(
        section="compliance", label=_("Transfers of value"), url_name="compliance:transfer_list", order=5,
        right="compliance.transfer:view", covers=("/attachments/",),
    )  # fmt: skip
    navigation.register(
        section="compliance", label=_("Running accounts"), url_name="compliance:share_list", order=6,
        right="compliance.transfer:view",
    )  # fmt: skip
    navigation.register(
        section="compliance", label=_("Expense claims"), url_name="compliance:expense_list", order=7,
        right="compliance.expense:view",
    )  # fmt: skip
    navigation.register(
        section="compliance", label=_("Checked acts"), url_name="compliance:check_list", order=12,
        right="compliance.check:view",
    )  # fmt: skip
    navigation.register(
        section="compliance", label=_("Proof of the wall"), url_name="compliance:wall", order=30,
        right="compliance.wall:view",
    )  # fmt: skip
    navigation.register(
        section="compliance", label=_("Replay"), url_name="compliance:replay", order=11, right="compliance.check:view"
    )
    navigation.register(
        section="compliance", label=_("Consents of institutions"), url_name="compliance:consent_list", order=20,
        right="compliance.consent:view",
    )  # fmt: skip
