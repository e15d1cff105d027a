"""What this room tells the mechanisms below and the rooms beneath it."""

from django.utils.translation import gettext_lazy as _

from yaomai.customers import erasing, merging
from yaomai.customers import panels as customer_panels
from yaomai.integrity.inspection import register_section
from yaomai.kit.access import register_rights
from yaomai.kit.inbox import register_kind
from yaomai.kit.policies.previews import register_preview
from yaomai.kit.ui import navigation
from yaomai.organization import wall
from yaomai.planning import calling
from yaomai.support import cards, panels, policies, selectors
from yaomai.support.models import ORDERS, ServiceRequest
from yaomai.support.previews import service_preview
from yaomai.support.services.telling import KIND


def register() -> None:
    """Register rights, the wall, screens, panels, nudges and references."""
    register_rights(
        ServiceRequest.entity,
        label=_("Service requests"),
        verbs=("view", "create", "edit", "manage", "import", "export"),
    )
    register_rights(ORDERS.partition(":")[0], label=_("Service requests about orders"), verbs=("view",))
    wall.withhold(ORDERS)
    wall.register_holder(_("Service requests about orders"), selectors.order_holders)
    register_preview(policies.ServicePolicy, service_preview)
    cards.register()
    for label, url_name, order in (
        (_("Service queue"), "queue", 10),
        (_("All service requests"), "servicerequest_list", 20),
    ):
        navigation.register(
            section="service",
            label=label,
            url_name=f"support:{url_name}",
            order=order,
            right=ServiceRequest.right("view"),
        )
    navigation.register_action(
        label=_("Take a service request"), url_name="support:servicerequest_new", icon="message",
        right=ServiceRequest.right("create"), order=20,
    )  # fmt: skip
    for entity in ("institution", "professional"):
        customer_panels.register(
            entity, "middle", name="service", title=_("Service requests"), order=18, load=panels.of_customer,
            template="support/panels/customer.html", right=ServiceRequest.right("view"),
        )  # fmt: skip
        customer_panels.register_signals(entity, panels.signals)
        customer_panels.register_events(entity, panels.events)
    customer_panels.register_actions(panels.actions)
    calling.register_reasons(selectors.callback_reasons)
    register_kind(KIND, label=_("Service requests"), icon="message", rank=5)
    merging.register_reference(ServiceRequest, "institution")
    merging.register_reference(ServiceRequest, "professional")
    erasing.register(
        ServiceRequest, "professional",
        emptied={"professional": None, "words": erasing.GONE, "resolution": "", "waits_for": ""},
    )  # fmt: skip
    register_section(
        "service", ServiceRequest, label=_("Service requests"), order=58, on="taken_at__date", person="owner",
        institution="institution", product="product",
    )  # fmt: skip
