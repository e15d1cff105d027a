"""What segmentation tells the mechanisms below and the rooms beneath it."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.customers import merging
from yaomai.customers import panels as customer_panels
from yaomai.customers.models import Institution, Professional
from yaomai.customers.profile import Entity
from yaomai.engine.consistency import scheme_problems
from yaomai.kit.access import ScopedModel, register_rights
from yaomai.kit.policies.previews import register_preview
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.policies.services import register_check
from yaomai.kit.runs import register_kind
from yaomai.kit.surfaces import extend
from yaomai.kit.ui import navigation
from yaomai.segmentation import KIND, measured, panels, today, wording
from yaomai.segmentation.importers import InstitutionAssessmentImporter, ProfessionalAssessmentImporter
from yaomai.segmentation.messages import problem_text
from yaomai.segmentation.models import Assessment, TierAssignment
from yaomai.segmentation.policies import SCHEME_POLICIES, ServicePolicy, unsound
from yaomai.segmentation.previews import scheme_preview


def register() -> None:
    """Register rights, the kind of run, checks of schemes, and what a merge moves."""
    register_rights(
        "segmentation.tier", label=_("Tiers"), verbs=("view", "run", "assess", "propose", "publish", "export", "import")
    )
    wording.register()
    measured.register()
    register_kind(KIND, label=_("Tiers"), entity="segmentation.tier")
    for declared in SCHEME_POLICIES:
        register_check(declared.name, _sound)
        register_preview(declared, scheme_preview)
    register_check(ServicePolicy.name, _whole)
    merging.register_staying(TierAssignment, "institution")
    merging.register_staying(TierAssignment, "professional")
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
    today.register()
    for order, (label, name) in enumerate(SCREENS, 1):
        navigation.register(
            section="segmentation",
            label=label,
            url_name=f"segmentation:{name}",
            right="segmentation.tier:view",
            order=order,
        )


ASSESSMENT_IMPORTERS: tuple[Any, ...] = (InstitutionAssessmentImporter, ProfessionalAssessmentImporter)
SCREENS = (
    (_("Overview"), "overview"),
    (_("Crosswalk"), "crosswalk"),
    (_("Service balance"), "service"),
    (_("Runs"), "runs"),
)


def _whole(policy: Any) -> dict[str, list[Any]]:
    """Return what is inconsistent in the service of the tiers that are in force today."""
    return unsound(policy, (policy_on(each, on=timezone.localdate())[0].spec for each in SCHEME_POLICIES))


def _sound(policy: Any) -> dict[str, list[Any]]:
    """Return what is inconsistent in a scheme, by field."""
    found: dict[str, list[Any]] = {}
    for problem in scheme_problems(policy.spec):
        found.setdefault(f"spec.{problem.place}" if problem.place else "", []).append(problem_text(problem))
    return found
