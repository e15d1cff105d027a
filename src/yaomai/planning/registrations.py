"""What this room tells the mechanisms below and the rooms beneath it."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.customers import erasing, merging
from yaomai.customers import panels as customer_panels
from yaomai.kit import approvals
from yaomai.kit.access import register_rights
from yaomai.kit.inbox import register_kind, register_number, register_provider
from yaomai.kit.policies.previews import register_preview
from yaomai.kit.policies.services import register_check
from yaomai.kit.ui import navigation
from yaomai.planning import cards, panels, policies, today
from yaomai.planning.models import (
    Absence,
    Callback,
    DutyOrigin,
    Location,
    PlanLine,
    PlannedVisit,
    ServiceDuty,
    WorkingTime,
)
from yaomai.planning.previews import cadence_preview
from yaomai.planning.services import plans


def register() -> None:
    """Register rights, screens, panels, nudges and references."""
    verbs = ("view", "create", "edit", "manage", "export")
    register_rights("planning.serviceduty", label=_("Service duties"), verbs=verbs)
    register_rights("planning.plannedvisit", label=_("Planned visits"), verbs=verbs)
    register_rights(
        "planning.plan", label=_("Visit plans"), verbs=("view", "create", "edit", "manage", "approve", "export")
    )
    register_rights(
        "planning.workingtime", label=_("Working times"), verbs=("view", "create", "edit", "import", "export")
    )
    register_rights(
        "planning.absence", label=_("Absences"),
        verbs=("view", "create", "edit", "archive", "manage", "import", "export"),
    )  # fmt: skip
    register_rights("planning.location", label=_("Locations"), verbs=("view", "create", "edit", "import", "export"))
    register_rights("planning.goal", label=_("Goals"), verbs=("view", "create", "edit", "archive", "manage", "export"))
    register_rights(
        "planning.environmentnote", label=_("Environment notes"), verbs=("view", "create", "edit", "archive", "export")
    )
    register_rights(
        "planning.callback", label=pgettext_lazy("planning", "Callbacks"), verbs=("view", "create", "export")
    )
    register_rights("planning.review", label=_("Reviews of plans"), verbs=("view", "create", "edit", "export"))
    approvals.register_kind(
        plans.APPROVAL, label=_("Plan of visits"), right="planning.plan:approve",
        on_approved=plans.approved, on_rejected=plans.rejected, is_current=plans.is_current,
    )  # fmt: skip
    _screens()
    _panels()
    register_kind("planning.duty", label=_("Service duties"), icon="checklist", rank=25)
    register_kind("planning.visit", label=_("Planned visits"), icon="calendar-event", rank=28)
    register_provider(today.due)
    register_provider(today.nobodys)
    register_kind("planning.callback", label=pgettext_lazy("planning", "Callbacks"), icon="phone", rank=32)
    register_provider(today.callbacks_short)
    register_number(today.rate, order=15)
    cards.register()
    register_check(policies.CadencePolicy.name, policies.unsound)
    register_preview(policies.CadencePolicy, cadence_preview)
    merging.register_reference(
        ServiceDuty, "institution", unless=["scheme", "activity", "window_from"],
        among={"origin": DutyOrigin.CADENCE, "professional__isnull": True},
    )  # fmt: skip
    merging.register_reference(
        ServiceDuty, "professional", unless=["scheme", "activity", "window_from"], among={"origin": DutyOrigin.CADENCE}
    )
    for model in (PlannedVisit, PlanLine, Callback):
        merging.register_reference(model, "institution")
        merging.register_reference(model, "professional")
    merging.register_reference(
        WorkingTime, "institution", unless=["weekday", "half"], among={"professional__isnull": True}
    )
    merging.register_reference(WorkingTime, "professional", unless=["weekday", "half"])
    merging.register_reference(Absence, "institution")
    merging.register_reference(Absence, "professional")
    merging.register_reference(Location, "institution", among={"source__isnull": False})
    erasing.register(ServiceDuty, "professional", emptied={"note": ""})
    erasing.register(PlannedVisit, "professional", emptied={"objective": "", "expected_result": "", "note": ""})
    erasing.register(PlanLine, "professional")
    erasing.register(Callback, "professional", emptied={"professional": None, "words": erasing.GONE, "next_step": ""})
    erasing.register(WorkingTime, "professional", deleted=True)
    erasing.register(Absence, "professional", deleted=True)


def _panels() -> None:
    for entity in ("institution", "professional"):
        customer_panels.register(
            entity, "right", name="owed", title=_("Owed and planned"), order=30, load=panels.owed,
            template="planning/panels/owed.html", right=panels.DUTY,
        )  # fmt: skip
        customer_panels.register(
            entity, "right", name="working_times", title=_("Working times"), order=60, load=panels.times,
            template="planning/panels/times.html", right=panels.TIMES,
        )  # fmt: skip
        customer_panels.register_signals(entity, panels.signals)


def _screens() -> None:
    visits, duties, goals = _("Calendar"), _("Service duties"), _("Goals")
    for tab, label, name, order, right, covers in (
        (visits, _("Calendar"), "calendar", 10, "plannedvisit", ("/planning/feed/", "/planning/again/")),
        (visits, _("Planned visits"), "plannedvisit_list", 11, "plannedvisit", ()),
        (visits, _("Visit plans"), "plan_list", 12, "plan", ()),
        (visits, _("Absences"), "absence_list", 13, "absence", ("/planning/absences/",)),
        (visits, _("Working times"), "workingtime_list", 14, "workingtime", ("/planning/times/",)),
        (visits, _("Locations"), "location_list", 15, "location", ()),
        (duties, _("Due now"), "due", 20, "serviceduty", ()),
        (duties, pgettext_lazy("planning", "Callbacks"), "callbacks", 21, "callback", ("/planning/callbacks/",)),
        (duties, pgettext_lazy("planning", "Compliance"), "compliance", 21, "serviceduty", ()),
        (duties, _("Plan against execution"), "tracking", 22, "plannedvisit", ()),
        (duties, _("All service duties"), "serviceduty_list", 23, "serviceduty", ()),
        (goals, _("Goal tree"), "goals", 30, "goal", ()),
        (goals, _("Goals"), "goal_list", 31, "goal", ()),
        (goals, _("Environment notes"), "environmentnote_list", 32, "environmentnote", ()),
        (goals, _("Reviews of plans"), "review_list", 33, "review", ()),
    ):
        navigation.register(
            section="planning", tab=tab, label=label, url_name=f"planning:{name}", order=order,
            right=f"planning.{right}:view", covers=covers,
        )  # fmt: skip
