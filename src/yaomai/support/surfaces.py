"""Lists of this room."""

from collections.abc import Iterable

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor
from yaomai.kit.surfaces import Column, Panel, Surface, register
from yaomai.kit.surfaces.filters import Filter
from yaomai.kit.surfaces.surface import View, extend
from yaomai.support import panels, services
from yaomai.support.importers import RequestImporter
from yaomai.support.models import ORDERS, ServiceRequest, kind_choices
from yaomai.support.selectors import kind_label


def _unresolved(chosen: bool) -> Q:
    found = Q(state__in=ServiceRequest.UNRESOLVED)
    return found if chosen else ~found


def _overdue(chosen: bool) -> Q:
    found = Q(state__in=ServiceRequest.UNRESOLVED, due_at__lte=timezone.now())
    return found if chosen else ~found


@register
class ServiceRequestSurface(Surface):
    model = ServiceRequest
    section = "service"
    slug = "requests"
    columns = (
        "institution",
        Column("kind", value=kind_label),
        Column("words", sortable=False),
        "state",
        "taken_at",
        "due_at",
        "owner",
        "resolved_at",
        Column("professional", is_default=False),
        Column("product", is_default=False),
        Column("channel", is_default=False),
        Column("taken_by", is_default=False),
        Column("resolution", is_default=False, sortable=False, right=ORDERS),
        Column("confirmed_at", is_default=False),
        Column("reopened", is_default=False),
        Column("territory", is_default=False),
    )
    filters = (
        Filter("unresolved", label=_("Not resolved"), kind="flag", condition=_unresolved),
        Filter("overdue", label=_("Overdue"), kind="flag", condition=_overdue),
        Filter("kind", kind="choice", choices=kind_choices),
        "state",
        "institution",
        "professional",
        "product",
        "owner",
        "channel",
        "taken_at",
        "resolved_at",
        "territory",
    )
    order = ("-taken_at", "-id")
    form = ("institution", "professional", "kind", "channel", "product", "words", "owner")
    importer = RequestImporter
    services = {"create": services.request_take, "update": services.request_update}
    panels = (Panel("request", template="support/panels/request.html", load=panels.request, order=10),)


def _views(_actor: Actor) -> Iterable[View]:
    yield View(gettext("Not resolved"), "unresolved=1")
    yield View(pgettext("support", "Overdue"), "overdue=1")


extend(ServiceRequest, views=[_views])
