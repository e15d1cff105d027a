"""What this room tells the mechanisms below and the rooms beneath it."""

from django.utils.translation import gettext_lazy as _

from yaomai.customers import merging
from yaomai.customers.models import Institution
from yaomai.insights import boards, policies  # noqa: F401 — declarations
from yaomai.insights.allocation import policies as allocation_policies  # noqa: F401 — declarations
from yaomai.insights.evaluations import registrations as evaluation_registrations
from yaomai.insights.events import registrations as event_registrations
from yaomai.insights.findings import registrations as findings
from yaomai.insights.forecast import registrations as forecast_registrations
from yaomai.insights.models import TargetItem
from yaomai.insights.outlook import cards
from yaomai.insights.outlook import registrations as outlook_registrations
from yaomai.insights.targets import today
from yaomai.insights.targets.kept import KIND
from yaomai.kit.access import register_rights
from yaomai.kit.inbox import register_kind, register_provider
from yaomai.kit.runs import register_kind as register_run
from yaomai.kit.surfaces import SelectionPage, extend
from yaomai.kit.ui import navigation
from yaomai.organization import wall


def register() -> None:
    """Register rights, the wall, screens, nudges and references."""
    register_rights("insights.quadrant", label=_("Growth and quadrants"), verbs=("view", "run"))
    register_rights(
        "insights.targetlist", label=_("Lists of target hospitals"),
        verbs=("view", "create", "edit", "archive", "export"),
    )  # fmt: skip
    register_rights("insights.targetitem", label=_("Target hospitals"), verbs=("view", "edit", "review", "export"))
    register_rights(
        "insights.marketfigure", label=_("Market figures"),
        verbs=("view", "create", "edit", "archive", "import", "export"),
    )  # fmt: skip
    register_rights("insights.valuereport", label=_("Customer value reports"), verbs=("view", "create", "export"))
    register_rights("insights.allocation", label=_("Allocation"), verbs=("view", "export"))
    register_run(KIND, label=_("Target hospitals"), entity="insights.quadrant")
    # X2: growth and quadrants are made of purchases. Lists, matches and reviews stay.
    wall.withhold(
        "insights.quadrant:*", "insights.targetlist:create", "insights.valuereport:*", "insights.allocation:*"
    )
    targets = _("Target hospitals")
    screens: tuple[tuple[navigation.Label, navigation.Label, str, str], ...] = (
        (targets, _("Target hospitals"), "quadrants", "insights.quadrant:view"),
        (targets, _("Lists"), "targetlist_list", "insights.targetlist:view"),
        (targets, _("Hospitals on lists"), "targetitem_list", "insights.targetitem:view"),
        (targets, _("Market figures"), "marketfigure_list", "insights.marketfigure:view"),
        ("", _("Customer value reports"), "valuereport_list", "insights.valuereport:view"),
        ("", _("Allocation"), "allocation", "insights.allocation:view"),
    )
    for order, (tab, label, name, right) in enumerate(screens, 1):
        navigation.register(
            section="insights", tab=tab, label=label, url_name=f"insights:{name}", order=order, right=right
        )
    extend(
        Institution,
        pages=(
            SelectionPage(
                _("Customer value report"),
                "insights:valuereport_new",
                "insights.valuereport:create",
                "report-analytics",
            ),
        ),
    )
    register_kind("insights.review", label=_("Target hospitals"), icon="target", rank=35)
    register_provider(today.reviews_due)
    cards.register()
    boards.register()
    merging.register_reference(TargetItem, "institution", unless=["target_list"])
    outlook_registrations.register()
    forecast_registrations.register()
    findings.register()
    event_registrations.register()
    evaluation_registrations.register()
