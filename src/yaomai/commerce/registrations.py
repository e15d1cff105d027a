"""What commerce tells the mechanisms below and the rooms beneath it."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from yaomai.commerce import cards, columns, importers, panels, policies, portraits, splitting, today, values  # noqa: F401 — declarations
from yaomai.commerce.datasets import SALES
from yaomai.commerce.models import FlowBatch, FormerMeaning, SalesLine, SourceName
from yaomai.commerce.services.review import months_of
from yaomai.customers import merging
from yaomai.customers import panels as customer_panels
from yaomai.integrity import watching
from yaomai.kit.access import register_rights
from yaomai.kit.policies.services import register_check
from yaomai.kit.ui import navigation
from yaomai.kit.warehouse import mark_changed


def register() -> None:
    """Register rights, screens, panels and references."""
    watching.register_values(values.purchases)
    register_rights("commerce.flowbatch", label=_("Sales flow files"), verbs=("view", "import", "export"))
    register_rights("commerce.sourcename", label=_("Names in sales flow"), verbs=("view", "review", "export"))
    register_rights("commerce.salesline", label=_("Sales flow lines"), verbs=("view", "export", "compute"))
    navigation.register(
        section="supply",
        tab=_("Sales flow"),
        label=_("Sales flow"),
        url_name="commerce:flowbatch_list",
        right="commerce.flowbatch:view",
        order=10,
    )
    navigation.register(
        section="supply",
        tab=_("Sales flow"),
        label=_("Lines"),
        url_name="commerce:salesline_list",
        right="commerce.salesline:view",
        order=20,
    )
    navigation.register(
        section="supply",
        tab=_("Sales flow"),
        label=_("Names"),
        url_name="commerce:sourcename_list",
        right="commerce.sourcename:view",
        order=30,
    )
    navigation.register(
        section="supply",
        tab=_("Sales flow"),
        label=_("Name review"),
        url_name="commerce:review_first",
        right="commerce.sourcename:review",
        order=40,
    )
    customer_panels.register(
        "institution",
        "below",
        name="purchases",
        title=_("Purchases"),
        order=20,
        template="commerce/panel_purchases.html",
        load=panels.purchases,
        right="commerce.salesline:view",
    )
    customer_panels.register_signals("institution", panels.signals)
    customer_panels.register_events("institution", panels.events)
    portraits.register()
    columns.register()
    splitting.register()
    today.register()
    cards.register()
    register_check(policies.MatchingPolicy.name, policies.unsound)
    merging.register_reference(SalesLine, "institution", moved=_lines_moved)
    merging.register_reference(SourceName, "institution")
    merging.register_reference(FormerMeaning, "institution")
    merging.register_reference(SourceName, "distributor", unless=("kind", "name", "place"))
    merging.register_reference(
        FlowBatch, "distributor", unless=("fingerprint",), among={"state": FlowBatch.State.ACTIVE}
    )


def _lines_moved(_old: int, _new: int, rows: Sequence[int]) -> None:
    """Let the mirror follow lines that went to another institution."""
    mark_changed(SALES, months_of(SalesLine.unscoped.filter(pk__in=rows)))
