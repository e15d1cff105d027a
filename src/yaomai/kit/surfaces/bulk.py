"""Change many rows at once: choose the values, see how many rows, do all or nothing."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.kit.access import Actor, row_id
from yaomai.kit.errors import Invalid, Missing
from yaomai.kit.surfaces import services
from yaomai.kit.surfaces.forms import form_class
from yaomai.kit.surfaces.lists import listing
from yaomai.kit.surfaces.surface import BulkAction, Surface

MOST_ROWS = 5000


def selected_keys(request: HttpRequest, surface: type[Surface], actor: Actor) -> list[int]:
    """Return the chosen rows: those ticked, or all that match the list's filters.

    Raises:
        Invalid: none, or more than `MOST_ROWS`.
    """
    if request.POST.get("all") == "on":
        keys = list(listing(surface, actor, request.GET).rows().values_list("pk", flat=True)[: MOST_ROWS + 1])
    else:
        ticked = [key for key in request.POST.getlist("selected") if row_id(key) is not None][: MOST_ROWS + 1]
        keys = list(surface.model.objects.filter(pk__in=ticked).values_list("pk", flat=True))
    if not keys:
        raise Invalid(_("Choose at least one row."))
    if len(keys) > MOST_ROWS:
        raise Invalid(_("At most %(most)s rows can be changed at once. Narrow the list first."), most=MOST_ROWS)
    return keys


def run_bulk(request: HttpRequest, surface: type[Surface], actor: Actor, keys: list[int]) -> HttpResponse:
    """Show the form of an action, or run it."""
    name = request.GET.get("action", "")
    action = _edit_action(surface, actor) if name == "edit" else _named_action(surface, actor, name)
    chosen = [field for field in request.POST.getlist("field") if field in action.form_fields]
    fields = chosen if name == "edit" else list(action.form_fields)
    is_final = request.POST.get("confirmed") == "1" and (bool(fields) or name != "edit")
    form = form_class(surface.model, fields)(request.POST if is_final else None)
    if is_final and form.is_valid():
        return _finish(request, surface, actor, action, keys, form)
    context = {
        "surface": surface,
        "action": action,
        "form": form,
        "keys": keys,
        "count": len(keys),
        "choosable": _choosable(surface, action) if name == "edit" else [],
        "chosen": chosen,
        "query": request.GET.urlencode(),
        "back": f"{surface.url('list')}?{services.parameters_without(request.GET, 'action')}",
    }
    return render(request, "surfaces/bulk.html", context, status=422 if form.errors else 200)


def _finish(
    request: HttpRequest,
    surface: type[Surface],
    actor: Actor,
    action: BulkAction,
    keys: list[int],
    form: "forms.ModelForm[Any]",
) -> HttpResponse:
    count = services.bulk_run(
        actor=actor,
        entity=surface.label_plural(),
        action=str(action.label),
        work=_work(action, actor, keys, form.cleaned_data),
    )
    back = f"{surface.url('list')}?{services.parameters_without(request.GET, 'action')}"
    messages.success(request, _("%(count)s rows changed.") % {"count": count})
    return HttpResponseRedirect(back)


def _work(action: BulkAction, actor: Actor, keys: Iterable[int], values: dict[str, Any]) -> Callable[[], int]:
    def work() -> int:
        done = action.service(actor=actor, pks=list(keys), now=timezone.now(), **values)
        return int(done)

    return work


def _named_action(surface: type[Surface], actor: Actor, name: str) -> BulkAction:
    for action in surface.all_actions(actor):
        if action.name == name:
            return action
    raise Missing


def _edit_action(surface: type[Surface], actor: Actor) -> BulkAction:
    """Return the edit of any form field, through the update service row by row."""
    if "update" not in surface.services or not actor.may(surface.right("edit")):
        raise Missing
    update = surface.services["update"]

    def edit(*, actor: Actor, pks: list[int], now: Any, **values: Any) -> int:
        for pk in sorted(pks):
            update(actor=actor, pk=pk, expected_version=None, now=now, changes=values)
        return len(pks)

    return BulkAction("edit", _("Edit selected"), edit, surface.right("edit"), form_fields=tuple(surface.form))


def _choosable(surface: type[Surface], action: BulkAction) -> list[tuple[str, str]]:
    names = []
    for name in action.form_fields:
        field = surface.model._meta.get_field(name)
        if not getattr(field, "unique", False):
            names.append((name, str(getattr(field, "verbose_name", name))))
    return names
