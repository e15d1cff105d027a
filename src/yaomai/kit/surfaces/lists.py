"""What a list shows: filters, search, order and page of one request, the same for screen, export and REST."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import models
from django.http import QueryDict

from yaomai.kit.access import Actor
from yaomai.kit.search import matching
from yaomai.kit.surfaces import filters as filtering
from yaomai.kit.surfaces import pages
from yaomai.kit.surfaces.columns import Column, related_paths, unread_paths
from yaomai.kit.surfaces.filters import Filter
from yaomai.kit.surfaces.surface import Surface

PAGE_SIZE = 50
LARGEST_PAGE = 200
COUNTED = 10_000
LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class Listing:
    """A parsed request for rows of a surface: the filters it offers, and those of them that are used."""

    surface: type[Surface]
    columns: list[Column]
    filters: list[Filter]
    used: list[Filter]
    data: QueryDict
    values: dict[str, Any]
    text: str
    sort: str
    order: pages.Ordering

    def rows(self, *, ranked: bool = False) -> models.QuerySet[Any]:
        """Return all rows asked for, in the actor's scope, unordered; ranked, the best of a search in order."""
        queryset = self.surface.model.objects.all()
        for item in self.used:
            condition = filtering.condition(item, self.values)
            if condition is not None:
                queryset = queryset.filter(condition)
        if hasattr(self.surface.model, "archived_at") and self.values.get("archived") in (None, ""):
            queryset = queryset.filter(archived_at__isnull=True)
        if self.text:
            queryset = matching(queryset, self.text, ranked=ranked, name=self.surface.search_name)
        return queryset

    def shown(self, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """Return the rows with what their columns show, and without what they are found by."""
        joined = related_paths(self.surface.model, self.columns)
        unread = unread_paths(self.surface.model, joined)
        return queryset.select_related(*joined).defer(*unread) if joined else queryset.defer(*unread)

    def page(self, *, cursor: str, size: int = PAGE_SIZE) -> pages.Page:
        """Return one page; a search without a chosen order answers in the order of relevance, one page."""
        if self.text and not self.sort:
            return pages.Page(rows=list(self.shown(self.rows(ranked=True))[:size]))
        every = self.shown(self.surface.model.unscoped.all())
        return pages.page(self.rows(), every, self.order, size=size, cursor=cursor)

    def sentences(self) -> list[tuple[Filter, str]]:
        """Return the filters in use, in words."""
        written = [(item, filtering.sentence(item, self.values)) for item in self.used]
        return [(item, text) for item, text in written if text]

    @property
    def form(self) -> forms.Form:
        """The fields of all filters, filled with what was asked for: dear, most pages show none of them."""
        return filtering.form(self.filters, self.data)

    @property
    def parameters(self) -> set[str]:
        """The query parameters that the filters read."""
        return {name for item in self.filters for name in filtering.parameters(item)}

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What is asked of the filters, as hidden fields hold it while the fields themselves are not there."""
        return [(name, value) for item in self.used for name in filtering.parameters(item)
                for value in self.data.getlist(name)]  # fmt: skip

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text) or bool(self.sentences())


def listing(surface: type[Surface], actor: Actor, data: QueryDict) -> Listing:
    """Read a request.

    Raises:
        Invalid: a filter, the order or the columns cannot be understood.
    """
    columns = surface.all_columns(actor)
    items = surface.all_filters(actor)
    used = [item for item in items if any(name in data for name in filtering.parameters(item))]
    sort = data.get("sort", "")
    sortable = {column.name for column in columns if column.sortable}
    return Listing(
        surface=surface,
        columns=columns,
        filters=items,
        used=used,
        data=data,
        values=filtering.cleaned(used, data),
        text=data.get("q", "").strip()[:LONGEST_SEARCH] if surface.search else "",
        sort=sort,
        order=pages.ordering(surface.model, surface.order, sort, sortable),
    )
