"""What this room tells the mechanisms below and the rooms beneath it."""

from django.utils.translation import gettext_lazy as _

from yaomai.customers import erasing, merging
from yaomai.customers import panels as customer_panels
from yaomai.influence import ties
from yaomai.kit.access import register_rights
from yaomai.kit.inbox import register_kind, register_provider
from yaomai.kit.policies.services import register_check
from yaomai.kit.ui import navigation
from yaomai.listing import cards, measured, panels, policies, portraits, selectors, today
from yaomai.listing.models import Committee, Process, Seat, StageHolder, Stance


def register() -> None:
    """Register rights, screens, panels, nudges and references."""
    register_rights(
        "listing.committee", label=_("Drug committees"), verbs=("view", "create", "edit", "archive", "import", "export")
    )
    register_rights(
        "listing.process", label=_("Listing processes"), verbs=("view", "create", "edit", "archive", "import", "export")
    )
    _screens()
    customer_panels.register(
        "institution", "below", name="decisions", title=_("Decision chain"), order=25, load=panels.decisions,
        template="listing/panels/decisions.html", right="listing.committee:view",
    )  # fmt: skip
    customer_panels.register(
        "professional", "left", name="decisions", title=_("Decides on"), order=35, load=panels.seats_of,
        template="listing/panels/seats.html", right="listing.committee:view",
    )  # fmt: skip
    customer_panels.register_signals("institution", panels.signals)
    customer_panels.register_events("institution", panels.events)
    portraits.register()
    ties.register_source("committee", label=_("Same drug committee"), sql=selectors.COMMITTEE_TIES)
    register_kind("listing.step", label=_("Listing"), icon="route", rank=30)
    register_provider(today.steps_due)
    measured.register()
    cards.register()
    register_check(policies.DecisionPolicy.name, policies.unsound)
    _references()


def _screens() -> None:
    navigation.register(
        section="customers",
        tab=_("Listing"),
        label=_("Listing board"),
        url_name="listing:board",
        order=50,
        right="listing.process:view",
    )
    navigation.register(
        section="customers", tab=_("Listing"), label=_("Listing processes"), url_name="listing:process_list", order=51,
        right="listing.process:view",
    )  # fmt: skip
    navigation.register(
        section="customers", tab=_("Listing"), label=_("Drug committees"), url_name="listing:committee_list", order=52,
        right="listing.committee:view", covers=("/listing/institutions/", "/listing/stages/"),
    )  # fmt: skip


def _references() -> None:
    merging.register_reference(Committee, "institution", unless=["name"], among={"archived_at__isnull": True})
    merging.register_reference(StageHolder, "institution")
    for model in (StageHolder, Seat, Stance):
        erasing.register(model, "professional", deleted=True)
    merging.register_reference(StageHolder, "professional")
    merging.register_reference(Seat, "professional")
    merging.register_reference(
        Process, "institution", unless=["product"], among={"outcome": "", "archived_at__isnull": True}
    )
    merging.register_reference(Stance, "professional", unless=["process"], among={"superseded_at__isnull": True})
