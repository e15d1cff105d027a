"""The declaration, its registry, and extension from rooms above."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from django.db import models
from django.urls import reverse
from django.utils.functional import Promise

from yaomai.kit.access import Actor, ScopedModel
from yaomai.kit.surfaces.columns import Column, resolve
from yaomai.kit.surfaces.filters import Filter, resolve_filter

Service = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the detail page: either fields of the row, or a template with what `load(row, actor)` returns."""

    name: str
    label: Promise | str = ""
    fields: tuple[str, ...] = ()
    template: str = ""
    load: Callable[[Any, Actor], Mapping[str, Any] | None] | None = None
    right: str = ""
    order: int = 100


@dataclass(frozen=True, slots=True)
class BulkAction:
    """Something to do with selected rows: `service(actor=, pks=[…], **form values)` in one transaction.

    With `url_name` the selection goes to that address instead: a document of the chosen rows, for example.
    """

    name: str
    label: Promise | str
    service: Service | None
    right: str
    form_fields: tuple[str, ...] = ()
    icon: str = "edit"
    is_danger: bool = False
    url_name: str = ""


@dataclass(frozen=True, slots=True)
class SelectionPage:
    """A page that takes the rows ticked, or all that match: `url_name` is sent what a bulk action is."""

    label: Promise | str
    url_name: str
    right: str
    icon: str = "arrow-right"


@dataclass(frozen=True, slots=True)
class View:
    """A list that stands ready as a tab: what to look at, in words, and its query."""

    label: str
    query: str


Views = Callable[[Actor], Iterable[View]]


@dataclass(slots=True)
class Extension:
    columns: list[Column] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)
    actions: list[BulkAction] = field(default_factory=list)
    views: list[Views] = field(default_factory=list)
    pages: list[SelectionPage] = field(default_factory=list)
    importers: list[Any] = field(default_factory=list)


class Surface:
    """See the package's docstring."""

    model: ClassVar[type[ScopedModel]]
    section: ClassVar[str] = "settings"
    columns: ClassVar[Sequence[Column | str]] = ()
    filters: ClassVar[Sequence[Filter | str]] = ()
    search: ClassVar[bool] = False
    search_name: ClassVar[str] = "name"
    """The field that ranks what is found: the exact name first."""
    order: ClassVar[Sequence[str]] = ("-id",)
    form: ClassVar[Sequence[str]] = ()
    panels: ClassVar[Sequence[Panel]] = ()
    services: ClassVar[Mapping[str, Service]] = {}
    actions: ClassVar[Sequence[BulkAction]] = ()
    pages: ClassVar[Sequence[SelectionPage]] = ()
    importer: ClassVar[Any] = None
    slug: ClassVar[str] = ""

    @classmethod
    def plural(cls) -> str:
        return cls.slug or f"{cls.model._meta.model_name}s"

    @classmethod
    def room(cls) -> str:
        return cls.model._meta.app_label

    @classmethod
    def right(cls, verb: str) -> str:
        return cls.model.right(verb)

    @classmethod
    def label(cls) -> str:
        return str(cls.model._meta.verbose_name)

    @classmethod
    def label_plural(cls) -> str:
        return str(cls.model._meta.verbose_name_plural)

    @classmethod
    def has_bulk(cls) -> bool:
        """Tell whether anything can be done to several rows at once."""
        extension = _extensions.get(cls.model, Extension())
        return bool(cls.actions or extension.actions or ("update" in cls.services and cls.form))

    @classmethod
    def url(cls, view: str, *args: Any) -> str:
        """Return the address of "list", "detail", "new", "edit", "export", "options", …"""
        return reverse(f"{cls.room()}:{cls.model._meta.model_name}_{view}", args=args)

    @classmethod
    def all_columns(cls, actor: Actor) -> list[Column]:
        """Return every column that the actor may see, complete."""
        complete = [resolve(cls.model, column) for column in cls.columns]
        for column in _extensions.get(cls.model, Extension()).columns:
            names = [each.name for each in complete]
            place = names.index(column.after) + 1 if column.after in names else len(names)
            complete.insert(place, resolve(cls.model, column))
        return [column for column in complete if not column.right or actor.may(column.right)]

    @classmethod
    def all_filters(cls, actor: Actor) -> list[Filter]:
        declared = [*cls.filters, *_extensions.get(cls.model, Extension()).filters]
        complete = [resolve_filter(cls.model, filter_) for filter_ in declared]
        return [filter_ for filter_ in complete if not filter_.right or actor.may(filter_.right)]

    @classmethod
    def all_views(cls, actor: Actor) -> list[View]:
        """Return the ready views that the actor may use."""
        return [view for views in _extensions.get(cls.model, Extension()).views for view in views(actor)]

    @classmethod
    def all_importers(cls, actor: Actor) -> list[Any]:
        """Return the importers that the actor may use on this list: its own, and those of rooms above."""
        declared = [*filter(None, [cls.importer]), *_extensions.get(cls.model, Extension()).importers]
        return [importer() for importer in declared if actor.may(importer.right)]

    @classmethod
    def all_panels(cls, actor: Actor) -> list[Panel]:
        declared = [*cls.panels, *_extensions.get(cls.model, Extension()).panels]
        allowed = [panel for panel in declared if not panel.right or actor.may(panel.right)]
        return sorted(allowed, key=lambda panel: panel.order)

    @classmethod
    def all_pages(cls, actor: Actor) -> list[SelectionPage]:
        """Return the pages that take a selection of rows and that the actor may open."""
        declared = [*cls.pages, *_extensions.get(cls.model, Extension()).pages]
        return [page for page in declared if actor.may(page.right)]

    @classmethod
    def all_actions(cls, actor: Actor) -> list[BulkAction]:
        declared = [*cls.actions, *_extensions.get(cls.model, Extension()).actions]
        return [action for action in declared if actor.may(action.right)]


S = TypeVar("S", bound=type[Surface])
_surfaces: dict[type[models.Model], type[Surface]] = {}
_extensions: dict[type[models.Model], Extension] = {}


def register(surface: S) -> S:
    """Register a surface: class decorator.

    Raises:
        ValueError: the model has one already.
    """
    if surface.model in _surfaces:
        raise ValueError(f"{surface.model.__name__} has a surface already")
    _surfaces[surface.model] = surface
    return surface


def extend(
    model: type[models.Model],
    *,
    columns: Sequence[Column] = (),
    filters: Sequence[Filter] = (),
    panels: Sequence[Panel] = (),
    actions: Sequence[BulkAction] = (),
    views: Sequence[Views] = (),
    importers: Sequence[Any] = (),
    pages: Sequence[SelectionPage] = (),
) -> None:
    """Add to the surface of a model in a room below."""
    extension = _extensions.setdefault(model, Extension())
    extension.columns += columns
    extension.filters += filters
    extension.panels += panels
    extension.actions += actions
    extension.views += views
    extension.importers += importers
    extension.pages += pages


def surfaces() -> list[type[Surface]]:
    """Return every registered surface."""
    return list(_surfaces.values())


def surface_of(model: type[models.Model]) -> type[Surface]:
    """Return the surface of a model."""
    return _surfaces[model]
