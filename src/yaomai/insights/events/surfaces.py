"""Lists of policy events and of what they mean for customers."""

from django.utils.translation import gettext_lazy as _

from yaomai.insights import services
from yaomai.insights.events.presenting import span
from yaomai.insights.importers import PolicyEventImporter
from yaomai.insights.models import PolicyEvent, PolicyImpact
from yaomai.kit.surfaces import Column, Panel, Surface, register
from yaomai.kit.surfaces.filters import ARCHIVED


def _price(event: PolicyEvent) -> str:
    return span(event.price_low, event.price_high)


def _volume(event: PolicyEvent) -> str:
    return span(event.volume_low, event.volume_high)


@register
class PolicyEventSurface(Surface):
    model = PolicyEvent
    section = "insights"
    columns = (
        "title",
        "kind",
        "effective_on",
        Column("price_seen", label=_("Change of price"), value=_price),
        Column("volume_seen", label=_("Change of volume"), value=_volume),
        "source",
        "assessed_on",
        Column("compared_on", is_default=False),
        Column("made_by", is_default=False),
    )
    filters = ("kind", "effective_on", "assessed_on", ARCHIVED)
    order = ("-effective_on", "-id")
    form = (
        "title", "kind", "effective_on", "regions", "products", "generic_names", "price_low", "price_high", "volume_low",
        "volume_high", "source", "source_url", "note",
    )  # fmt: skip
    importer = PolicyEventImporter
    services = {
        "create": services.policy_event_create,
        "update": services.policy_event_update,
        "archive": services.policy_event_archive,
    }


@register
class PolicyImpactSurface(Surface):
    model = PolicyImpact
    section = "insights"
    columns = (
        "institution",
        "event",
        Column("at_risk", kind="money"),
        Column("base", kind="money"),
        Column("low", kind="money"),
        Column("high", kind="money"),
        Column("share", kind="percent"),
        Column("actual", kind="money", is_default=False),
        Column("months", is_default=False),
        "standing",
    )
    filters = ("event", "institution", "standing", "at_risk")
    order = ("-at_risk", "-id")
    panels = (
        Panel("facts", _("Affected customers"), fields=("event", "institution", "base", "low", "high", "at_risk")),
    )
