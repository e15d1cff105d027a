"""Lists of this room."""

from django.utils.translation import gettext_lazy as _

from yaomai.influence import panels, services
from yaomai.influence.importers import (
    GuidelineImporter,
    OfficeImporter,
    PublicationImporter,
    StudyImporter,
    TieImporter,
)
from yaomai.influence.models import Guideline, Office, Publication, Study, Tie
from yaomai.kit.surfaces import Column, Panel, Surface, register
from yaomai.kit.surfaces.filters import ARCHIVED

_ENTERED = (
    Column("source", sortable=False),
    Column("evidence", sortable=False, is_default=False),
    Column("entered_by", is_default=False),
    Column("updated_at", label=_("Changed"), kind="date", is_default=False),
)
_PROOF = Panel("proof", _("Where it comes from"), fields=("source", "evidence", "entered_by", "created_at"))


@register
class OfficeSurface(Surface):
    model = Office
    section = "customers"
    columns = ("professional", "society", "level", "role", "valid_from", "valid_to", *_ENTERED)
    filters = ("professional", "level", "role", "valid_from", "valid_to", ARCHIVED)
    order = ("-valid_from", "-id")
    form = ("professional", "society", "level", "role", "valid_from", "valid_to", "source", "evidence")
    importer = OfficeImporter
    panels = (
        Panel("facts", _("Office"), fields=("professional", "society", "level", "role", "valid_from", "valid_to")),
        _PROOF,
    )
    services = {
        "create": services.office_create,
        "update": services.office_update,
        "archive": services.office_archive,
    }


@register
class StudySurface(Surface):
    model = Study
    slug = "studies"
    section = "customers"
    columns = ("professional", "title", "registration", "phase", "role", "valid_from", "valid_to", *_ENTERED)
    filters = ("professional", "phase", "role", "valid_from", "valid_to", ARCHIVED)
    order = ("-valid_from", "-id")
    form = ("professional", "title", "registration", "phase", "role", "valid_from", "valid_to", "source", "evidence")
    importer = StudyImporter
    panels = (
        Panel(
            "facts",
            _("Study"),
            fields=("professional", "title", "registration", "phase", "role", "valid_from", "valid_to"),
        ),
        _PROOF,
    )
    services = {"create": services.study_create, "update": services.study_update, "archive": services.study_archive}


@register
class GuidelineSurface(Surface):
    model = Guideline
    section = "customers"
    columns = ("professional", "title", "issuer", "role", "year", *_ENTERED)
    filters = ("professional", "role", "year", ARCHIVED)
    order = ("-year", "-id")
    form = ("professional", "title", "issuer", "role", "year", "source", "evidence")
    importer = GuidelineImporter
    panels = (Panel("facts", _("Guideline"), fields=("professional", "title", "issuer", "role", "year")), _PROOF)
    services = {
        "create": services.guideline_create,
        "update": services.guideline_update,
        "archive": services.guideline_archive,
    }


@register
class PublicationSurface(Surface):
    model = Publication
    section = "customers"
    columns = ("title", "journal", "year", "indexing", "doi", "pmid", "citations", "cited_on", *_ENTERED)
    filters = ("year", "indexing", "journal", "citations", ARCHIVED)
    order = ("-year", "-id")
    form = (
        "title", "journal", "year", "indexing", "doi", "pmid", "citations", "cited_on", "source", "evidence",
    )  # fmt: skip
    importer = PublicationImporter
    panels = (
        Panel(
            "facts",
            _("Publication"),
            fields=("title", "journal", "year", "indexing", "doi", "pmid", "citations", "cited_on"),
        ),
        Panel("authors", _("Authors"), template="influence/panels/authors.html", load=panels.authors),
        _PROOF,
    )
    services = {
        "create": services.publication_create,
        "update": services.publication_update,
        "archive": services.publication_archive,
    }


@register
class TieSurface(Surface):
    model = Tie
    section = "customers"
    columns = ("kind", "professional", "other", "valid_from", "valid_to", *_ENTERED)
    filters = ("kind", "professional", "other", "valid_from", "valid_to", ARCHIVED)
    order = ("-valid_from", "-id")
    form = ("kind", "professional", "other", "valid_from", "valid_to", "source", "evidence")
    importer = TieImporter
    panels = (
        Panel("facts", _("Tie"), fields=("kind", "professional", "other", "valid_from", "valid_to")),
        _PROOF,
    )
    services = {"create": services.tie_create, "update": services.tie_update, "archive": services.tie_archive}
