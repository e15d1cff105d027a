"""What this room tells the mechanisms below and the rooms beneath it."""

from django.utils.translation import gettext_lazy as _

from yaomai.customers import erasing, merging
from yaomai.kit import approvals
from yaomai.kit.access import register_rights
from yaomai.kit.acts import register_gate
from yaomai.kit.ui import navigation
from yaomai.privacy import cards, export, holds, policies, retention, today  # noqa: F401 — declarations
from yaomai.privacy.models import ImpactAssessment, PersonConsent, Processing, Release, SubjectRequest
from yaomai.privacy.services import registers


def register() -> None:
    """Register rights, holds, retention, the gate of exports, approvals and screens."""
    register_rights(
        "privacy.request", label=_("requests of data subjects"), verbs=("view", "create", "edit", "erase", "export")
    )
    register_rights(
        "privacy.processing", label=_("register of processing"), verbs=("view", "create", "edit", "archive", "export")
    )
    register_rights("privacy.consent", label=_("consents of persons"), verbs=("view", "create", "edit", "export"))
    register_rights("privacy.assessment", label=_("impact assessments"), verbs=("view", "create", "approve", "export"))
    register_rights("privacy.release", label=_("releases of data"), verbs=("view", "create", "approve", "export"))
    register_rights("privacy.retention", label=_("retention runs"), verbs=("view", "run"))
    erasing.register_hold(holds.ledger_hold)
    erasing.register(SubjectRequest, "professional", emptied={"words": "", "identity": erasing.GONE})
    erasing.register(PersonConsent, "professional", deleted=True)
    merging.register_reference(SubjectRequest, "professional")
    merging.register_reference(
        PersonConsent, "professional", unless=["processing"], among={"withdrawn_on__isnull": True}
    )
    export.register()
    register_gate(export.export_gate)
    _retention()
    _approvals()
    today.register()
    cards.register()
    for label, url_name, order, right in (
        (_("requests of data subjects"), "privacy:subjectrequest_list", 80, SubjectRequest.right("view")),
        (_("consents of persons"), "privacy:personconsent_list", 81, PersonConsent.right("view")),
        (_("register of processing"), "privacy:processing_list", 82, Processing.right("view")),
        (_("impact assessments"), "privacy:impactassessment_list", 83, ImpactAssessment.right("view")),
        (_("releases of data"), "privacy:release_list", 84, Release.right("view")),
        (_("retention runs"), "privacy:retention", 85, "privacy.retention:view"),
    ):
        navigation.register(
            section="integrity", tab=_("Privacy"), label=label, url_name=url_name, order=order, right=right
        )


def _retention() -> None:
    """Declare what can be over its time."""
    for code, label, due, delete in (
        ("restricted", _("Restricted persons whom no law wants kept any more"), retention.restricted_persons, retention.erase_persons),
        ("idle", _("Archived persons whom nobody has touched for long"), retention.idle_persons, retention.erase_persons),
        ("requests", _("Requests answered long ago"), retention.old_requests, retention.delete_requests),
    ):  # fmt: skip
        retention.register_kind(retention.Kind(code, label, due, delete))


def _approvals() -> None:
    """Declare who decides as long as no policy says otherwise: somebody else with the right."""
    approvals.register_kind(
        registers.ASSESSMENT_KIND, label=_("impact assessments"), right="privacy.assessment:approve",
        on_approved=registers.decided(ImpactAssessment, ImpactAssessment.State.APPROVED),
        on_rejected=registers.decided(ImpactAssessment, ImpactAssessment.State.RETURNED),
    )  # fmt: skip
    approvals.register_kind(
        registers.RELEASE_KIND, label=_("releases of data"), right="privacy.release:approve",
        on_approved=registers.decided(Release, Release.State.APPROVED),
        on_rejected=registers.decided(Release, Release.State.RETURNED),
    )  # fmt: skip
