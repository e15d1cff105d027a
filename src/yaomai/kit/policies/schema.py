"""Declare a policy: a pydantic document whose fields know their label, unit and origin."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.utils.functional import Promise
from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

Choices = Callable[[Mapping[str, Any]], Mapping[str, Promise | str]]
"""From the whole document: the codes a text of it may hold, with the word for each."""

_registered: dict[str, type["Policy"]] = {}


class Document(BaseModel):
    """A part of a policy, such as one band of a scheme."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class Policy(Document):
    """The figures of one decision. Subclasses with a `name` register themselves."""

    name: ClassVar[str] = ""
    label: ClassVar[Promise | str] = ""
    help: ClassVar[Promise | str] = ""
    room: ClassVar[str] = ""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if cls.name:
            if _registered.get(cls.name, cls).__qualname__ != cls.__qualname__:
                raise ValueError(f"policy {cls.name} is declared twice")
            cls.room = cls.name.split(".", 1)[0]
            _registered[cls.name] = cls


def figure(
    default: Any = ...,
    *,
    label: Promise | str,
    origin: str,
    unit: str = "",
    help: Promise | str = "",
    choices: Choices | None = None,
    **constraints: Any,
) -> Any:
    """Declare one figure with its origin ("S1 §二, Top10%", a law's article, "assumed").

    `choices` offers the codes that a text may hold, with their words; `constraints` are pydantic's (ge, le,
    min_length, default_factory …).
    """
    extra: dict[str, Any] = {"label": label, "origin": origin, "unit": unit, "help": help, "choices": choices}
    if "default_factory" in constraints:
        return Field(json_schema_extra=_hidden(extra), **constraints)
    return Field(default, json_schema_extra=_hidden(extra), **constraints)


def _hidden(extra: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Keep lazy translations out of JSON schema, yet reachable through `facts`."""

    def write(schema: dict[str, Any]) -> None:
        schema.update({name: str(value) for name, value in extra.items() if value and name != "choices"})

    write.facts = extra  # type: ignore[attr-defined]
    return write


def facts(field: FieldInfo) -> dict[str, Any]:
    """Return label, origin, unit, help and choices of a declared figure; empty for a plain pydantic field."""
    return getattr(field.json_schema_extra, "facts", {})


_described: dict[tuple[type[BaseModel], str], dict[str, Any]] = {}


def describe(document: type[BaseModel], **fields: Mapping[str, Any] | Promise | str) -> None:
    """Give labels, units, help and choices to the fields of a document that was not declared with `figure`.

    A room does so for documents of the engine: `describe(Tier, share={"label": _("Share"), "unit": "ratio"})`; a
    plain text is the label. A unit that depends on what is measured is a function of the code in the nearest field
    `input` around it, and of the whole document.

    Raises:
        KeyError: the document has no such field.
    """
    for name, said in fields.items():
        document.model_fields[name]
        _described[document, name] = dict(said) if isinstance(said, Mapping) else {"label": said}


def facts_of(document: type[BaseModel], name: str) -> dict[str, Any]:
    """Return label, origin, unit, help and choices of a field, with a readable label in any case."""
    declared = facts(document.model_fields[name])
    described = next((_described[base, name] for base in document.__mro__ if (base, name) in _described), {})
    known: dict[str, Any] = {"label": "", "origin": "", "unit": "", "help": "", "choices": None} | declared | described
    known["label"] = known["label"] or name.replace("_", " ").capitalize()
    return known


def unit_of(known: Mapping[str, Any], measured: str, document: Mapping[str, Any]) -> str:
    """Return the unit of a field, where it depends on what is measured that of the measure."""
    unit = known.get("unit", "")
    return str(unit(measured, document) if callable(unit) else unit)


def registered() -> dict[str, type[Policy]]:
    """Return every declared policy by name."""
    return dict(sorted(_registered.items()))
