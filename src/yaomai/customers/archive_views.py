"""Portrait, workshop, provenance, change requests, and the archives of the team."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from yaomai.customers import archives, portrait, profile, selectors, services
from yaomai.customers.forms import FactForm, ReasonForm
from yaomai.customers.views import ASKED, MODELS, change_ask, row_of, url_of
from yaomai.kit.access import require
from yaomai.kit.documents.pdf import pdf
from yaomai.kit.documents.responding import FORMATS, respond
from yaomai.kit.errors import Invalid, Missing
from yaomai.kit.memo import one_page
from yaomai.kit.surfaces.bulk import selection_of
from yaomai.kit.surfaces.services import export_record
from yaomai.kit.surfaces.small_forms import small_form
from yaomai.kit.surfaces.surface import surface_of
from yaomai.kit.surfaces.views import actor_of

MOST_PORTRAITS = 60
OVERLAP = timedelta(seconds=15)
"""How far a look at what others recorded reaches back: a write is seen only once it is whole."""
RELATED = {
    "institution": ("division", "territory"),
    "professional": ("institution", "department", "territory"),
}


def _portrait_row(entity: str, pk: int, verb: str) -> Any:
    model = MODELS[entity]
    row = model.objects.allowed(model.right(verb)).select_related(*RELATED[entity]).filter(pk=pk).first()
    if row is None:
        raise Missing
    return row


def portrait_page(request: HttpRequest, entity: profile.Entity, pk: int) -> HttpResponse:
    """Show the one-page portrait, ready to print."""
    row, actor = _portrait_row(entity, pk, "view"), actor_of(request)
    context = {
        "row": row,
        "entity": entity,
        "document": portrait.portrait_of(entity, row, actor, now=timezone.now()),
        "may_edit": actor.may(row.right("edit")) and row.archived_at is None,
        "may_export": actor.may(row.right("export")),
        "back": url_of(row),
    }
    return render(request, "customers/portrait.html", context)


def portrait_file(request: HttpRequest, entity: profile.Entity, pk: int, suffix: str) -> HttpResponse:
    """Return the portrait as a file; that it left is on record."""
    row, actor = _portrait_row(entity, pk, "export"), actor_of(request)
    if suffix not in FORMATS:
        raise Missing
    document = portrait.portrait_of(entity, row, actor, now=timezone.now())
    _record(actor, entity, 1)
    return respond(document, suffix, file_name=_("Portrait-%(name)s") % {"name": row})


def portraits(request: HttpRequest, entity: profile.Entity) -> HttpResponse:
    """Return the portraits of the chosen rows of a list in one file."""
    actor = actor_of(request)
    model = MODELS[entity]
    require(actor, model.right("export"))
    selection = selection_of(request, surface_of(model), actor, model.right("export"))
    if len(selection.keys) > MOST_PORTRAITS:
        raise Invalid(_("At most %(most)s portraits at once. Choose fewer.") % {"most": MOST_PORTRAITS})
    now = timezone.now()
    with one_page():
        rows = model.objects.select_related(*RELATED[entity]).filter(pk__in=selection.keys).order_by("name", "pk")
        documents = portrait.portraits_of(entity, list(rows), actor, now=now)
    _record(actor, entity, len(documents))
    response = HttpResponse(pdf(*documents), content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(True, _("Portraits") + ".pdf") or ""
    response["Cache-Control"] = "no-store"
    return response


def _record(actor: Any, entity: str, rows: int) -> None:
    model = MODELS[entity]
    export_record(actor=actor, right=model.right("export"), entity=str(_("Portraits")), rows=rows, query="", columns=[])


# Workshop --------------------------------------------------------------------------------------------------------


def workshop(request: HttpRequest, entity: profile.Entity, pk: int) -> HttpResponse:
    """Let several people fill one profile at once: each field saves for itself, others' answers appear."""
    row = row_of(entity, pk)
    require(actor_of(request), row.right("edit"))
    now = timezone.now()
    seen = selectors.fields_changed(row, since=now - OVERLAP)
    context = {
        "row": row,
        "entity": entity,
        "groups": selectors.profile_of(row, today=timezone.localdate(now)),
        "since": _moment(now - OVERLAP),
        "seen": ",".join(seen.values()),
        "source": _("Workshop on %(day)s") % {"day": timezone.localdate(now).isoformat()},
        "back": url_of(row),
    }
    return render(request, "customers/workshop.html", context)


def workshop_news(request: HttpRequest, entity: profile.Entity, pk: int) -> HttpResponse:
    """Return the fields that anybody recorded since; nothing when there are none."""
    row = row_of(entity, pk)
    require(actor_of(request), row.right("edit"))
    try:
        since = datetime.fromtimestamp(int(request.GET.get("since", "0")) / 1000, tz=UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Missing from error
    marks, seen = selectors.fields_changed(row, since=since), request.GET.get("seen", "").split(",")
    news = {field for field, mark in marks.items() if mark not in seen}
    if not news:
        return HttpResponse(status=204)
    now = timezone.now()
    groups = selectors.profile_of(row, today=timezone.localdate(now))
    context = {
        "row": row,
        "entity": entity,
        "lines": [line for _label, group in groups for line in group if line.field.code in news],
        "editing": request.GET.get("editing", "").split(","),
        "since": _moment(now - OVERLAP),
        "seen": ",".join(marks.values()),
    }
    return render(request, "customers/parts/workshop_news.html", context)


def _moment(at: datetime) -> int:
    return int(at.timestamp() * 1000)


# Provenance and change requests ----------------------------------------------------------------------------------


def fact_history(request: HttpRequest, entity: profile.Entity, pk: int, code: str) -> HttpResponse:
    """Show every value that a field had, and why each won."""
    row, field = row_of(entity, pk), profile.field(entity, code)
    if field is None:
        raise Missing
    context = {
        "row": row,
        "field": field,
        "rows": archives.provenance(row, field, today=timezone.localdate()),
        "back": url_of(row, "#profile"),
    }
    return render(request, "customers/fact_history.html", context)


def change_propose(request: HttpRequest, entity: profile.Entity, pk: int, code: str) -> HttpResponse:
    """Ask for another value of a field."""
    actor = actor_of(request)
    row, field = row_of(entity, pk), profile.field(entity, code)
    if field is None:
        raise Missing
    _line, value = selectors.profile_line(row, code, today=timezone.localdate())
    return small_form(
        request, FactForm(request.POST or None, initial={"value": value}, field=field),
        title=_("Ask for a change: %(field)s") % {"field": field.label}, note=str(row), back=url_of(row), done=str(ASKED),
        write=lambda said: change_ask(said, actor, row, code),
    )  # fmt: skip


def requests(request: HttpRequest) -> HttpResponse:
    """Show what waits for a steward, and what one asked for oneself."""
    actor = actor_of(request)
    require(actor, "customers.professional:view")
    context = {
        "asked": archives.open_requests(actor, today=timezone.localdate()),
        "unverified": [(entity, row, url_of(row)) for entity, row in archives.unverified(actor)],
        "own": [(*each, url_of(each[1])) for each in archives.own_requests(actor)],
    }
    return render(request, "customers/requests.html", context)


def request_accept(request: HttpRequest, entity: profile.Entity, pk: int) -> HttpResponse:
    """Write what was asked for into the profile."""
    accept = services.institution_change_accept if entity == "institution" else services.professional_change_accept
    accept(actor=actor_of(request), pk=pk, now=timezone.now())
    messages.success(request, _("Accepted: the profile says so now."))
    return HttpResponseRedirect(reverse("customers:requests"))


def request_reject(request: HttpRequest, entity: profile.Entity, pk: int) -> HttpResponse:
    """Ask for the reason, then leave the profile as it is."""
    actor = actor_of(request)
    require(actor, MODELS[entity].right("review"))
    asked = next(
        (
            each
            for each in archives.open_requests(actor, today=timezone.localdate())
            if each.request.pk == pk and each.entity == entity
        ),
        None,
    )
    if asked is None:
        raise Missing
    reject = services.institution_change_reject if entity == "institution" else services.professional_change_reject
    return small_form(
        request, ReasonForm(request.POST or None), title=_("Reject: %(field)s") % {"field": asked.label}, note=str(asked.row),
        back=reverse("customers:requests"),
        write=lambda said: reject(actor=actor, pk=pk, reason=said["reason"], now=timezone.now()),
    )  # fmt: skip


def verify(request: HttpRequest, entity: profile.Entity, pk: int) -> HttpResponse:
    """Say that a record made in the field is right."""
    row = row_of(entity, pk)
    check = services.institution_verify if entity == "institution" else services.professional_verify
    check(actor=actor_of(request), pk=pk, now=timezone.now())
    messages.success(request, _("%(name)s is verified.") % {"name": row})
    return HttpResponseRedirect(url_of(row))


def team(request: HttpRequest, entity: profile.Entity) -> HttpResponse:
    """Show how complete and fresh the archives of each territory are."""
    require(actor_of(request), MODELS[entity].right("view"))
    lines = archives.team_lines(entity, today=timezone.localdate())
    context = {"entity": entity, "lines": lines, "count": sum(line.count for line in lines)}
    return render(request, "customers/archives.html", context)
