"""Addresses of a room's surfaces: `urlpatterns = [*surface_urls("customers"), …]` in the room's urls.py."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yaomai.kit.surfaces import views
from yaomai.kit.surfaces.exports import export_view
from yaomai.kit.surfaces.surface import Surface, surfaces

View = Callable[..., HttpResponseBase]


def surface_urls(room: str) -> list[URLPattern]:
    """Return the addresses of every surface of a room."""
    return [pattern for surface in surfaces() if surface.room() == room for pattern in _urls(surface)]


def _urls(surface: type[Surface]) -> list[URLPattern]:
    name, base = surface.model._meta.model_name, surface.plural()

    def at(suffix: str, view: View, label: str, allowed: Any) -> URLPattern:
        bound = login_required(allowed(partial(view, surface=surface)))
        return path(f"{base}/{suffix}", bound, name=f"{name}_{label}")

    both = require_http_methods(["GET", "HEAD", "POST"])
    patterns = [
        at("", views.list_view, "list", require_safe),
        at("options", views.options_view, "options", require_safe),
        at("filters", views.filters_view, "filters", require_safe),
        at("export", export_view, "export", require_safe),
        at("views/save", views.view_save, "view_save", both),
        at("views/<int:pk>/delete", views.view_delete, "view_delete", require_POST),
    ]
    if surface.has_bulk():
        patterns.append(at("bulk", views.bulk_view, "bulk", require_POST))
    if "create" in surface.services:
        patterns.append(at("new", views.new_view, "new", both))
    if surface.form or surface.panels:
        patterns.append(at("<int:pk>/", views.detail_view, "detail", require_safe))
    if "update" in surface.services:
        patterns.append(at("<int:pk>/edit", views.edit_view, "edit", both))
    if "archive" in surface.services:
        patterns.append(at("<int:pk>/archive", views.archive_view, "archive", require_POST))
    return patterns
