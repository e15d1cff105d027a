"""Lists of this room."""

from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.kit.surfaces import Column, Panel, Surface, register
from yaomai.kit.surfaces.filters import ARCHIVED, Filter
from yaomai.materials import panels, services
from yaomai.materials.models import Material, MaterialVersion, Use


def _usable(chosen: bool) -> Q:
    rows: Any = MaterialVersion.unscoped.filter(state="approved", valid_until__gte=timezone.localdate())
    condition = Q(pk__in=rows.values("material"))
    return condition if chosen else ~condition


@register
class MaterialSurface(Surface):
    model = Material
    section = "academic"
    columns = (
        "title",
        "code",
        "kind",
        Column("about", label=_("Products"), load=panels.products_of),
        Column("in_force", label=_("Usable"), load=panels.in_force),
        "updated_at",
    )
    filters = (
        Filter("usable", label=_("Usable today"), kind="flag", condition=_usable), "kind",
        ARCHIVED,
    )  # fmt: skip
    order = ("title", "id")
    form = ("title", "code", "kind", "products", "note")
    services = {
        "create": services.material_create,
        "update": services.material_update,
        "archive": services.material_archive,
    }
    panels = (
        Panel("versions", template="materials/panels/versions.html", load=panels.versions),
        Panel("facts", _("Facts"), fields=("code", "title", "kind", "note")),
    )


@register
class VersionSurface(Surface):
    model = MaterialVersion
    section = "academic"
    slug = "versions"
    columns = (
        "title",
        "number",
        Column("material__kind", label=_("Kind")),
        "state",
        "valid_until",
        "author",
        "decided_at",
        Column("content", is_default=False, sortable=False),
        Column("limitations", is_default=False, sortable=False),
        Column("sponsorship", is_default=False),
        Column("reason", is_default=False, sortable=False),
    )
    filters = ("state", "valid_until", "material", "author")
    order = ("title", "-number", "id")
    panels = (Panel("version", template="materials/panels/version.html", load=panels.version),)


@register
class UseSurface(Surface):
    model = Use
    section = "academic"
    columns = ("on", "used", "institution", "professional", "occasion", "person", "territory")
    filters = ("on", "occasion", "institution", "professional", "person", "territory")
    order = ("-on", "-id")
    form = ("used", "institution", "professional", "on", "occasion")
    services = {"create": services.material_use}
    panels = (
        Panel(
            "facts", _("use of material"), fields=("used", "institution", "professional", "on", "occasion", "person")
        ),
    )
