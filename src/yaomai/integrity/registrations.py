"""What this room tells the mechanisms below and the rooms beneath it."""

from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.catalog.models import Product
from yaomai.compliance.models import Check, Consent, Expense, Rule, Share, Transfer
from yaomai.customers import erasing, merging
from yaomai.integrity import cards, datasets, dealings, policies, today  # noqa: F401 — declarations
from yaomai.integrity.inspection import register_section
from yaomai.integrity.models import Audit, Case, Contract, Crisis, Disclosure, Dossier, Provider, Report, Risk
from yaomai.integrity.services import contracts, disclosures
from yaomai.kit import approvals, attachments
from yaomai.kit.access import register_rights
from yaomai.kit.approvals.registry import HOLDER
from yaomai.kit.ui import navigation
from yaomai.organization.models import Filing


def register() -> None:
    """Register rights, screens, nudges and references."""
    register_rights("integrity.case", label=_("Cases of the watch"), verbs=("view", "edit", "compute", "export"))
    register_rights("integrity.report", label=_("Anonymous reports"), verbs=("view", "edit"))
    register_rights("integrity.dossier", label=_("Inspection dossiers"), verbs=("view", "create", "export"))
    usual = ("view", "create", "edit", "archive", "export")
    register_rights("integrity.crisis", label=_("Crises and drills"), verbs=("view", "create", "edit", "export"))
    register_rights(
        "integrity.disclosure", label=_("Voluntary disclosures"), verbs=("view", "create", "edit", "approve", "export")
    )
    register_rights("integrity.provider", label=_("Third parties"), verbs=usual)
    register_rights("integrity.contract", label=_("Contracts"), verbs=("view", "create", "approve", "export"))
    register_rights("integrity.risk", label=_("Risk register"), verbs=usual)
    register_rights("integrity.audit", label=_("Audits by sample"), verbs=("view", "create", "edit", "export"))
    attachments.register_carrier(Crisis, is_final=lambda _row: True, takes=lambda row: row.state == Crisis.State.OPEN)
    attachments.register_carrier(Provider)
    # The signed original; what was approved are the words.
    attachments.register_carrier(Contract, verb="create", is_final=lambda _row: True,
                                 takes=lambda row: row.state == Contract.State.APPROVED)  # fmt: skip
    _approvals()
    dealings.register()
    merging.register_reference(Contract, "institution")
    merging.register_reference(Dossier, "institution")
    merging.register_reference(Case, "institution")
    merging.register_reference(Case, "professional")
    erasing.register(Case, "professional", emptied={"note": ""})
    today.register()
    cards.register()
    navigation.register(
        section="integrity", tab=_("Watch"), label=_("Cases of the watch"), url_name="integrity:case_list", order=10,
        right=Case.right("view"),
    )  # fmt: skip
    navigation.register(
        section="integrity", tab=_("Watch"), label=_("Detectors"), url_name="integrity:watch", order=11,
        right=Case.right("view"),
    )  # fmt: skip
    navigation.register(
        section="integrity", label=_("Anonymous reports"), url_name="integrity:report_list", order=20,
        right=Report.right("view"),
    )  # fmt: skip
    for tab, label, url_name, order, model in (
        (_("Crises"), _("Crises and drills"), "integrity:crisis_list", 30, Crisis),
        (_("Crises"), _("Voluntary disclosures"), "integrity:disclosure_list", 31, Disclosure),
        (_("Contracts and third parties"), _("Contracts"), "integrity:contract_list", 40, Contract),
        (_("Contracts and third parties"), _("Third parties"), "integrity:provider_list", 41, Provider),
        (_("Risks and audits"), _("Audits by sample"), "integrity:audit_list", 50, Audit),
        (_("Risks and audits"), _("Risk register"), "integrity:risk_list", 51, Risk),
    ):
        navigation.register(
            section="integrity", tab=tab, label=label, url_name=url_name, order=order, right=model.right("view")
        )
    navigation.register(
        section="integrity", label=_("Inspection dossiers"), url_name="integrity:dossier_list", order=60,
        right=Dossier.right("view"),
    )  # fmt: skip
    _sections()
    navigation.register_account_link(label=_("Speak up"), url_name="speak_up:home", icon="message")


def _approvals() -> None:
    """Declare who decides as long as no policy says otherwise."""
    holder, finance = approvals.StepSpec(role=HOLDER), approvals.StepSpec(role="finance")
    legal = approvals.StepSpec(role="legal")
    approvals.register_kind(
        contracts.KIND, label=_("Contracts"), right="integrity.contract:approve",
        chains=lambda: [approvals.Chain(steps=[holder]), approvals.Chain(risk="high", steps=[holder, legal, finance]),
                        approvals.Chain(from_amount=Decimal(100_000), steps=[holder, finance])],
        on_approved=contracts.contract_decided(Contract.State.APPROVED),
        on_rejected=contracts.contract_decided(Contract.State.RETURNED), is_current=contracts.contract_is_current,
    )  # fmt: skip
    approvals.register_kind(
        disclosures.KIND, label=_("Voluntary disclosures"), right="integrity.disclosure:approve",
        on_approved=disclosures.disclosure_decided(Disclosure.State.APPROVED),
        on_rejected=disclosures.disclosure_decided(Disclosure.State.DRAFT),
    )  # fmt: skip


def _sections() -> None:
    """Bring what the rooms beneath hold into inspection dossiers; rooms above bring their own."""
    register_section(
        "filings", Filing, label=_("Rep filings"), order=10, on=("valid_from", "valid_to"), person="person"
    )
    register_section(
        "consents", Consent, label=_("consents"), order=20, on=("valid_from", "valid_to"), institution="institution"
    )
    register_section(
        "transfers", Transfer, label=pgettext_lazy("compliance", "transfers"), order=30, on="on", person="requester",
        institution="institution",
    )  # fmt: skip
    register_section(
        "accounts", Share, label=_("running accounts"), order=31, on="on", person="requester",
        institution=lambda key: Q(institution=key) | Q(transfer__institution=key),
    )  # fmt: skip
    register_section(
        "expenses",
        Expense,
        label=_("expenses"),
        order=32,
        on="on",
        person="claimant",
        institution="transfer__institution",
    )
    register_section(
        "contracts",
        Contract,
        label=_("Contracts"),
        order=40,
        on="begins_on",
        person="author",
        institution="institution",
    )
    register_section(
        "checks", Check, label=_("Verdicts of the gate"), order=80, on="on", person="person",
        institution="facts__institution", product=_told_of_product,
    )  # fmt: skip
    register_section(
        "rules", Rule, label=_("Rules in force"), order=90, on=("valid_from", "valid_to"), person=_approved,
        institution=_approved, product=_approved,
    )  # fmt: skip


def _told_of_product(key: Any) -> Q:
    return Q(facts__products__contains=[Product.unscoped.values_list("code", flat=True).get(pk=key)])


def _approved(_key: Any) -> Q:
    return Q(status=Rule.Status.APPROVED)
