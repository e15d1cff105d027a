"""What this room tells the mechanisms below and the rooms beneath it."""

from django.utils.translation import gettext_lazy as _

from yaomai.customers import merging
from yaomai.customers import panels as customer_panels
from yaomai.engagement import panels, policies, portraits, today  # noqa: F401 — declarations
from yaomai.engagement.models import KeyAccount
from yaomai.engagement.services.nudging import KIND
from yaomai.kit.access import register_rights
from yaomai.kit.inbox import register_kind, register_provider
from yaomai.kit.ui import navigation


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
    register_kind(KIND, label=_("Key accounts"), icon="hourglass", rank=30)
    register_kind("engagement.board", label=_("Key account board"), icon="target-arrow", rank=40)
    register_provider(today.to_gather)
    merging.register_reference(KeyAccount, "institution", among={"archived_at__isnull": True})
