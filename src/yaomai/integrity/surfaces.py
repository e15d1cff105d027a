"""Lists of this room."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from yaomai.integrity import panels, services
from yaomai.integrity.models import Case, Dossier
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


@register
class DossierSurface(Surface):
    model = Dossier
    section = "integrity"
    columns = (
        Column("about", label=pgettext_lazy("dossier", "About"), value=panels.about_of_dossier),
        "first_day",
        "last_day",
        "occasion",
        "authority",
        "reference",
        "state",
        "rows",
        "files",
        "made_by",
        "made_at",
    )
    filters = ("occasion", "subject", "state", "person", "institution", "product", "made_by", "made_at")
    order = ("-id",)
    form = (
        "occasion", "authority", "reference", "subject", "person", "institution", "product", "first_day", "last_day",
        "sections",
    )  # fmt: skip
    services = {"create": services.dossier_ask}
    panels = (Panel("dossier", template="integrity/panels/dossier.html", load=panels.dossier),)
