"""Lists of this room."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from yaomai.kit.access import Actor
from yaomai.kit.surfaces import Column, Panel, Surface, register
from yaomai.kit.surfaces.filters import ARCHIVED
from yaomai.kit.surfaces.surface import View, extend
from yaomai.privacy import panels, services
from yaomai.privacy.models import ImpactAssessment, PersonConsent, Processing, Release, SubjectRequest


@register
class SubjectRequestSurface(Surface):
    model = SubjectRequest
    section = "integrity"
    slug = "requests"
    columns = ("professional", "kind", "received_on", "due_on", "latest_on", "state", "channel", "taken_by", "handler",
               "closed_at")  # fmt: skip
    filters = ("kind", "state", "professional", "due_on", "received_on")
    order = ("due_on", "id")
    form = ("professional", "kind", "received_on", "channel", "identity", "words")
    services = {"create": services.request_take}
    panels = (
        Panel("request", template="privacy/panels/request.html", load=panels.request),
        Panel("facts", _("request of a data subject"), fields=("professional", "kind", "received_on", "channel", "identity",
                                                               "taken_by", "handler", "closed_at")),
    )  # fmt: skip


@register
class ProcessingSurface(Surface):
    model = Processing
    section = "integrity"
    slug = "processings"
    columns = ("name", "basis", "citation", Column("sensitive", label=_("Sensitive"), kind="check", value=lambda row: row.is_sensitive),
               "is_automated", "receivers", "is_abroad", "retention", "notice_number")  # fmt: skip
    filters = ("basis", "is_automated", "is_abroad", ARCHIVED)
    order = ("name", "id")
    form = ("name", "basis", "citation", "kinds", "method", "is_automated", "receivers", "is_abroad", "retention", "measures",
            "notice")  # fmt: skip
    services = {
        "create": services.processing_create,
        "update": services.processing_update,
        "archive": services.processing_archive,
    }
    panels = (
        Panel("processing", template="privacy/panels/processing.html", load=panels.processing),
        Panel("facts", _("processing"), fields=("basis", "citation", "method", "receivers", "is_abroad", "is_automated",
                                                "retention", "measures")),
    )  # fmt: skip


@register
class PersonConsentSurface(Surface):
    model = PersonConsent
    section = "integrity"
    columns = ("professional", "processing", "notice_number", "is_separate", "given_on", "withdrawn_on", "evidence")
    filters = ("professional", "processing", "is_separate", "given_on", "withdrawn_on")
    order = ("-given_on", "-id")
    form = ("professional", "processing", "is_separate", "given_on", "evidence")
    services = {"create": services.consent_give}
    panels = (
        Panel("consent", template="privacy/panels/consent.html", load=panels.consent),
        Panel(
            "facts",
            _("consent of a person"),
            fields=("professional", "processing", "is_separate", "given_on", "evidence"),
        ),
    )


@register
class ImpactAssessmentSurface(Surface):
    model = ImpactAssessment
    section = "integrity"
    columns = ("processing", "assessed_on", "state", "author")
    filters = ("processing", "state", "assessed_on")
    order = ("-assessed_on", "-id")
    form = ("processing", "assessed_on", "necessity", "impact", "measures")
    services = {"create": services.assessment_ask}
    panels = (
        Panel("assessment", template="privacy/panels/decided.html", load=panels.assessment),
        Panel(
            "facts",
            _("impact assessment"),
            fields=("processing", "assessed_on", "necessity", "impact", "measures", "author"),
        ),
    )


@register
class ReleaseSurface(Surface):
    model = Release
    section = "integrity"
    columns = ("purpose", "persons", "sensitive_persons", "receiver", "to_third_party", "abroad", "route", "valid_until",
               "state", "author")  # fmt: skip
    filters = ("state", "to_third_party", "abroad", "valid_until")
    order = ("-valid_until", "-id")
    form = ("purpose", "persons", "sensitive_persons", "receiver", "to_third_party", "separate_consent", "abroad", "route",
            "valid_until")  # fmt: skip
    services = {"create": services.release_ask}
    panels = (
        Panel("release", template="privacy/panels/decided.html", load=panels.release),
        Panel("facts", _("release of data"), fields=form),
    )


def _views(_actor: Actor) -> Iterable[View]:
    yield View(pgettext("privacy", "Open"), "state=open")


extend(SubjectRequest, views=[_views])
