"""The screens of a surface. Each view reads through a listing or writes through one service call."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.kit.access import Actor, get_visible, require, row_id
from yaomai.kit.errors import Missing, Stale
from yaomai.kit.search import matching
from yaomai.kit.surfaces import meanwhile, services
from yaomai.kit.surfaces.bulk import run_bulk
from yaomai.kit.surfaces.columns import Column, cell, cells, resolve
from yaomai.kit.surfaces.filters import parameters
from yaomai.kit.surfaces.forms import ServiceForm, attempt, form_class
from yaomai.kit.surfaces.lists import COUNTED, PAGE_SIZE, Listing, listing
from yaomai.kit.surfaces.pages import Page, limited_count, ordering
from yaomai.kit.surfaces.pages import page as first_page
from yaomai.kit.surfaces.surface import BulkAction, Panel, Surface
from yaomai.kit.ui import formats, values
from yaomai.kit.ui.tables import BulkAction as TableAction
from yaomai.kit.ui.tables import Column as TableColumn
from yaomai.kit.ui.tables import Row, Table, chosen

OPTIONS = 20
MOST_COSTLY_COUNT = 5000.0
"""As much as reading some thousand rows."""


def actor_of(request: HttpRequest) -> Actor:
    """Return the signed-in actor; a view behind `login_required` always has one."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        raise Missing
    return actor


def list_view(request: HttpRequest, surface: type[Surface]) -> HttpResponse:
    """Show the list: filters as sentences, saved views as tabs, one page of rows."""
    actor = actor_of(request)
    require(actor, surface.right("view"))
    asked = listing(surface, actor, request.GET)
    offered = asked.columns
    asked = replace(asked, columns=shown_columns(request, offered))
    page = asked.page(cursor=request.GET.get("cursor", ""))
    query = services.parameters_without(request.GET)
    views, summary = _view_tabs(request, actor, surface), _summary(asked, page)
    is_new_view = query and not any(view["is_active"] for view in views)
    in_use = asked.sentences()
    is_narrowed = bool(asked.text or in_use)
    context = {
        "surface": surface,
        "title": capfirst(surface.label_plural()),
        "table": _table(request, actor, asked, page, summary, offered),
        "filters": [{"text": text, "remove_url": _without(request, *parameters(item))} for item, text in in_use],
        # The fields are a fifth of the page and are fetched when the menu is opened; until then hidden ones hold the values.
        "filters_url": f"{surface.url('filters')}?{query}" if asked.filters else "",
        "filter_values": asked.kept,
        "search_field": SearchForm({"q": asked.text})["q"] if surface.search else None,
        "is_narrowed": is_narrowed,
        "clear_url": request.path if is_narrowed else "",
        "keep": [(name, request.GET[name]) for name in ("sort",) if name in request.GET],
        "views": views,
        "previous_url": _with_cursor(request, page.previous_cursor),
        "next_url": _with_cursor(request, page.next_cursor),
        "summary": summary,
        "new_url": _url_if(surface, actor, "create", "new"),
        "importers": surface.all_importers(actor),
        "export_url": surface.url("export"),
        "export_query": query,
        "may_export": actor.may(surface.right("export")),
        "returning": [each for each in surface.all_importers(actor) if each.model is surface.model],
        "save_view_url": f"{surface.url('view_save')}?{urlencode({'query': query})}" if is_new_view else "",
    }
    return render(
        request,
        [f"{surface.room()}/{surface.model._meta.model_name}_list.html", "surfaces/list.html"],
        context,
    )


def filters_view(request: HttpRequest, surface: type[Surface]) -> HttpResponse:
    """Show the fields of the filter menu, which a list that is not filtered fetches when the menu is opened.

    Without script they are a page of their own.
    """
    actor = actor_of(request)
    require(actor, surface.right("view"))
    asked = listing(surface, actor, request.GET)
    fields = list(asked.form)
    if request.headers.get("HX-Request") == "true":
        return render(request, "ui/parts/filter_fields.html", {"fields": fields})
    context = {
        "title": capfirst(surface.label_plural()),
        "fields": fields,
        "list_url": surface.url("list"),
        "keep": [(name, request.GET[name]) for name in ("q", "sort") if name in request.GET],
    }
    return render(request, "surfaces/filters.html", context)


class SearchForm(forms.Form):
    """The search box of a list."""

    q = forms.CharField(
        required=False,
        label=gettext_lazy("Search"),
        widget=forms.TextInput(
            attrs={"type": "search", "class": "form-control", "placeholder": gettext_lazy("Name, pinyin or initials")}
        ),
    )


def _url_if(surface: type[Surface], actor: Actor, verb: str, view: str) -> str:
    allowed = verb in surface.services and actor.may(surface.right(verb))
    return surface.url(view) if allowed else ""


def _without(request: HttpRequest, *names: str) -> str:
    query = services.parameters_without(request.GET, *names)
    return f"{request.path}?{query}" if query else request.path


def _with_cursor(request: HttpRequest, cursor: str) -> str:
    if not cursor:
        return ""
    query = request.GET.copy()
    query["cursor"] = cursor
    return f"{request.path}?{query.urlencode()}"


def _action_url(surface: type[Surface], action: BulkAction, query: str) -> str:
    if action.url_name:
        return f"{reverse(action.url_name)}?{query}"
    return f"{surface.url('bulk')}?action={action.name}&{query}"


def shown_columns(request: HttpRequest, offered: list[Column]) -> list[Column]:
    """Return the columns to show: what nobody looks at is neither read nor drawn. The first one names the row."""
    names = chosen(request, [column.name for column in offered if column.is_default])
    return [column for column in offered if column is offered[0] or column.name in names]


def _table(
    request: HttpRequest, actor: Actor, asked: Listing, page: Page, summary: str, offered: list[Column]
) -> Table:
    surface, rows = asked.surface, page.rows
    drawn = {column.name for column in asked.columns}
    has_detail = bool(surface.form or surface.panels)
    columns = [
        TableColumn(
            key=column.name,
            label=column.label,
            kind=column.kind or "text",
            sort_url=_sort_url(request, asked, column.name) if column.sortable else "",
            sorted=_sorted(asked, column.name),
            is_hidden=column.name not in drawn,
        )
        for column in offered
    ]
    values = cells(rows, asked.columns)
    actions = [
        TableAction(
            label=action.label,
            url=_action_url(surface, action, services.parameters_without(request.GET)),
            icon=action.icon,
            is_danger=action.is_danger,
        )
        for action in surface.all_actions(actor)
    ]
    if "update" in surface.services and surface.form and actor.may(surface.right("edit")):
        url = f"{surface.url('bulk')}?action=edit&{services.parameters_without(request.GET)}"
        actions.insert(0, TableAction(label=_("Edit selected"), url=url, icon="edit"))
    query = services.parameters_without(request.GET)
    actions += [
        TableAction(label=page.label, url=f"{reverse(page.url_name)}?{query}", icon=page.icon)
        for page in surface.all_pages(actor)
    ]
    return Table(
        caption=surface.label_plural(),
        columns=columns,
        rows=[
            Row(cells=line, key=str(row.pk), url=surface.url("detail", row.pk) if has_detail else "")
            for row, line in zip(rows, values, strict=True)
        ],
        name=surface.model._meta.label_lower,
        bulk=actions,
        every=_every(asked, page, summary) if actions else "",
    )


def _sort_url(request: HttpRequest, asked: Listing, name: str) -> str:
    query = request.GET.copy()
    query.pop("cursor", None)
    query["sort"] = f"-{name}" if asked.sort == name else name
    return f"{request.path}?{query.urlencode()}"


def _sorted(asked: Listing, name: str) -> Any:
    first, descending = asked.order[0]
    if first != name or (asked.text and not asked.sort):
        return ""
    return "descending" if descending else "ascending"


def _every(asked: Listing, page: Page, summary: str) -> str:
    """Return what to call all rows that match, "" where this page shows them all."""
    if asked.text and not asked.sort:
        return _("All that match the search") if len(page.rows) == PAGE_SIZE else ""
    if not page.next_cursor and not page.previous_cursor:
        return ""
    return _("All that match: %(summary)s") % {"summary": summary}


def _summary(asked: Listing, page: Page) -> str:
    """Return how many rows there are: exactly while that costs little, else as the planner expects."""
    shown = len(page.rows)
    if asked.text and not asked.sort:
        return _("The %(count)s best matches") % {"count": shown}
    if not page.next_cursor and not page.previous_cursor:
        return _("%(count)s in all") % {"count": f"{shown:,}"}
    if page.total is not None:
        return _("%(count)s in all") % {"count": f"{page.total:,}"}
    if page.whole.rows <= COUNTED and page.whole.cost <= MOST_COSTLY_COUNT:
        count = limited_count(asked.rows(), COUNTED)
        if count <= COUNTED:
            return _("%(count)s in all") % {"count": f"{count:,}"}
        return _("More than %(count)s") % {"count": f"{COUNTED:,}"}
    if page.whole.rows <= shown:
        return _("More than %(count)s") % {"count": shown}
    return _("About %(count)s") % {"count": formats.short(float(f"{page.whole.rows:.2g}"))}


def _view_tabs(request: HttpRequest, actor: Actor, surface: type[Surface]) -> list[dict[str, Any]]:
    current = services.parameters_without(request.GET, "view")
    saved = services.views_for(actor, surface.model._meta.label_lower)
    tabs = [{"label": _("All"), "url": request.path, "is_active": not current}]
    tabs += [
        {"label": capfirst(view.label), "url": f"{request.path}?{view.query}", "is_active": view.query == current}
        for view in surface.all_views(actor)
    ]
    tabs += [
        {
            "label": view.name,
            "url": f"{request.path}?{view.query}",
            "is_active": bool(current) and view.query == current,
            "delete_url": surface.url("view_delete", view.pk) if view.owner_id == actor.person_id else "",
        }
        for view in saved
    ]
    return tabs


def detail_view(request: HttpRequest, surface: type[Surface], pk: int) -> HttpResponse:
    """Show one row: its panels, and its history."""
    actor = actor_of(request)
    require(actor, surface.right("view"))
    row = get_visible(surface.model, pk=pk)
    panels: list[tuple[Panel | None, list[tuple[str, Any]], Mapping[str, Any]]] = []
    for panel in surface.all_panels(actor):
        data = panel.load(row, actor) if panel.load else {}
        if data is not None:
            panels.append((panel, _facts(row, surface, panel.fields), data))
    if not surface.panels:
        panels.insert(0, (None, _facts(row, surface, tuple(surface.form)), {}))
    context = {
        "surface": surface,
        "row": row,
        "crumbs": [(str(row), "")],
        "list_url": surface.url("list"),
        "panels": panels,
        "edit_url": surface.url("edit", pk)
        if "update" in surface.services and actor.may(surface.right("edit"))
        else "",
        "archive_url": (
            surface.url("archive", pk)
            if "archive" in surface.services and actor.may(surface.right("archive")) and _is_open(row)
            else ""
        ),
    }
    names = [f"{surface.room()}/{surface.model._meta.model_name}_detail.html", "surfaces/detail.html"]
    return render(request, names, context)


def _is_open(row: Any) -> bool:
    return getattr(row, "archived_at", None) is None


def _facts(row: Any, surface: type[Surface], names: tuple[str, ...]) -> list[tuple[str, Any]]:
    kinds = {column.name: column.kind for column in surface.columns if isinstance(column, Column)}
    columns = [resolve(surface.model, Column(name, kind=kinds.get(name))) for name in names]
    return [(str(column.label), _written(cell(row, column), column)) for column in columns]


def _written(value: Any, column: Column) -> Any:
    """Write amounts and shares as the list does; `{% facts %}` writes everything else by its type."""
    write = {"money": values.money, "percent": values.percent}.get(column.kind or "")
    return value if write is None or value is None else write(value)


def new_view(request: HttpRequest, surface: type[Surface]) -> HttpResponse:
    """Make a row through the create service; `then` is the page of ours that asked for it and gets its id as `made`."""
    actor = actor_of(request)
    require(actor, surface.right("create"))
    form = form_class(surface.model, surface.form)(request.POST or None)
    begins = {name: timezone.localdate() for name, field in form.fields.items() if _begins(field)}
    form.initial = {**form.initial, **begins, **request.GET.dict()}
    then = request.GET.get("then", "")
    back = then if then.startswith("/") and url_has_allowed_host_and_scheme(then, allowed_hosts=None) else ""
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: surface.services["create"](actor=actor, now=timezone.now(), **form.cleaned_data))
        if made is not None:
            return HttpResponseRedirect(_made_url(back, made.pk) if back else surface.url("detail", made.pk))
    return _form_page(
        request, surface, form, back or surface.url("list"), _("New %(thing)s") % {"thing": surface.label()}
    )


def _made_url(then: str, pk: int) -> str:
    return f"{then}{'&' if '?' in then else '?'}{urlencode({'made': pk})}"


def _begins(field: forms.Field) -> bool:
    """Tell whether a field is a day that must be said: it is today unless somebody says otherwise."""
    return isinstance(field, forms.DateField) and field.required


def edit_view(request: HttpRequest, surface: type[Surface], pk: int) -> HttpResponse:
    """Change a row through the update service; a row that somebody else changed meanwhile is not overwritten."""
    actor = actor_of(request)
    require(actor, surface.right("edit"))
    row = get_visible(surface.model, pk=pk)
    make = form_class(surface.model, surface.form)
    now = meanwhile.shown(make(instance=row))
    version = row_id(request.POST.get("version", "")) or getattr(row, "version", None)
    seen = meanwhile.carried(request.POST, now)
    title = _("Edit %(name)s") % {"name": str(row)}
    form = make(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        changes = form.changed_values()
        try:
            done = attempt(
                form,
                lambda: surface.services["update"](
                    actor=actor,
                    pk=pk,
                    expected_version=row_id(request.POST.get("version", "")),
                    now=timezone.now(),
                    changes=changes,
                ),
            )
        except Stale:
            return _overtaken(request, surface, pk, form, seen, title)
        if done is not None:
            return HttpResponseRedirect(surface.url("detail", pk))
    return _form_page(request, surface, form, surface.url("detail", pk), title, version=version, seen=seen)


def _overtaken(
    request: HttpRequest, surface: type[Surface], pk: int, form: ServiceForm, seen: meanwhile.Values, title: str
) -> HttpResponse:
    """Show the form again beside what somebody else saved in the meantime."""
    row = get_visible(surface.model, pk=pk)
    make = form_class(surface.model, surface.form)
    now = meanwhile.shown(make(instance=row))
    differences = meanwhile.compare(form, seen=seen, now=now)
    who, at = meanwhile.last_change(row)
    shown = make(meanwhile.joined(request.POST, differences, now=now), instance=row)
    for each in differences:
        if each.is_contested:
            shown.add_error(each.name, _("In the meantime this became “%(now)s”.") % {"now": each.now or "–"})
    return _form_page(
        request,
        surface,
        shown,
        surface.url("detail", pk),
        title,
        version=getattr(row, "version", None),
        seen=now,
        overtaken=meanwhile.Meanwhile(who, at, differences),
    )


def _form_page(
    request: HttpRequest,
    surface: type[Surface],
    form: ServiceForm,
    back: str,
    title: str,
    version: int | None = None,
    seen: meanwhile.Values | None = None,
    overtaken: meanwhile.Meanwhile | None = None,
) -> HttpResponse:
    status = 422 if form.errors else 200
    context = {
        "surface": surface,
        "form": form,
        "back": back,
        "title": title,
        "version": version,
        "seen": meanwhile.written(seen) if seen is not None else "",
        "overtaken": overtaken,
        "crumbs": [(title, "")],
    }
    names = [f"{surface.room()}/{surface.model._meta.model_name}_form.html", "surfaces/form.html"]
    return render(request, names, context, status=Stale.status if overtaken else status)


def archive_view(request: HttpRequest, surface: type[Surface], pk: int) -> HttpResponse:
    """Archive a row through its service."""
    actor = actor_of(request)
    surface.services["archive"](actor=actor, pk=pk, now=timezone.now())
    return HttpResponseRedirect(surface.url("list"))


def options_view(request: HttpRequest, surface: type[Surface]) -> JsonResponse:
    """Answer a remote select: rows of the actor's view that match the typed text."""
    actor = actor_of(request)
    require(actor, surface.right("view"))
    rows = surface.model.objects.all()
    text = request.GET.get("q", "").strip()[:100]
    if hasattr(surface.model, "archived_at"):
        rows = rows.filter(archived_at__isnull=True)
    if text and surface.search:
        found = list(matching(rows, text, name=surface.search_name)[:OPTIONS])
    else:
        if text:
            rows = rows.filter(**{f"{surface.order[0].removeprefix('-')}__icontains": text})
        order = ordering(surface.model, surface.order, "", set())
        found = first_page(rows, surface.model.unscoped.all(), order, size=OPTIONS).rows
    return JsonResponse({"results": [{"value": row.pk, "text": str(row), "hint": ""} for row in found]})


def bulk_view(request: HttpRequest, surface: type[Surface]) -> HttpResponse:
    """Ask for the values of a bulk change, then make it, all or nothing."""
    return run_bulk(request, surface, actor_of(request))


class ViewForm(forms.Form):
    """Name a view."""

    name = forms.CharField(max_length=40, label=gettext_lazy("Name"))
    is_shared = forms.BooleanField(required=False, label=gettext_lazy("Colleagues may use it too"))


def view_save(request: HttpRequest, surface: type[Surface]) -> HttpResponse:
    """Save the present list as a view."""
    actor = actor_of(request)
    require(actor, surface.right("view"))
    form = ViewForm(request.POST or None)
    query = request.POST.get("query", request.GET.get("query", ""))
    if request.method == "POST" and form.is_valid():
        values = {"surface": surface.model._meta.label_lower, "query": query, **form.cleaned_data}
        view = attempt(form, lambda: services.view_save(actor=actor, now=timezone.now(), **values))
        if view is not None:
            return HttpResponseRedirect(f"{surface.url('list')}?{view.query}")
    context = {
        "form": form,
        "query": query,
        "back": f"{surface.url('list')}?{query}",
        "action": request.path,
        "crumbs": [(_("Save this view"), "")],
    }
    return render(request, "surfaces/view_save.html", context, status=422 if form.errors else 200)


def view_delete(request: HttpRequest, surface: type[Surface], pk: int) -> HttpResponse:
    """Delete one's own view."""
    services.view_delete(actor=actor_of(request), pk=pk)
    return HttpResponseRedirect(surface.url("list"))


def rows_of(surface: type[Surface], asked: Listing) -> models.QuerySet[Any]:
    """Return all rows of a listing in its order, for exports."""
    rows = asked.shown(asked.rows())
    if asked.text and not asked.sort:
        return rows
    return rows.order_by(*(f"-{name}" if descending else name for name, descending in asked.order))
