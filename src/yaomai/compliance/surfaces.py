"""Lists of this room."""

from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.compliance import panels, rulebook, services
from yaomai.compliance.importers import ConsentImporter, ExpenseImporter, TransferImporter
from yaomai.compliance.models import Check, Consent, Expense, Rule, Share, Transfer
from yaomai.kit.surfaces import Column, Panel, Surface, register
from yaomai.kit.surfaces.filters import ARCHIVED, Filter
from yaomai.kit.surfaces.surface import extend


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
        Column("kinds", value=panels.kinds_of, is_default=False, sortable=False),
        Column("condition", label=_("Condition"), value=panels.condition_of, is_default=False),
        "source",
        "article",
        "confidence",
        "status",
        "valid_from",
        Column("valid_to", is_default=False),
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
class CheckSurface(Surface):
    model = Check
    section = "compliance"
    columns = (
        Column("target_label", label=_("What"), value=str, sortable=False),
        Column("kind", value=panels.kind_of_check),
        "on",
        "outcome",
        Column("rules", value=lambda check: "、".join(check.rules), sortable=False),
        "person",
        "territory",
        "created_at",
        Column("facts", value=panels.facts_of_check, is_default=False, sortable=False),
    )
    filters = (Filter("kind", kind="choice", choices=panels.kind_choices), "outcome", "on", "person", "territory")
    order = ("-on", "-id")
    panels = (Panel("check", template="compliance/panels/check.html", load=panels.check),)


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
        ARCHIVED,
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


@register
class TransferSurface(Surface):
    model = Transfer
    section = "compliance"
    columns = (
        "on",
        "form",
        "item",
        Column("who", label=_("Recipients"), load=panels.recipients_of),
        "institution",
        Column("amount", kind="money"),
        "state",
        "requester",
        "event",
        "evidence",
        Column("spent", kind="money"),
        Column("recipient", is_default=False),
        Column("purpose", is_default=False, sortable=False),
        Column("quantity", is_default=False),
        Column("asked_on", is_default=False),
    )
    filters = ("form", "item", "state", "on", "institution", "requester", "amount", "recipient")
    order = ("-on", "-id")
    form = (
        "form", "item", "description", "recipient", "institution", "professionals", "on", "amount", "quantity",
        "own_heads", "hours", "paid_as", "purpose", "event", "agenda", "place", "is_overseas",
    )  # fmt: skip
    importer = TransferImporter
    services = {"create": services.transfer_request}
    panels = (
        Panel("transfer", template="compliance/panels/transfer.html", load=panels.transfer),
        Panel("facts", pgettext_lazy("compliance", "What is given"), fields=(
            "form", "item", "description", "recipient", "institution", "on", "amount", "quantity", "own_heads", "hours",
            "paid_as", "purpose", "event", "agenda", "place", "is_overseas", "requester", "asked_on", "spent", "evidence")),
    )  # fmt: skip


@register
class ShareSurface(Surface):
    model = Share
    section = "compliance"
    columns = (
        "on",
        "professional",
        Column("institution", label=_("Organisation")),
        Column("transfer__form", label=pgettext_lazy("compliance", "Form")),
        Column("transfer__item", label=pgettext_lazy("compliance", "Item")),
        Column("transfer__description", label=_("Description")),
        "count",
        Column("amount", kind="money"),
        Column("transfer__institution", label=_("Institution")),
        Column("transfer__purpose", label=_("Scientific purpose"), sortable=False),
        Column("transfer__requester", label=_("Asked by")),
        Column("transfer__state", label=_("State")),
        Column("transfer__evidence", label=_("Evidence")),
    )
    filters = (
        Filter("transfer__form", label=pgettext_lazy("compliance", "Form")), Filter("transfer__state", label=_("State")), "on", "professional",
        "institution", "amount",
    )  # fmt: skip
    order = ("-on", "-id")


extend(Share, views=[panels.registers])


@register
class ExpenseSurface(Surface):
    model = Expense
    section = "compliance"
    columns = (
        "claim",
        "line",
        "claimant",
        "on",
        "form",
        Column("amount", kind="money"),
        "invoice",
        "customer",
        "finding",
        "transfer",
        "note",
    )
    filters = ("finding", "form", "on", "claimant", "amount")
    order = ("-on", "-id")
    form = ("claim", "line", "claimant", "form", "on", "amount", "invoice", "customer")
    importer = ExpenseImporter
    services = {"create": services.expense_record, "update": services.expense_update}
    panels = (
        Panel(
            "facts", _("expense"), fields=("claim", "line", "claimant", "on", "form", "amount", "invoice", "customer")
        ),
        Panel("finding", template="compliance/panels/expense.html", load=panels.expense),
    )
