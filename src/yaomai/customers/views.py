"""The 360° pages, and what can be done on them. Each view calls one selector or one service."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.customers import panels, profile, selectors, services
from yaomai.customers.forms import (
    ContactForm,
    FactForm,
    LeaveForm,
    NameForm,
    RevealForm,
    TypeEndForm,
    TypeMarkForm,
    WorkplaceForm,
)
from yaomai.customers.models import Affiliation, CustomerType, Institution, Professional
from yaomai.customers.services.profiles import SurerSource
from yaomai.kit.access import Actor, get_visible, require
from yaomai.kit.errors import Invalid, Missing, Stale
from yaomai.kit.surfaces.forms import attempt as in_form
from yaomai.kit.surfaces.small_forms import small_form
from yaomai.kit.surfaces.views import actor_of

EVENTS_SHOWN = 20
MODELS: dict[str, Any] = {"institution": Institution, "professional": Professional}
Row = Institution | Professional
ASKED = gettext_lazy("A steward decides about it; you see what became of it under change requests.")


def attempt(form: Any, work: Callable[[], Any]) -> bool:
    """Run a service and tell whether it did it; else the form says what is wrong."""
    in_form(form, work)
    return not form.errors


def row_of(entity: str, pk: int) -> Row:
    """Return the row in the actor's view."""
    if entity not in MODELS:
        raise Missing
    found: Row = get_visible(MODELS[entity], pk=pk)
    return found


def url_of(row: Row, fragment: str = "") -> str:
    """Return the address of a row's page."""
    return reverse(f"customers:{selectors.entity_of(row)}_detail", args=[row.pk]) + fragment


def institution_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show everything about an institution on one page."""
    return _page(request, "institution", pk)


def professional_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show everything about a professional on one page."""
    return _page(request, "professional", pk)


def _page(request: HttpRequest, entity: profile.Entity, pk: int) -> HttpResponse:
    actor = actor_of(request)
    related = ("division", "territory", "parent", "merged_into")
    if entity == "professional":
        related = ("institution", "department", "territory", "merged_into")
    model = MODELS[entity]
    row = model.objects.select_related(*related).filter(pk=pk).first()
    if row is None:
        raise Missing
    may = _may(actor, row)
    context = {
        "entity": entity,
        "row": row,
        "may": may,
        "slots": panels.panels_of(entity, row, actor, ("left", "middle")),
        "signals": panels.signals_of(entity, row, actor, timezone.localdate()),
        "edit_url": reverse(f"customers:{entity}_edit", args=[pk]),
        "archive_url": reverse(f"customers:{entity}_archive", args=[pk]),
        "list_url": reverse(f"customers:{entity}_list"),
        "may_ask": not may["edit"] and row.archived_at is None,
        "may_review": actor.may(model.right("review")),
        "types": selectors.customer_type_labels(row) if entity == "professional" else [],
        "crumbs": [(str(row), "")],
        "merged_url": url_of(row.merged_into) if row.merged_into else "",
    }
    return render(request, "customers/page.html", context)


def page_below(request: HttpRequest, entity: profile.Entity, pk: int) -> HttpResponse:
    """Show what stands below in the middle column."""
    actor, row = actor_of(request), row_of(entity, pk)
    return _fetched(request, "below", entity, row, slots=panels.panels_of(entity, row, actor, ("below",)))


def page_beside(request: HttpRequest, entity: profile.Entity, pk: int) -> HttpResponse:
    """Show the right column, and the timeline."""
    actor, row = actor_of(request), row_of(entity, pk)
    slots = panels.panels_of(entity, row, actor, ("right",))
    events = panels.events_of(entity, row, actor, EVENTS_SHOWN)
    return _fetched(request, "beside", entity, row, slots=slots, events=events)


def _fetched(request: HttpRequest, part: str, entity: profile.Entity, row: Row, **said: Any) -> HttpResponse:
    """Show what the page fetches once it is there; without script, on a page of its own."""
    name = f"customers/parts/{part}.html"
    context = {
        "entity": entity, "row": row, "may": _may(actor_of(request), row), "part": name, "back_url": url_of(row), **said,
    }  # fmt: skip
    in_place = request.headers.get("HX-Request") == "true"
    return render(request, name if in_place else "customers/fetched.html", context)


def _may(actor: Actor, row: Row) -> dict[str, bool]:
    return {verb: actor.may(row.right(verb)) for verb in ("edit", "archive", "merge", "reveal")}


def fact_edit(request: HttpRequest, entity: str, pk: int, code: str) -> HttpResponse:
    """Edit a profile field in place; without script, on a page of its own."""
    actor = actor_of(request)
    row = row_of(entity, pk)
    require(actor, row.right("edit"))
    field = profile.field(selectors.entity_of(row), code)
    if field is None:
        raise Missing
    line, value = selectors.profile_line(row, code, today=timezone.localdate())
    # The value that is written now has a source of its own, whatever was said of the one before.
    initial = {"value": value, "source": request.GET.get("said_at", "")[:200], "seen": line.fact}
    form = FactForm(request.POST or None, initial=initial, field=field)
    if request.method == "POST" and form.is_valid():
        asks = "ask" in request.POST
        write = (
            partial(change_ask, form.cleaned_data, actor, row, code)
            if asks
            else partial(_fact_save, form, actor, row, code)
        )
        if attempt(form, write):
            return _fact_shown(request, row, code, note=ASKED if asks else "")
    context = {
        "entity": entity,
        "row": row,
        "field": field,
        "form": form,
        "back": url_of(row, "#profile"),
        "stands_surer": form.data.get("insists") == "on",
    }
    in_place = request.headers.get("HX-Request") == "true"
    return render(request, "customers/parts/fact_form.html" if in_place else "customers/fact.html", context)


def _fact_save(form: FactForm, actor: Actor, row: Row, code: str) -> Any:
    """Record what a form says; a conflict is said in the form, and who saves again means it."""
    record = services.institution_fact_record if isinstance(row, Institution) else services.professional_fact_record
    said = form.cleaned_data
    try:
        return record(actor=actor, pk=row.pk, field=code, now=timezone.now(), **said)
    except (Stale, SurerSource) as error:
        shown, _value = selectors.profile_line(row, code, today=timezone.localdate())
        data: Any = form.data
        form.data = data = data.copy()
        data["seen"], data["insists"] = str(shown.fact), "on" if isinstance(error, SurerSource) else ""
        raise Invalid(fields={"value": [str(error)]}) from error


def change_ask(said: dict[str, Any], actor: Actor, row: Row, code: str) -> Any:
    """Ask for what a form of a field says."""
    propose = (
        services.institution_change_propose if isinstance(row, Institution) else services.professional_change_propose
    )
    asked = {name: said[name] for name in ("value", "source", "source_kind")}
    return propose(actor=actor, pk=row.pk, field=code, now=timezone.now(), **asked)


def fact_show(request: HttpRequest, entity: str, pk: int, code: str) -> HttpResponse:
    """Show a profile field, after its editing was given up."""
    row = row_of(entity, pk)
    if profile.field(selectors.entity_of(row), code) is None:
        raise Missing
    return _fact_shown(request, row, code)


def _fact_shown(request: HttpRequest, row: Row, code: str, *, note: Any = "") -> HttpResponse:
    if request.headers.get("HX-Request") != "true":
        return HttpResponseRedirect(url_of(row, "#profile"))
    line, _value = selectors.profile_line(row, code, today=timezone.localdate())
    context = {"entity": selectors.entity_of(row), "row": row, "line": line, "may_edit": True, "note": note}
    return render(request, "customers/parts/fact.html", context)


def facts_check(request: HttpRequest, entity: str, pk: int) -> HttpResponse:
    """Confirm that the profile still holds."""
    row = row_of(entity, pk)
    check = services.institution_facts_check if entity == "institution" else services.professional_facts_check
    count = check(actor=actor_of(request), pk=pk, now=timezone.now(), fields=request.POST.getlist("field"))
    messages.success(request, _("%(count)s fields confirmed.") % {"count": count})
    return HttpResponseRedirect(url_of(row, "#profile"))


def name_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Remember another name of an institution."""
    actor = actor_of(request)
    row = row_of("institution", pk)
    require(actor, row.right("edit"))
    return small_form(
        request, NameForm(request.POST or None), title=_("Add a name"), note=str(row), back=url_of(row),
        write=lambda said: services.institution_name_add(actor=actor, pk=pk, now=timezone.now(), **said),
    )  # fmt: skip


def name_remove(request: HttpRequest, pk: int, name: int) -> HttpResponse:
    """Forget another name."""
    services.institution_name_remove(actor=actor_of(request), pk=pk, name_id=name, now=timezone.now())
    return HttpResponseRedirect(url_of(row_of("institution", pk)))


def contact_add(request: HttpRequest, entity: str, pk: int) -> HttpResponse:
    """Add contact data."""
    actor = actor_of(request)
    row = row_of(entity, pk)
    require(actor, row.right("edit"))
    add = services.institution_contact_add if entity == "institution" else services.professional_contact_add
    return small_form(
        request, ContactForm(request.POST or None), title=_("Add contact data"), note=str(row), back=url_of(row),
        write=lambda said: add(actor=actor, pk=pk, now=timezone.now(), **said),
    )  # fmt: skip


def contact_remove(request: HttpRequest, entity: str, pk: int, contact: int) -> HttpResponse:
    """Delete contact data for good."""
    row = row_of(entity, pk)
    remove = services.institution_contact_remove if entity == "institution" else services.professional_contact_remove
    remove(actor=actor_of(request), pk=pk, contact=contact, now=timezone.now())
    return HttpResponseRedirect(url_of(row))


def contact_reveal(request: HttpRequest, entity: str, pk: int, contact: int) -> HttpResponse:
    """Ask for the reason, then show contact data in clear, once."""
    actor = actor_of(request)
    row = row_of(entity, pk)
    require(actor, row.right("reveal"))
    found = row.contacts.filter(pk=contact).first()
    if found is None:
        raise Missing
    form = RevealForm(request.POST or None)
    reveal = services.institution_contact_reveal if entity == "institution" else services.professional_contact_reveal
    shown: list[str] = []
    if request.method == "POST" and form.is_valid():
        attempt(
            form,
            lambda: shown.append(reveal(actor=actor, pk=pk, contact=contact, reason=form.cleaned_data["reason"])),
        )
    context = {
        "row": row,
        "contact": found,
        "form": form,
        "back": url_of(row),
        "action": request.path,
        "shown": shown[0] if shown else "",
    }
    answer = render(request, "customers/reveal.html", context)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def workplace_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Record where a professional works."""
    actor = actor_of(request)
    row = row_of("professional", pk)
    require(actor, row.right("edit"))
    return small_form(
        request, WorkplaceForm(request.POST or None, initial={"valid_from": timezone.localdate()}),
        title=_("Add a workplace"), note=str(row), back=url_of(row),
        write=lambda said: services.affiliation_start(actor=actor, professional=pk, now=timezone.now(), **said),
    )  # fmt: skip


def workplace_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that a professional left."""
    actor = actor_of(request)
    affiliation = get_visible(Affiliation, pk=pk)
    row = row_of("professional", affiliation.professional_id)
    require(actor, row.right("edit"))
    return small_form(
        request, LeaveForm(request.POST or None, initial={"valid_to": timezone.localdate()}),
        title=_("Left this workplace"), note=str(row), back=url_of(row),
        write=lambda said: services.affiliation_end(actor=actor, pk=pk, now=timezone.now(), **said),
    )  # fmt: skip


def type_mark(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a professional as a customer of a type."""
    actor = actor_of(request)
    row = row_of("professional", pk)
    require(actor, row.right("edit"))
    return small_form(
        request, TypeMarkForm(request.POST or None, initial={"valid_from": timezone.localdate()}),
        title=_("Mark a customer type"), note=str(row), back=url_of(row),
        write=lambda said: services.type_mark(actor=actor, pk=pk, now=timezone.now(), **said),
    )  # fmt: skip


def type_unmark(request: HttpRequest, pk: int, customer_type: str) -> HttpResponse:
    """End the mark of a customer type."""
    actor = actor_of(request)
    row = row_of("professional", pk)
    require(actor, row.right("edit"))
    if customer_type not in CustomerType.values:
        raise Missing
    return small_form(
        request, TypeEndForm(request.POST or None), title=_("No longer: %(type)s") % {"type": CustomerType(customer_type).label},
        note=str(row), back=url_of(row),
        write=lambda said: services.type_unmark(
            actor=actor, pk=pk, now=timezone.now(), customer_type=customer_type, reason=said["reason"]),
    )  # fmt: skip


def restore(request: HttpRequest, entity: str, pk: int) -> HttpResponse:
    """Put an archived row back."""
    row = row_of(entity, pk)
    put_back = services.institution_restore if entity == "institution" else services.professional_restore
    put_back(actor=actor_of(request), pk=pk, now=timezone.now())
    return HttpResponseRedirect(url_of(row))
