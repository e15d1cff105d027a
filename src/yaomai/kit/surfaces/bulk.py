"""Change many rows at once: those ticked or all that match, see how many, do all or nothing; many in the background."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.kit.access import Actor, row_id
from yaomai.kit.errors import Invalid, Missing
from yaomai.kit.surfaces import services
from yaomai.kit.surfaces.forms import form_class
from yaomai.kit.surfaces.lists import listing
from yaomai.kit.surfaces.surface import BulkAction, Surface

MOST_ROWS = 20_000
MOST_AT_ONCE = 200
"""More rows than that are changed by a job: nobody waits longer than some seconds for an answer."""
CHUNK = 100
NAMED = 5

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows an action is for, and how many of those asked for lie where the actor may only look."""

    keys: list[int]
    is_all: bool
    beyond: int


def selection_of(request: HttpRequest, surface: type[Surface], actor: Actor, right: str) -> Selection:
    """Return the chosen rows on which the actor holds the right: those ticked, or all that match the list's filters.

    Raises:
        Invalid: none, or more than `MOST_ROWS`.
    """
    is_all = request.POST.get("all") == "on"
    if is_all:
        rows = listing(surface, actor, request.GET).rows()
    else:
        ticked = [key for key in request.POST.getlist("selected") if row_id(key) is not None][: MOST_ROWS + 1]
        rows = surface.model.objects.filter(pk__in=ticked)
    seen = list(rows.order_by("pk").values_list("pk", flat=True)[: MOST_ROWS + 1])
    if not seen:
        raise Invalid(_("Choose at least one row."))
    if len(seen) > MOST_ROWS:
        raise Invalid(_("At most %(most)s rows can be changed at once. Narrow the list first."), most=MOST_ROWS)
    held: Any = surface.model.objects.filter(pk__in=seen)
    keys = list(held.allowed(right).order_by("pk").values_list("pk", flat=True))
    if not keys:
        raise Missing
    return Selection(keys, is_all, len(seen) - len(keys))


def run_bulk(request: HttpRequest, surface: type[Surface], actor: Actor) -> HttpResponse:
    """Show the form of an action with what it will change, or run it."""
    name = request.GET.get("action", "")
    action = action_named(surface, actor, name)
    chosen = [field for field in request.POST.getlist("field") if field in action.form_fields]
    fields = chosen if name == "edit" else list(action.form_fields)
    selection = selection_of(request, surface, actor, action.right)
    # What is confirmed is what was shown: when more or fewer rows match by now, they are shown again.
    is_same = not selection.is_all or request.POST.get("expected") == str(len(selection.keys))
    is_final = request.POST.get("confirmed") == "1" and (bool(fields) or name != "edit")
    form = form_class(surface.model, fields)(request.POST if is_final else None)
    if is_final and is_same and form.is_valid():
        try:
            return _finish(request, surface, actor, action, selection.keys, fields, form.cleaned_data)
        except Invalid as error:
            for field, texts in (error.fields or {"": [str(error)]}).items():
                form.add_error(field if field in form.fields else None, [str(text) for text in texts])
    context = {
        "surface": surface,
        "action": action,
        "form": form,
        "selection": selection,
        "count": len(selection.keys),
        "named": _named(surface, selection.keys),
        "is_large": len(selection.keys) > MOST_AT_ONCE,
        "is_changed": is_final and not is_same,
        "choosable": _choosable(surface, action) if name == "edit" else [],
        "chosen": chosen,
        "query": request.GET.urlencode(),
        "back": _back(request, surface),
        "crumbs": [(str(action.label), "")],
    }
    return render(request, "surfaces/bulk.html", context, status=422 if form.errors else 200)


def _back(request: HttpRequest, surface: type[Surface]) -> str:
    return f"{surface.url('list')}?{services.parameters_without(request.GET, 'action')}"


def _named(surface: type[Surface], keys: Sequence[int]) -> str:
    """Return the first rows by name."""
    rows = surface.model.objects.filter(pk__in=keys[:NAMED]).order_by("pk")
    return "、".join(str(row) for row in rows) + (" …" if len(keys) > NAMED else "")


def _finish(
    request: HttpRequest,
    surface: type[Surface],
    actor: Actor,
    action: BulkAction,
    keys: list[int],
    fields: list[str],
    values: Mapping[str, Any],
) -> HttpResponse:
    if len(keys) > MOST_AT_ONCE:
        from yaomai.kit.surfaces.jobs import change_rows

        given = {field: request.POST.getlist(field) for field in fields}
        job = change_rows.defer(
            actor=actor, surface=surface.model._meta.label_lower, action=action.name, fields=fields, given=given,
            keys=keys,
        )  # fmt: skip
        return HttpResponseRedirect(reverse("jobs:job_detail", args=[job.pk]))
    count = apply(surface, actor, action, keys, values)
    messages.success(request, _("%(count)s rows changed.") % {"count": count})
    return HttpResponseRedirect(_back(request, surface))


def apply_given(
    surface: type[Surface],
    actor: Actor,
    name: str,
    fields: list[str],
    given: Mapping[str, list[str]],
    keys: list[int],
    progress: Progress,
) -> int:
    """Run an action with values as a form sent them.

    Raises:
        Missing: the actor may not do it any more.
        Invalid: a value, in words.
    """
    action = action_named(surface, actor, name)
    data = QueryDict(mutable=True)
    for field, texts in given.items():
        data.setlist(field, texts)
    form = form_class(surface.model, fields)(data)
    if not form.is_valid():
        raise Invalid("; ".join(str(text) for texts in form.errors.values() for text in texts))
    try:
        return apply(surface, actor, action, keys, form.cleaned_data, progress)
    except Invalid as error:
        if error.fields:
            raise Invalid("; ".join(str(text) for texts in error.fields.values() for text in texts)) from error
        raise


def apply(
    surface: type[Surface],
    actor: Actor,
    action: BulkAction,
    keys: Sequence[int],
    values: Mapping[str, Any],
    progress: Progress | None = None,
) -> int:
    """Run an action in one transaction; return how many rows it changed."""

    def work() -> int:
        now, done = timezone.now(), 0
        assert action.service is not None  # one that only opens an address is not found by its name
        for start in range(0, len(keys), CHUNK):
            if progress is not None:
                progress(start, len(keys))
            done += int(action.service(actor=actor, pks=list(keys[start : start + CHUNK]), now=now, **values))
        return done

    return services.bulk_run(actor=actor, entity=surface.label_plural(), action=str(action.label), work=work)


def action_named(surface: type[Surface], actor: Actor, name: str) -> BulkAction:
    """Return an action that the actor may do somewhere.

    Raises:
        Missing: there is none of this name, or not for them.
    """
    if name == "edit":
        return _edit_action(surface, actor)
    for action in surface.all_actions(actor):
        if action.name == name and action.service is not None:
            return action
    raise Missing


def _edit_action(surface: type[Surface], actor: Actor) -> BulkAction:
    """Return the edit of any form field, through the update service row by row."""
    if "update" not in surface.services or not actor.may(surface.right("edit")):
        raise Missing
    update = surface.services["update"]

    def edit(*, actor: Actor, pks: list[int], now: Any, **values: Any) -> int:
        for pk in pks:
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
