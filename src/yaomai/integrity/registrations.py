"""What this room tells the mechanisms below and the rooms beneath it."""

from django.utils.translation import gettext_lazy as _

from yaomai.customers import merging
from yaomai.integrity import datasets, policies, today  # noqa: F401 — declarations
from yaomai.integrity.models import Case, Report
from yaomai.kit.access import register_rights
from yaomai.kit.ui import navigation


def register() -> None:
    """Register rights, screens, nudges and references."""
    register_rights("integrity.case", label=_("Cases of the watch"), verbs=("view", "edit", "compute", "export"))
    register_rights("integrity.report", label=_("Anonymous reports"), verbs=("view", "edit"))
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
    navigation.register_account_link(label=_("Speak up"), url_name="speak_up:home", icon="message")
