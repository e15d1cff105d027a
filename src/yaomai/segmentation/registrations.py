"""What segmentation tells the mechanisms below and the rooms beneath it."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.customers import erasing, merging
from yaomai.customers import panels as customer_panels
from yaomai.customers.models import Institution, Professional
from yaomai.customers.profile import Entity
from yaomai.engine.consistency import scheme_problems
from yaomai.kit import approvals
from yaomai.kit.access import ScopedModel, register_rights
from yaomai.kit.policies.previews import register_preview
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.policies.services import register_check
from yaomai.kit.runs import register_kind
from yaomai.kit.surfaces import extend
from yaomai.kit.ui import navigation
from yaomai.segmentation import KIND, cards, evaluation, measured, panels, portraits, today, wording
from yaomai.segmentation.importers import InstitutionAssessmentImporter, ProfessionalAssessmentImporter
from yaomai.segmentation.messages import problem_text
from yaomai.segmentation.models import Assessment, TierAssignment, TierChange, TierSignal, TypeProposal
from yaomai.segmentation.policies import SCHEME_POLICIES, ReviewPolicy, ServicePolicy, unsound, unsound_review
from yaomai.segmentation.previews import review_preview, scheme_preview
from yaomai.segmentation.services import changes


def register() -> None:
    """Register rights, the kind of run, checks of schemes, and what a merge moves."""
    register_rights(
        "segmentation.tier", label=_("Tiers"), verbs=("view", "run", "assess", "propose", "publish", "export", "import")
    )
    register_rights("segmentation.signal", label=_("Signals"), verbs=("run", "review"))
    register_rights("segmentation.change", label=_("Tier changes"), verbs=("view", "propose", "approve", "export"))
    register_rights(
        "segmentation.meeting", label=_("Tier meetings"), verbs=("view", "create", "edit", "publish", "export")
    )
    register_rights("segmentation.typeproposal", label=_("Type proposals"), verbs=("view", "approve", "export"))
    wording.register()
    approvals.register_kind(
        changes.APPROVAL, label=_("Tier changes at once"), right="segmentation.change:approve",
        on_approved=changes.approved, on_rejected=changes.rejected, is_current=changes.is_current,
    )  # fmt: skip
    measured.register()
    register_kind(KIND, label=_("Tiers"), entity="segmentation.tier")
    for declared in SCHEME_POLICIES:
        register_check(declared.name, _sound)
        register_preview(declared, scheme_preview)
    register_check(ServicePolicy.name, _whole)
    register_check(ReviewPolicy.name, _consistent)
    register_preview(ReviewPolicy, review_preview)
    for owner in ("institution", "professional"):
        merging.register_staying(TierAssignment, owner)
        merging.register_staying(TierChange, owner)
    merging.register_reference(TierSignal, "institution", unless=("month", "kind"))
    erasing.register(TypeProposal, "professional", deleted=True)
    erasing.register(Assessment, "professional", deleted=True)
    erasing.register(TierAssignment, "professional")
    erasing.register(TierChange, "professional", emptied={"reason": "", "decision": ""})
    merging.register_reference(TypeProposal, "professional", unless=("customer_type",), among={"state": "open"})
    for owner in ("institution", "professional"):
        merging.register_reference(Assessment, owner, unless=("attribute",), among={"superseded_at__isnull": True})
    subjects: tuple[tuple[Entity, type[ScopedModel]], ...] = (
        ("institution", Institution),
        ("professional", Professional),
    )
    for subject, model in subjects:
        customer_panels.register(
            subject,
            "right",
            name="tiers",
            title=_("Tiers"),
            order=10,
            template="segmentation/panel_tiers.html",
            load=panels.tiers_panel(subject),
            right="segmentation.tier:view",
        )
        extend(
            model,
            columns=panels.tier_columns(subject),
            filters=panels.tier_filters(subject),
            views=(panels.tier_views(subject),),
            importers=tuple(each for each in ASSESSMENT_IMPORTERS if each.model is model),
        )
    extend(TierSignal, views=(panels.signal_views,))
    extend(TierChange, views=(panels.change_views,))
    extend(TypeProposal, views=(panels.type_views,))
    customer_panels.register(
        "institution", "below", name="evaluation", title=_("Dynamic evaluation"), order=15, load=evaluation.panel,
        template="segmentation/panel_evaluation.html", right="segmentation.tier:view",
    )  # fmt: skip
    customer_panels.register_signals("institution", panels.open_signals)
    portraits.register()
    cards.register()
    today.register()
    for order, (tab, label, name, right) in enumerate(SCREENS, 1):
        navigation.register(
            section="segmentation", tab=tab, label=label, url_name=f"segmentation:{name}", right=right, order=order
        )


ASSESSMENT_IMPORTERS: tuple[Any, ...] = (InstitutionAssessmentImporter, ProfessionalAssessmentImporter)
SCREENS = (
    (_("Overview"), _("Overview"), "overview", "segmentation.tier:view"),
    (_("Overview"), _("Crosswalk"), "crosswalk", "segmentation.tier:view"),
    (_("Overview"), _("Runs"), "runs", "segmentation.tier:view"),
    (_("Reviews"), _("Signals"), "tiersignal_list", "commerce.salesline:view"),
    (_("Reviews"), _("Tier meetings"), "tiermeeting_list", "segmentation.meeting:view"),
    (_("Reviews"), _("Tier changes"), "tierchange_list", "segmentation.change:view"),
    (_("Reviews"), _("Type proposals"), "typeproposal_list", "segmentation.typeproposal:view"),
    (_("Service balance"), _("Service balance"), "service", "segmentation.tier:view"),
)


def _whole(policy: Any) -> dict[str, list[Any]]:
    """Return what is inconsistent in the service of the tiers that are in force today."""
    return unsound(policy, (policy_on(each, on=timezone.localdate())[0].spec for each in SCHEME_POLICIES))


def _consistent(policy: Any) -> dict[str, list[Any]]:
    """Return what is inconsistent in the review, by the schemes that are in force today."""
    return unsound_review(policy, (policy_on(each, on=timezone.localdate())[0].spec for each in SCHEME_POLICIES))


def _sound(policy: Any) -> dict[str, list[Any]]:
    """Return what is inconsistent in a scheme, by field."""
    found: dict[str, list[Any]] = {}
    for problem in scheme_problems(policy.spec):
        found.setdefault(f"spec.{problem.place}" if problem.place else "", []).append(problem_text(problem))
    if policy.spec.name != policy.scheme:  # under which its results are kept: two schemes of one name would mix
        found["spec.name"] = [_("This is fixed: write %(name)s.") % {"name": policy.scheme}]
    return found
