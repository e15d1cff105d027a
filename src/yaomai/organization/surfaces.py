"""Lists, forms and REST of people, territories, positions and filings."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.kit.surfaces import Column, Panel, SelectionPage, Surface, register
from yaomai.kit.surfaces.filters import Filter
from yaomai.organization import panels, services
from yaomai.organization.importers import FilingImporter, PersonImporter, PositionImporter, TerritoryImporter
from yaomai.organization.models import Emergency, Filing, Person, Position, Territory, on_day, without_way_in


def _active(chosen: bool) -> Q:
    condition = on_day(timezone.localdate())
    return condition if chosen else ~condition


def _archived(chosen: bool) -> Q:
    return Q(archived_at__isnull=not chosen)


def _locked_out(chosen: bool) -> Q:
    return without_way_in() if chosen else ~without_way_in()


@register
class PersonSurface(Surface):
    model = Person
    slug = "people"
    section = "settings"
    columns = (
        "name",
        "username",
        "employee_number",
        Column("positions", label=pgettext_lazy("organization", "Positions"), load=panels.positions_of_people),
        Column("filing", label=_("Filing"), load=panels.filings_of_people),
        Column("email", is_default=False),
        Column("last_login", label=_("Last sign-in")),
    )
    filters = (
        Filter("archived", label=_("Deactivated"), kind="flag", condition=_archived),
        Filter("no_way_in", label=_("Has no password yet"), kind="flag", condition=_locked_out),
        "last_login",
    )
    search = True
    order = ("name", "id")
    form = ("name", "username", "employee_number", "email")
    importer = PersonImporter
    panels = (
        Panel(
            "positions",
            pgettext_lazy("organization", "Positions"),
            template="organization/panels/positions.html",
            load=panels.person_positions,
        ),
        Panel("rights", _("Rights"), template="organization/panels/rights.html", load=panels.person_rights),
        Panel(
            "filings",
            _("Filings"),
            template="organization/panels/filings.html",
            load=panels.person_filings,
            right="organization.filing:view",
        ),
        Panel("history", _("History"), template="organization/panels/history.html", order=900),
    )
    pages = (
        SelectionPage(_("Give first passwords"), "organization:people_passwords", "organization.person:edit", "key"),
    )
    services = {
        "create": services.person_create,
        "update": services.person_update,
        "archive": services.person_deactivate,
    }


@register
class TerritorySurface(Surface):
    model = Territory
    slug = "territories"
    section = "settings"
    columns = ("name", "code", "level", "parent", "valid_from", "valid_to")
    filters = ("level", "parent", Filter("active", label=_("Exists today"), kind="flag", condition=_active))
    order = ("name", "id")
    form = ("name", "code", "level", "parent", "valid_from")
    importer = TerritoryImporter
    panels = (
        Panel("facts", _("Territory"), fields=("name", "code", "level", "parent", "valid_from", "valid_to")),
        Panel("changes", _("Changes"), template="organization/panels/changes.html", load=panels.territory_changes),
        Panel(
            "positions",
            pgettext_lazy("organization", "Positions"),
            template="organization/panels/seats.html",
            load=panels.territory_positions,
            right="organization.position:view",
        ),
        Panel("history", _("History"), template="organization/panels/history.html", order=900),
    )
    services = {"create": services.territory_create}


@register
class PositionSurface(Surface):
    model = Position
    section = "settings"
    columns = (
        "title",
        "code",
        "role",
        "territory",
        Column("holders", label=_("Held by"), load=panels.holders_of_positions),
        "reports_to",
        Column("valid_from", is_default=False),
        "valid_to",
    )
    filters = ("territory", Filter("active", label=_("Exists today"), kind="flag", condition=_active), "valid_to")
    search = True
    search_name = "title"
    order = ("title", "id")
    form = ("title", "code", "role", "territory", "reports_to", "valid_from", "valid_to")
    importer = PositionImporter
    panels = (
        Panel(
            "facts",
            pgettext_lazy("organization", "Position"),
            fields=("title", "code", "role", "territory", "reports_to", "valid_from", "valid_to"),
        ),
        Panel("holders", _("Held by"), template="organization/panels/holders.html", load=panels.position_holders),
        Panel("history", _("History"), template="organization/panels/history.html", order=900),
    )
    services = {"create": services.position_create, "update": services.position_update}


@register
class FilingSurface(Surface):
    model = Filing
    section = "settings"
    columns = ("number", "person", "product_scope", "valid_from", "valid_to")
    filters = ("person", Filter("active", label=_("Active today"), kind="flag", condition=_active), "valid_to")
    order = ("number", "id")
    form = ("person", "number", "product_scope", "valid_from", "valid_to", "note")
    importer = FilingImporter
    panels = (
        Panel("facts", _("Rep filing"), fields=("person", "number", "product_scope", "valid_from", "valid_to", "note")),
        Panel("history", _("History"), template="organization/panels/history.html", order=900),
    )
    services = {"create": services.filing_create, "update": services.filing_update}


@register
class EmergencySurface(Surface):
    model = Emergency
    slug = "emergencies"
    section = "settings"
    columns = (
        "person",
        "role",
        Column("state", label=pgettext_lazy("emergency", "State"), load=panels.emergency_states),
        "reason",
        "given_by_label",
        "begins_at",
        "expires_at",
        Column("ended_at", is_default=False),
    )
    filters = ("person", "begins_at")
    form = ("person", "role", "hours", "reason")
    panels = (
        Panel(
            "facts",
            _("Emergency power"),
            fields=("person", "role", "reason", "given_by_label", "begins_at", "expires_at", "ended_at"),
        ),
        Panel("acts", _("What was done"), template="organization/panels/emergency.html", load=panels.emergency_acts),
        Panel("history", _("History"), template="organization/panels/history.html", order=900),
    )
    services = {"create": services.emergency_give}
