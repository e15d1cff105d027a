"""What this room tells the mechanisms below and the rooms beneath it."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.customers import erasing, merging
from yaomai.customers import panels as customer_panels
from yaomai.engagement import cards, holds, panels, policies, portraits, selectors, today, visit_panels  # noqa: F401 — declarations
from yaomai.engagement.models import AdverseEvent, Communication, KeyAccount, Site, StrategyAlert, Visit, VisitAudit
from yaomai.engagement.services.adverse import KIND as ADVERSE
from yaomai.engagement.services.nudging import KIND
from yaomai.engagement.services.strategies import KIND as STRATEGY
from yaomai.integrity.inspection import register_section
from yaomai.kit import attachments
from yaomai.kit.access import register_rights
from yaomai.kit.inbox import register_kind, register_provider
from yaomai.kit.surfaces import Panel, extend
from yaomai.kit.ui import navigation
from yaomai.planning import calling
from yaomai.planning.models import PlannedVisit, ServiceDuty


def register() -> None:
    """Register rights, screens, panels, nudges and references."""
    register_rights(
        "engagement.keyaccount", label=_("Key accounts"), verbs=("view", "create", "edit", "archive", "export")
    )
    navigation.register(
        section="customers", tab=_("Key accounts"), label=_("Key account board"), url_name="engagement:board", order=40,
        right="engagement.keyaccount:view",
    )  # fmt: skip
    navigation.register(
        section="customers", tab=_("Key accounts"), label=_("Key accounts"), url_name="engagement:keyaccount_list", order=41,
        right="engagement.keyaccount:view",
    )  # fmt: skip
    customer_panels.register(
        "institution", "right", name="key_account", title=_("Key account"), order=20, load=panels.stages,
        template="engagement/panel.html", right=panels.VIEW,
    )  # fmt: skip
    customer_panels.register_signals("institution", panels.signals)
    customer_panels.register_events("institution", panels.events)
    portraits.register()
    cards.register()
    register_kind(KIND, label=_("Key accounts"), icon="hourglass", rank=30)
    register_kind("engagement.board", label=_("Key account board"), icon="target-arrow", rank=40)
    register_provider(today.to_gather)
    merging.register_reference(KeyAccount, "institution", among={"archived_at__isnull": True})
    _visits()


def _visits() -> None:
    for code, label, verbs in (
        ("visit", pgettext_lazy("engagement", "Visits"), ("view", "create", "edit", "archive", "assess", "import", "export")),
        ("nextstep", _("Next steps"), ("view", "edit", "export")),
        ("audit", _("Audit of visits"), ("view", "review", "export")),
    ):  # fmt: skip
        register_rights(f"engagement.{code}", label=label, verbs=verbs)
    register_rights("safety.adverseevent", label=_("Adverse events"), verbs=("view", "create", "review", "export"))
    for order, (label, url_name, right) in enumerate((
        (pgettext_lazy("engagement", "Visits"), "visit_list", "engagement.visit:view"),
        (_("Next steps"), "nextstep_list", "engagement.nextstep:view"),
        (_("Strategy alerts"), "strategyalert_list", "engagement.visit:view"),
        (_("Audit of visits"), "visitaudit_list", "engagement.audit:view"),
        (_("Adverse events"), "adverseevent_list", "safety.adverseevent:view"),
        (_("Field app"), "field_home", "engagement.visit:create"),
    )):  # fmt: skip
        navigation.register(
            section="visits", label=label, url_name=f"engagement:{url_name}", order=10 + order, right=right,
            covers=("/engagement/briefs/", "/engagement/professionals/") if url_name == "visit_list" else (),
        )  # fmt: skip
    navigation.register_action(
        label=_("Report a visit"),
        url_name="engagement:visit_new",
        icon="map-pin",
        right="engagement.visit:create",
        order=10,
    )
    navigation.register_action(
        label=_("Report an adverse event"), url_name="engagement:adverseevent_new", icon="ambulance",
        right="safety.adverseevent:create", order=90,
    )  # fmt: skip
    for entity, load in (("professional", visit_panels.with_person), ("institution", visit_panels.at_institution)):
        customer_panels.register(
            entity, "middle", name="visits", title=pgettext_lazy("engagement", "Visits"), order=15, load=load,  # type: ignore[arg-type]
            template="engagement/panels/visits.html", right="engagement.visit:view",
        )  # fmt: skip
    proof = Panel(
        "proof", pgettext_lazy("visit", "Carried out"), template="engagement/panels/proof.html", load=visit_panels.proof,
        right=visit_panels.VIEW,
    )  # fmt: skip
    extend(PlannedVisit, panels=(proof,))
    extend(ServiceDuty, panels=(proof,))
    customer_panels.register_signals("professional", visit_panels.signals)
    customer_panels.register_events("professional", visit_panels.events_of_person)
    customer_panels.register_events("institution", visit_panels.events_of_institution)
    register_kind(STRATEGY, label=_("Strategy alerts"), icon="target-arrow", rank=25, action=_("Choose"))
    register_kind(ADVERSE, label=_("Adverse events"), icon="ambulance", rank=1, action=_("Take over"))
    register_kind("engagement.steps", label=_("Next steps"), icon="checklist", rank=15)
    register_kind("engagement.audit", label=_("Audit of visits"), icon="eye", rank=35)
    register_kind("engagement.doubt", label=_("Visits in doubt"), icon="alert-circle", rank=20, action=_("Look"))
    register_provider(today.steps_due)
    register_provider(today.audits_waiting)
    register_provider(today.own_doubts)
    calling.register_contacts(selectors.last_visits)
    attachments.register_carrier(
        Visit, verb="edit", is_final=lambda row: row.decided_at is not None, takes=lambda row: row.archived_at is None
    )
    merging.register_reference(Visit, "institution")
    merging.register_reference(Visit, "department")
    merging.register_reference(Visit.contacts.through, "professional", unless=["visit"])
    merging.register_reference(Communication, "professional", among={"superseded_at__isnull": True})
    merging.register_reference(StrategyAlert, "professional", among={"state__in": ["open", "chosen"]})
    merging.register_reference(Site, "institution", among={})
    merging.register_reference(AdverseEvent, "institution")
    merging.register_reference(AdverseEvent, "professional")
    erasing.register(Visit.contacts.through, "professional", deleted=True)
    erasing.register(Communication, "professional", deleted=True)
    erasing.register(StrategyAlert, "professional", deleted=True)
    erasing.register(AdverseEvent, "professional", emptied={"professional": None})  # the report itself is kept by law
    erasing.register_hold(holds.adverse_hold)
    register_section(
        "visits", Visit, label=pgettext_lazy("engagement", "Visits"), order=50, on="on", person="person",
        institution="institution", product="products",
    )  # fmt: skip
    register_section(
        "audits", VisitAudit, label=_("Audit of visits"), order=51, on="visit__on", person="visit__person",
        institution="visit__institution", product="visit__products",
    )  # fmt: skip
    register_section(
        "adverse", AdverseEvent, label=_("Adverse events"), order=55, on="learned_at__date", person="person",
        institution="institution", product="product",
    )  # fmt: skip
