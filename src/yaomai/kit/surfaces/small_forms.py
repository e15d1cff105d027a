"""A small form of a room: one step on a row, on a page of its own or in a dialog."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from yaomai.kit.access import ScopedModel
from yaomai.kit.surfaces.forms import attempt
from yaomai.kit.surfaces.views import actor_of

Write = Callable[[dict[str, Any]], Any]


def small_form(
    request: HttpRequest,
    form: forms.BaseForm,
    *,
    title: str,
    back: str,
    write: Write,
    done: str | Callable[[Any], str] = "",
    note: str = "",
    submit: str = "",
    crumbs: Sequence[tuple[str, str]] = (),
    onward: Callable[[Any], str] | None = None,
) -> HttpResponse:
    """Show a form; when it is sent and holds, write and go back. What the service refuses is said in the form.

    write:  called with what the form says.
    done:   what to tell afterwards, or how to make it of what `write` returned.
    note:   what the form is about, under the title.
    onward: where to go afterwards, of what `write` returned; without it, `back`.
    """
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: write(form.cleaned_data))
        if not form.errors:
            if said := done(made) if callable(done) else done:
                messages.success(request, said)
            return HttpResponseRedirect(onward(made) if onward is not None else back)
    return show_small_form(request, form, title=title, back=back, note=note, submit=submit, crumbs=crumbs)


def row_form(
    request: HttpRequest,
    row: ScopedModel,
    form: forms.BaseForm,
    *,
    title: str,
    service: Callable[..., Any],
) -> HttpResponse:
    """Show a form about a row that has a page of its own; sent, let the service do it and go back to the row."""
    back = reverse(f"{row._meta.app_label}:{row._meta.model_name}_detail", args=[row.pk])
    return small_form(
        request, form, title=title, note=str(row), back=back, submit=title, crumbs=[(str(row), back), (title, "")],
        write=lambda values: service(actor=actor_of(request), pk=row.pk, now=timezone.now(), **values),
    )  # fmt: skip


def show_small_form(
    request: HttpRequest,
    form: forms.BaseForm,
    *,
    title: str,
    back: str,
    note: str = "",
    submit: str = "",
    crumbs: Sequence[tuple[str, str]] = (),
) -> HttpResponse:
    """Show a form as `small_form` does, for a view that answers otherwise once it holds."""
    context = {
        "form": form,
        "title": title,
        "note": note,
        "back": back,
        "submit": submit,
        "action": request.get_full_path(),
        "crumbs": crumbs or [(title, "")],
    }
    return render(request, "surfaces/small_form.html", context, status=422 if form.errors else 200)
