"""Lists of this room."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from yaomai.integrity import control_panels, crisis_panels, panels, services
from yaomai.integrity.models import Audit, Case, Contract, Crisis, Disclosure, Dossier, Provider, Risk
from yaomai.kit.access import Actor
from yaomai.kit.surfaces import Column, Panel, Surface, register
from yaomai.kit.surfaces.filters import ARCHIVED
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


@register
class CrisisSurface(Surface):
    model = Crisis
    section = "integrity"
    slug = "crises"
    columns = ("title", "kind", "is_drill", "opened_at", "state", "closed_at", "opened_by",
               Column("kept", label=_("Steps in time"), load=crisis_panels.steps_in_time))  # fmt: skip
    filters = ("kind", "is_drill", "state")
    order = ("-opened_at", "-id")
    form = ("kind", "title", "description", "is_drill")
    services = {"create": services.crisis_open}
    panels = (Panel("crisis", template="integrity/panels/crisis.html", load=crisis_panels.crisis),)


@register
class DisclosureSurface(Surface):
    model = Disclosure
    section = "integrity"
    columns = ("title", "authority", "found_on", "state", "handed_in_on", "mended_on", "reference", "author")
    filters = ("state", "found_on")
    order = ("-found_on", "-id")
    form = ("title", "authority", "found_on", "facts", "measures")
    services = {"create": services.disclosure_create, "update": services.disclosure_update}
    panels = (
        Panel("disclosure", template="integrity/panels/disclosure.html", load=crisis_panels.disclosure),
        Panel("facts", _("What is told"), fields=("authority", "found_on", "facts", "measures", "author", "handed_in_on",
                                                   "reference", "mended_on", "result")),
    )  # fmt: skip


@register
class ProviderSurface(Surface):
    model = Provider
    section = "integrity"
    columns = ("name", "kind", "credit_code", "finding", "checked_on", "valid_to", "is_related", "has_offences",
               "has_capacity", Column("owners", is_default=False), Column("services", is_default=False, sortable=False))  # fmt: skip
    filters = ("kind", "finding", "is_related", "valid_to", ARCHIVED)
    order = ("name", "id")
    form = ("name", "kind", "credit_code", "owners", "services", "is_related", "has_offences", "has_capacity", "finding",
            "basis", "checked_on", "valid_to")  # fmt: skip
    services = {
        "create": services.provider_create,
        "update": services.provider_update,
        "archive": services.provider_archive,
    }
    panels = (
        Panel("diligence", template="integrity/panels/provider.html", load=control_panels.provider),
        Panel("facts", pgettext_lazy("integrity", "third party"), fields=form),
    )


@register
class ContractSurface(Surface):
    model = Contract
    section = "integrity"
    columns = ("number", "title", "kind", "provider", "institution", Column("amount", kind="money"), "state", "begins_on",
               "ends_on", "is_public", Column("found", label=_("Found in its words"), value=control_panels.flaws_of, sortable=False),
               "author")  # fmt: skip
    filters = ("kind", "state", "provider", "institution", "is_public", "amount", "begins_on")
    order = ("-begins_on", "-id")
    form = ("kind", "number", "title", "provider", "institution", "recipient", "amount", "purpose", "booking", "checks",
            "text", "is_public", "begins_on", "ends_on")  # fmt: skip
    services = {"create": services.contract_ask}
    panels = (
        Panel("review", template="integrity/panels/contract.html", load=control_panels.contract),
        Panel("facts", pgettext_lazy("integrity", "contract"), fields=("kind", "number", "title", "provider", "institution", "recipient", "amount",
                                              "purpose", "booking", "is_public", "begins_on", "ends_on", "author")),
    )  # fmt: skip


@register
class RiskSurface(Surface):
    model = Risk
    section = "integrity"
    columns = ("title", "area", "likelihood", "impact",
               Column("weight", label=_("Weight"), value=lambda risk: risk.weight, sortable=False), "owner", "review_on",
               Column("controls", sortable=False), Column("cause", is_default=False, sortable=False))  # fmt: skip
    filters = (
        "area",
        "likelihood",
        "impact",
        "owner",
        "review_on",
        ARCHIVED,
    )
    order = ("-impact", "-likelihood", "id")
    form = ("area", "title", "cause", "likelihood", "impact", "controls", "owner", "review_on")
    services = {"create": services.risk_create, "update": services.risk_update, "archive": services.risk_archive}
    panels = (
        Panel("weight", template="integrity/panels/risk.html", load=control_panels.risk),
        Panel("facts", pgettext_lazy("integrity", "risk"), fields=form),
    )


@register
class AuditSurface(Surface):
    model = Audit
    section = "integrity"
    columns = ("title", "drawn_from", "start", "end", "method", "size", "population", Column("total", kind="money"),
               Column("looked", label=_("Looked at"), load=control_panels.looked_at))  # fmt: skip
    filters = ("drawn_from", "method", "start")
    order = ("-start", "-id")
    form = ("title", "drawn_from", "start", "end", "method", "size")
    services = {"create": services.audit_draw}
    panels = (Panel("audit", template="integrity/panels/audit.html", load=control_panels.audit),)
