"""Lists of this room."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from yaomai.integrity import panels
from yaomai.integrity.models import Case
from yaomai.kit.access import Actor
from yaomai.kit.surfaces import Column, Panel, Surface, register
from yaomai.kit.surfaces.surface import View, extend


@register
class CaseSurface(Surface):
    model = Case
    section = "integrity"
    columns = (
        Column("detector", label=_("What looks odd")),
        "person",
        "other",
        "professional",
        "institution",
        "first_day",
        "last_day",
        "lines",
        Column("amount", kind="money"),
        Column("score", value=lambda case: f"{case.score:.2f}"),
        "state",
        "outcome",
        "owner",
        "found_on",
        Column("note", is_default=False, sortable=False),
    )
    filters = ("detector", "state", "outcome", "person", "institution", "professional", "owner", "found_on", "amount")
    order = ("-score", "id")
    panels = (Panel("case", template="integrity/panels/case.html", load=panels.case),)


def _views(_actor: Actor) -> Iterable[View]:
    yield View(pgettext("case", "Open"), "state=open&state=taken")


extend(Case, views=[_views])
