"""REST endpoints of the surfaces: typed, scoped, paged by key, with ETag and If-Match."""

from collections.abc import Mapping, Set
from datetime import time
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema, Status
from ninja.operation import Operation
from ninja.orm import create_schema, register_field
from ninja.orm.fields import get_schema_field
from pydantic import ConfigDict, Field, WithJsonSchema, create_model

from yaomai.kit.access import get_visible, require
from yaomai.kit.errors import DomainError, Invalid, Stale
from yaomai.kit.surfaces.filters import parameters, resolve_filter
from yaomai.kit.surfaces.forms import form_class
from yaomai.kit.surfaces.lists import LARGEST_PAGE, listing
from yaomai.kit.surfaces.surface import Surface, surfaces
from yaomai.kit.surfaces.views import actor_of


class VersionNeeded(DomainError):
    """A change does not say which version of the row it is meant for."""

    code = "version_needed"
    status = 428
    message = _("Send the ETag that you read as If-Match, or If-Match: * to change the row whatever it is by now.")


class Strict(Schema):
    """What a program sends: a field that does not exist is said, not dropped as if it had been saved."""

    model_config = ConfigDict(extra="forbid")


class Problem(Schema):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    fields: dict[str, list[str]] | None = None
    citations: list[str] | None = None


def require_known(request: HttpRequest, names: Set[str]) -> None:
    """Raise `Invalid` for a filter that does not exist: dropped, it would answer with more than was asked for."""
    if unknown := request.GET.keys() - names:
        raise Invalid(fields={name: [_("There is no such filter.")] for name in sorted(unknown)})


_make: Any = Operation._create_response_model
_answer = cache(lambda response: _make(None, response))
# The framework makes a class for every status code of every operation: thousands of them would say `Problem`.
Operation._create_response_model = lambda _self, response: _answer(response)  # type: ignore[method-assign,misc,assignment]
PROBLEMS: dict[Any, Any] = dict.fromkeys((400, 401, 403, 404, 409, 412, 422, 428, 503), Problem)


def routers(room: str) -> Router:
    """Return one router with the endpoints of every surface of a room."""
    router = Router()
    for surface in surfaces():
        if surface.room() == room:
            router.add_router(
                f"/{surface.plural()}", _router(surface), tags=[f"{room}.{surface.model._meta.model_name}"]
            )
    return router


CLOCK = {"type": "string", "pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$", "examples": ["09:30"]}
# The "time" of JSON Schema has an offset to universal time; ours is what a clock on the wall shows.
register_field("TimeField", Annotated[time, WithJsonSchema(CLOCK)])


def _router(surface: type[Surface]) -> Router:
    router = Router()
    name = surface.model.__name__
    out = _out_schema(surface)
    page = create_model(f"{name}Page", __base__=Schema, items=(list[out], ...), next=(str, ...), previous=(str, ...))  # type: ignore[valid-type]
    _add_list(router, surface, page)
    _add_get(router, surface, out)
    if "create" in surface.services:
        _add_create(router, surface, out)
    if "update" in surface.services:
        _add_update(router, surface, out)
    if "archive" in surface.services:
        _add_archive(router, surface)
    return router


def _out_schema(surface: type[Surface]) -> type[Schema]:
    """Return id, version and the plain fields of form and columns; relations as ids, called as in what is sent."""
    own = {field.name: field for field in surface.model._meta.concrete_fields if field.name != "search"}
    names = [*surface.form, *(c if isinstance(c, str) else c.name for c in surface.columns)]
    shown = dict.fromkeys(name for name in ("id", "uuid", "version", "archived_at", *names) if name in own)
    fields: dict[str, Any] = {own[name].attname: _out_field(own[name]) for name in shown}
    return create_model(f"{surface.model.__name__}Out", __base__=Schema, **fields)


def _out_field(field: "models.Field[Any, Any]") -> tuple[Any, Any]:
    """Return type and description of what an answer always holds; null only where the row may hold nothing."""
    kind, said = get_schema_field(field)
    (plain,) = [each for each in get_args(kind) if each is not NoneType] if _is_union(kind) else [kind]
    return (plain | None if field.null else plain), Field(..., title=said.title, description=said.description)


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, UnionType)


def _in_schema(surface: type[Surface], *, partial: bool) -> type[Schema]:
    """Return the writable fields; for a change every one is optional."""
    verb = "Change" if partial else "New"
    meta = surface.model._meta
    # A relation that may stay blank though the column is not null: the service knows what it then is.
    blank = [field.name for field in (*meta.concrete_fields, *meta.many_to_many) if field.is_relation and field.blank]
    return create_schema(
        surface.model,
        name=f"{surface.model.__name__}{verb}",
        fields=list(surface.form),
        optional_fields=list(surface.form) if partial else [name for name in surface.form if name in blank],
        base_class=Strict,
    )


def _parameters(surface: type[Surface]) -> type[Schema]:
    """Return the query of the list: filters as in the address of the screen, search, order, cursor, size."""
    fields: dict[str, Any] = {
        "q": (str, Field("", description="Search text: Chinese, pinyin or initials")),
        "sort": (str, Field("", description="Column to sort by; a leading - sorts descending")),
        "cursor": (str, Field("", description="`next` or `previous` of another page")),
        "limit": (int, Field(50, ge=1, le=LARGEST_PAGE)),
    }
    for declared in surface.filters:
        item = resolve_filter(surface.model, declared)
        if item.kind == "relation":
            fields[item.name] = (list[int], Field([], description=str(item.label)))
        elif item.kind == "choice":
            fields[item.name] = (list[str], Field([], description=str(item.label)))
        else:
            fields.update({name: (str, Field("", description=str(item.label))) for name in parameters(item)})
    return create_model(f"{surface.model.__name__}Query", __base__=Schema, **fields)


def _add_list(router: Router, surface: type[Surface], page_schema: Any) -> None:
    query_schema = _parameters(surface)

    def list_rows(request: HttpRequest, query: Any) -> Any:
        actor = actor_of(request)
        require(actor, surface.right("view"))
        asked = listing(surface, actor, request.GET)
        # A filter that is not applied would answer with everything.
        require_known(request, query_schema.model_fields.keys() | asked.parameters)
        page = asked.page(cursor=query.cursor, size=query.limit)
        return {"items": page.rows, "next": page.next_cursor, "previous": page.previous_cursor}

    list_rows.__annotations__["query"] = Annotated[query_schema, Query(...)]
    name = surface.model._meta.model_name
    router.get("/", response={200: page_schema, **PROBLEMS}, operation_id=f"{surface.room()}_{name}_list",
               summary=_summary(gettext_noop("List %(rows)s"), surface))(list_rows)  # fmt: skip


def _summary(message: str, surface: type[Surface]) -> Any:
    """Return what an operation does, in the language in which the document is written."""
    return lazy(lambda: gettext(message) % {"row": surface.label(), "rows": surface.label_plural()}, str)()


ETAG: dict[str, Any] = {"headers": {"ETag": {"description": "The version of the row", "schema": {"type": "string"}}}}
IF_MATCH: dict[str, Any] = {
    "in": "header", "name": "If-Match", "required": True, "example": "*",
    "schema": {"type": "string", "pattern": r'^(\*|(W/)?"[0-9]{1,9}")$'},
    "description": "The ETag that was read: the change is refused with 412 when the row has another one by now. "
    "`*` changes the row whatever it is. Without the header the answer is 428.",
}  # fmt: skip


def etag(row: Any) -> str:
    """Return the row's ETag."""
    return f'"{getattr(row, "version", row.pk)}"'


def _add_get(router: Router, surface: type[Surface], out: Any) -> None:
    def get_row(request: HttpRequest, pk: int, response: HttpResponse) -> Any:
        require(actor_of(request), surface.right("view"))
        row = get_visible(surface.model, pk=pk)
        response.headers["ETag"] = etag(row)
        return row

    name = surface.model._meta.model_name
    router.get("/{int:pk}", response={200: out, **PROBLEMS}, operation_id=f"{surface.room()}_{name}_get",
               summary=_summary(gettext_noop("Get one %(row)s"), surface), openapi_extra={"responses": {200: ETAG}})(get_row)  # fmt: skip


def _clean(surface: type[Surface], values: Mapping[str, Any], instance: Any = None) -> dict[str, Any]:
    """Return typed values for a service, checked by the same form as the screen; of a new row, with the defaults.

    Raises:
        Invalid: by field.
    """
    names = [name for name in surface.form if name in values or f"{name}_id" in values]
    data = {name: values.get(name, values.get(f"{name}_id")) for name in names}
    if instance is None:
        fields = {name: surface.model._meta.get_field(name) for name in surface.form if name not in data}
        data |= {name: field.get_default() for name, field in fields.items() if field.has_default()}  # type: ignore[union-attr]
    form = form_class(surface.model, names if instance is not None else list(surface.form))(data, instance=instance)
    if not form.is_valid():
        found = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
        raise Invalid(fields={name if name != "__all__" else "": texts for name, texts in found.items()})
    return dict(form.cleaned_data)


def _add_create(router: Router, surface: type[Surface], out: Any) -> None:
    new_schema = _in_schema(surface, partial=False)

    def create_row(request: HttpRequest, response: HttpResponse, body: Any) -> Any:
        actor = actor_of(request)
        require(actor, surface.right("create"))
        row = surface.services["create"](
            actor=actor, now=timezone.now(), **_clean(surface, body.model_dump(exclude_unset=True))
        )
        response.headers["ETag"] = etag(row)
        response.headers["Location"] = request.build_absolute_uri(str(row.pk))
        return Status(201, row)

    create_row.__annotations__["body"] = new_schema
    name = surface.model._meta.model_name
    router.post("/", response={201: out, **PROBLEMS}, operation_id=f"{surface.room()}_{name}_create",
                summary=_summary(gettext_noop("Create one %(row)s"), surface), openapi_extra={"responses": {201: ETAG}})(create_row)  # fmt: skip


def expected_version(request: HttpRequest) -> int | None:
    """Return the version that If-Match names, or None for `*`.

    Raises:
        VersionNeeded: there is no such header.
        Stale: the header is not an ETag of ours.
    """
    header = request.headers.get("If-Match", "").strip()
    if not header:
        raise VersionNeeded
    if header == "*":
        return None
    number = header.removeprefix("W/").strip('"')
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        raise Stale
    return int(number)


def _add_update(router: Router, surface: type[Surface], out: Any) -> None:
    change_schema = _in_schema(surface, partial=True)

    def update_row(request: HttpRequest, response: HttpResponse, pk: int, body: Any) -> Any:
        actor, version = actor_of(request), expected_version(request)
        require(actor, surface.right("edit"))
        row = get_visible(surface.model, pk=pk)
        changes = _clean(surface, body.model_dump(exclude_unset=True), instance=row)
        row = surface.services["update"](
            actor=actor,
            pk=pk,
            expected_version=version,
            now=timezone.now(),
            changes=changes,
        )
        response.headers["ETag"] = etag(row)
        return row

    update_row.__annotations__["body"] = change_schema
    name = surface.model._meta.model_name
    router.patch("/{int:pk}", response={200: out, **PROBLEMS}, operation_id=f"{surface.room()}_{name}_update",
                 summary=_summary(gettext_noop("Change one %(row)s"), surface),
                 openapi_extra={"parameters": [IF_MATCH], "responses": {200: ETAG}})(update_row)  # fmt: skip


def _add_archive(router: Router, surface: type[Surface]) -> None:
    def archive_row(request: HttpRequest, pk: int) -> Any:
        version = expected_version(request)
        surface.services["archive"](actor=actor_of(request), pk=pk, now=timezone.now(), expected_version=version)
        return Status(204, None)

    name = surface.model._meta.model_name
    router.delete("/{int:pk}", response={204: None, **PROBLEMS}, operation_id=f"{surface.room()}_{name}_archive",
                  summary=_summary(gettext_noop("Archive one %(row)s"), surface), openapi_extra={"parameters": [IF_MATCH]})(archive_row)  # fmt: skip
