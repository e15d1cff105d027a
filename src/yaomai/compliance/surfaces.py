"""Lists of this room."""

from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.compliance import panels, rulebook, services
from yaomai.compliance.importers import ConsentImporter
from yaomai.compliance.models import Consent, Rule
from yaomai.kit.surfaces import Column, Panel, Surface, register
from yaomai.kit.surfaces.filters import Filter


def _in_force(chosen: bool) -> Q:
    condition = Q(pk__in=[rule.pk for rule in rulebook.on_day(timezone.localdate()).rules])
    return condition if chosen else ~condition


def _holds(chosen: bool) -> Q:
    day = timezone.localdate()
    condition = Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gt=day))
    return condition if chosen else ~condition


def _codes(name: str) -> Any:
    return lambda row: "、".join(getattr(row, name))


@register
class RuleSurface(Surface):
    model = Rule
    section = "compliance"
    columns = (
        "code",
        "number",
        "pack",
        "level",
        Column("text", label=_("What it says"), value=lambda rule: rule.text),
        Column("kinds", value=panels.kinds_of, sortable=False),
        Column("condition", label=_("Condition"), value=panels.condition_of),
        "source",
        "article",
        "confidence",
        "status",
        "valid_from",
        "valid_to",
        Column("text_zh", is_default=False, sortable=False),
        Column("text_en", is_default=False, sortable=False),
        Column("reference", is_default=False),
        Column("regions", value=_codes("regions"), is_default=False, sortable=False),
        Column("products", value=_codes("products"), is_default=False, sortable=False),
        Column("roles", value=_codes("roles"), is_default=False, sortable=False),
    )
    filters = (
        Filter("in_force", label=_("In force today"), kind="flag", condition=_in_force), "pack", "level", "confidence",
        "status", "valid_from",
    )  # fmt: skip
    order = ("code", "-number", "id")
    panels = (
        Panel("rule", template="compliance/panels/rule.html", load=panels.rule),
        Panel("versions", _("Versions"), template="compliance/panels/versions.html", load=panels.versions, order=200),
    )


@register
class ConsentSurface(Surface):
    model = Consent
    section = "compliance"
    columns = (
        "institution",
        "document",
        "kind",
        Column("activities", value=panels.activities_of, sortable=False),
        Column("covered", label=_("Departments"), load=panels.departments_of),
        "reception",
        "valid_from",
        "valid_to",
    )
    filters = (
        "institution", "kind", Filter("active", label=_("Holds today"), kind="flag", condition=_holds), "valid_to",
        Filter("archived_at", label=_("Archived"), kind="flag"),
    )  # fmt: skip
    order = ("document", "id")
    form = (
        "institution", "kind", "document", "activities", "departments", "reception", "valid_from", "valid_to", "note",
    )  # fmt: skip
    importer = ConsentImporter
    services = {
        "create": services.consent_create,
        "update": services.consent_update,
        "archive": services.consent_archive,
    }
    panels = (
        Panel("facts", _("consent"), fields=("institution", "kind", "document", "reception", "valid_from", "valid_to", "note")),
        Panel("scope", template="compliance/panels/consent.html", load=panels.consent),
    )  # fmt: skip
