"""What a field of a policy document is: a number, a choice, a part, rows of parts … Read from its annotation."""

import types
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from yaomai.kit.policies.schema import facts_of, unit_of

Kind = Literal["number", "integer", "text", "check", "date", "choice", "part", "variant", "rows", "texts", "map"]


@dataclass(frozen=True, slots=True)
class Shape:
    """A field's form. `part` is the document of a part; `variants` are those of a variant by their tag."""

    kind: Kind
    is_optional: bool = False
    choices: tuple[Any, ...] = ()
    part: type[BaseModel] | None = None
    variants: tuple[tuple[str, type[BaseModel]], ...] = ()
    discriminator: str = ""
    item: "Shape | None" = None

    @property
    def is_simple(self) -> bool:
        return self.kind in {"number", "integer", "text", "check", "date", "choice", "texts"}


def shape_of(document: type[BaseModel], name: str) -> Shape:
    """Return the shape of a document's field.

    Raises:
        TypeError: the annotation has no form; policies are made of numbers, texts, choices, dates and documents.
    """
    return _shape_of(document, name)


@lru_cache(maxsize=2048)
def _shape_of(document: type[BaseModel], name: str) -> Shape:
    field = document.model_fields[name]
    return _shape(field.annotation, field.discriminator if isinstance(field.discriminator, str) else "")


def _shape(annotation: Any, discriminator: str = "") -> Shape:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        for extra in arguments[1:]:
            if isinstance(extra, FieldInfo) and isinstance(extra.discriminator, str):
                discriminator = extra.discriminator
        return _shape(arguments[0], discriminator)
    if origin in (Union, types.UnionType):
        return _union(arguments, discriminator)
    if origin is Literal:
        return Shape("choice", choices=arguments)
    if origin in (list, tuple):
        item = _shape(arguments[0])
        return (
            Shape("texts", item=item)
            if item.kind in {"text", "choice", "number", "integer"}
            else Shape("rows", item=item)
        )
    if origin is dict:
        return Shape("map", item=_shape(arguments[1]))
    return _plain(annotation)


def _union(arguments: tuple[Any, ...], discriminator: str) -> Shape:
    present = [argument for argument in arguments if argument is not type(None)]
    is_optional = len(present) < len(arguments)
    if len(present) == 1:
        inner = _shape(present[0], discriminator)
        return Shape(
            inner.kind, is_optional, inner.choices, inner.part, inner.variants, inner.discriminator, inner.item
        )
    if not discriminator:
        raise TypeError(f"a union of {present} needs a discriminator")
    variants = tuple((get_args(part.model_fields[discriminator].annotation)[0], part) for part in present)
    return Shape("variant", is_optional, variants=variants, discriminator=discriminator)


def _plain(annotation: Any) -> Shape:
    if isinstance(annotation, type):
        if issubclass(annotation, BaseModel):
            return Shape("part", part=annotation)
        if issubclass(annotation, Enum):
            return Shape("choice", choices=tuple(member.value for member in annotation))
        for base, kind in (
            (bool, "check"), (int, "integer"), (Decimal, "number"), (float, "number"), (str, "text"), (date, "date"),
        ):  # fmt: skip
            if issubclass(annotation, base):
                return Shape(kind)  # type: ignore[arg-type]
    raise TypeError(f"policies cannot hold {annotation!r}")


def unit_at(document: type[BaseModel], place: Sequence[int | str]) -> str:
    """Return the unit of the figure at a place as pydantic names it, "" when there is none."""
    part: type[BaseModel] | None = document
    shape: Shape | None = None
    unit = ""
    for step in place:
        if shape is not None and shape.kind in {"rows", "map", "texts"}:
            shape = shape.item
        elif shape is not None and shape.kind == "variant":
            part, shape = dict(shape.variants).get(str(step)), None
            continue
        elif part is not None and str(step) in part.model_fields:
            shape, unit = shape_of(part, str(step)), unit_of(facts_of(part, str(step)), "", {})
        if shape is not None and shape.kind == "part":
            part, shape = shape.part, None
    return unit
