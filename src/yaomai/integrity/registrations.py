"""What this room tells the mechanisms below and the rooms beneath it."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.catalog.models import Product
from yaomai.compliance.models import Check, Consent, Expense, Rule, Share, Transfer
from yaomai.customers import merging
from yaomai.integrity import datasets, policies, today  # noqa: F401 — declarations
from yaomai.integrity.inspection import register_section
from yaomai.integrity.models import Case, Dossier, Report
from yaomai.kit.access import register_rights
from yaomai.kit.ui import navigation
from yaomai.organization.models import Filing


def register() -> None:
    """Register rights, screens, nudges and references."""
    register_rights("integrity.case", label=_("Cases of the watch"), verbs=("view", "edit", "compute", "export"))
    register_rights("integrity.report", label=_("Anonymous reports"), verbs=("view", "edit"))
    register_rights("integrity.dossier", label=_("Inspection dossiers"), verbs=("view", "create", "export"))
    merging.register_reference(Dossier, "institution")
    merging.register_reference(Case, "institution")
    merging.register_reference(Case, "professional")
    today.register()
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
    navigation.register(
        section="integrity", label=_("Inspection dossiers"), url_name="integrity:dossier_list", order=60,
        right=Dossier.right("view"),
    )  # fmt: skip
    _sections()
    navigation.register_account_link(label=_("Speak up"), url_name="speak_up:home", icon="message")


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
