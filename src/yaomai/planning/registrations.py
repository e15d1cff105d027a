"""What this room tells the mechanisms below and the rooms beneath it."""

from django.utils.translation import gettext_lazy as _

from yaomai.customers import merging
from yaomai.kit.access import register_rights
from yaomai.kit.policies.services import register_check
from yaomai.kit.ui import navigation
from yaomai.planning import policies
from yaomai.planning.models import DutyOrigin, PlannedVisit, ServiceDuty


def register() -> None:
    """Register rights, screens, panels, nudges and references."""
    verbs = ("view", "create", "edit", "manage", "export")
    register_rights("planning.serviceduty", label=_("Service duties"), verbs=verbs)
    register_rights("planning.plannedvisit", label=_("Planned visits"), verbs=verbs)
    _screens()
    register_check(policies.CadencePolicy.name, policies.unsound)
    merging.register_reference(
        ServiceDuty, "institution", unless=["scheme", "activity", "window_from"],
        among={"origin": DutyOrigin.CADENCE, "professional__isnull": True},
    )  # fmt: skip
    merging.register_reference(
        ServiceDuty, "professional", unless=["scheme", "activity", "window_from"], among={"origin": DutyOrigin.CADENCE}
    )
    merging.register_reference(PlannedVisit, "institution")
    merging.register_reference(PlannedVisit, "professional")


def _screens() -> None:
    navigation.register(
        section="planning", tab=_("Service duties"), label=_("Service duties"), url_name="planning:serviceduty_list",
        order=30, right="planning.serviceduty:view",
    )  # fmt: skip
    navigation.register(
        section="planning", tab=_("Calendar"), label=_("Planned visits"), url_name="planning:plannedvisit_list",
        order=20, right="planning.plannedvisit:view",
    )  # fmt: skip
