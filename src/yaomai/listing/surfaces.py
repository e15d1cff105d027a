"""Lists of this room."""

from django.utils.translation import gettext_lazy as _

from yaomai.kit.surfaces import Column, Panel, Surface, register
from yaomai.kit.surfaces.filters import ARCHIVED
from yaomai.listing import panels, services
from yaomai.listing.importers import CommitteeImporter, ProcessImporter
from yaomai.listing.models import Committee, Process


@register
class CommitteeSurface(Surface):
    model = Committee
    section = "customers"
    columns = (
        "institution",
        "name",
        "rhythm",
        "next_meeting_on",
        Column("source", sortable=False),
        Column("updated_at", label=_("Changed"), kind="date", is_default=False),
    )
    filters = ("institution", "rhythm", "next_meeting_on", ARCHIVED)
    order = ("name", "id")
    form = ("institution", "name", "rhythm", "next_meeting_on", "source")
    importer = CommitteeImporter
    panels = (
        Panel("facts", _("Drug committee"), fields=("institution", "name", "rhythm", "next_meeting_on", "source")),
        Panel("seats", _("Seats"), template="listing/panels/committee_seats.html", load=panels.committee_seats),
    )
    services = {
        "create": services.committee_create,
        "update": services.committee_update,
        "archive": services.committee_archive,
    }


@register
class ProcessSurface(Surface):
    model = Process
    slug = "processes"
    section = "customers"
    columns = (
        "institution",
        "product",
        "stage",
        "stage_since",
        "blocker",
        "next_step",
        "next_step_on",
        "owner",
        "outcome",
        Column("opened_on", is_default=False),
        Column("closed_on", is_default=False),
    )
    filters = ("institution", "product", "stage", "outcome", "owner", "stage_since", "next_step_on")
    order = ("-stage_since", "-id")
    form = ("institution", "product", "opened_on", "blocker", "next_step", "next_step_on", "owner")
    importer = ProcessImporter
    services = {
        "create": services.process_create,
        "update": services.process_update,
        "archive": services.process_archive,
    }
