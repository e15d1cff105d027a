"""The editor of a policy, rendered from its schema: nested parts, rows, variants, each figure with its origin.

It works without script: buttons that add, remove or exchange rows send the form and get it back changed. What is
typed is kept as typed until it is accepted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from pydantic import BaseModel, ValidationError

from yaomai.kit.policies.figures import percent_text, title_of, unit_label, words_of
from yaomai.kit.policies.schema import Policy, facts_of, unit_of
from yaomai.kit.policies.shapes import Shape, shape_of
from yaomai.kit.ui.formats import origin, origin_codes

ROWS = "__rows"
KEY = "__key"
MOST_ROWS = 200


@dataclass
class Node:
    """A place in the form: a control, a group of places, or rows."""

    name: str
    kind: str
    label: str
    help: str = ""
    unit: str = ""
    origin: str = ""
    value: Any = ""
    errors: list[str] = field(default_factory=list)
    choices: list[tuple[str, str]] = field(default_factory=list)
    is_required: bool = False
    children: list["Node"] = field(default_factory=list)
    has_errors: bool = False
    key: str = ""
    is_row: bool = False
    is_open: bool = True

    @property
    def element_id(self) -> str:
        return f"f-{self.name.replace('.', '-')}"

    @property
    def unit_label(self) -> str:
        return unit_label(self.unit)

    @property
    def is_group(self) -> bool:
        return self.kind in {"part", "variant", "rows", "map"}

    @property
    def main(self) -> list["Node"]:
        """Return the numbers of a row, and their units, that are seen and changed without opening it."""
        numbers = [child for child in self.children if child.kind in {"number", "integer"} and child.value != ""]
        units = [child for child in self.children if child.kind == "choice" and child.name.endswith(".unit")]
        seen = {id(child) for child in (*numbers, *units)} if numbers else set()
        return [child for child in self.children if id(child) in seen]

    @property
    def more(self) -> list["Node"]:
        """Return what else a row says."""
        main = {id(child) for child in self.main}
        return [child for child in self.children if id(child) not in main]

    @property
    def described_by(self) -> str:
        parts = ["help"] * bool(self.help or self.origin) + ["errors"] * bool(self.errors)
        return " ".join(f"{self.element_id}-{part}" for part in parts)


@dataclass
class PolicyForm:
    """A policy's document in a form; `raw` is the document, still as texts where it was typed."""

    policy: type[Policy]
    raw: dict[str, Any]
    errors: Mapping[str, list[Any]] = field(default_factory=dict)

    @property
    def general_errors(self) -> list[str]:
        """Return the messages that belong to no field shown."""
        shown = set(_shown_paths(self.nodes))
        return [str(text) for path, texts in self.errors.items() if path not in shown for text in texts]

    @property
    def problems(self) -> list[str]:
        """Return every message with the place it belongs to, in words."""
        return [*self.general_errors, *_problems(self.nodes, ())]

    @property
    def nodes(self) -> list[Node]:
        return self._part(self.policy, self.raw, "", "")

    def _part(self, part: type[BaseModel], document: Any, name: str, place: str) -> list[Node]:
        document = document if isinstance(document, Mapping) else {}
        return [
            self._node(
                shape_of(part, field_name),
                document.get(field_name),
                f"{name}.{field_name}".lstrip("."),
                f"{place}.{field_name}".lstrip("."),
                facts_of(part, field_name),
                is_required=part.model_fields[field_name].is_required(),
                words=words_of(part, field_name, self.raw),
            )
            for field_name in part.model_fields
            if not _is_tag(part, field_name)
        ]

    def _node(
        self,
        shape: Shape,
        value: Any,
        name: str,
        place: str,
        known: Mapping[str, Any],
        *,
        is_required: bool = False,
        words: Mapping[str, Any] | None = None,
    ) -> Node:
        node = Node(
            name=name,
            kind=shape.kind,
            label=str(known.get("label", "")),
            help=str(known.get("help", "")),
            unit=unit_of(known, _measured_in(self.raw, name), self.raw),
            origin=str(known.get("origin", "")),
            errors=[str(text) for text in self.errors.get(place, [])],
            is_required=is_required and not shape.is_optional,
        )
        if shape.kind == "part":
            assert shape.part is not None
            node.children = self._part(shape.part, value, name, place)
        elif shape.kind == "variant":
            self._fill_variant(node, shape, value, place)
        elif shape.kind == "rows":
            self._fill_rows(node, shape, value, place)
        elif shape.kind == "map":
            self._fill_map(node, shape, value, place, known)
        else:
            self._fill_control(node, shape, value, words)
        node.has_errors = bool(node.errors) or any(child.has_errors for child in node.children)
        return node

    def _fill_control(self, node: Node, shape: Shape, value: Any, words: Mapping[str, Any] | None) -> None:
        if shape.kind == "text" and words:
            # What is there stays a choice, whether it is known or not.
            known = {"": "–"} if not node.is_required or not value else {}
            known |= {code: str(word) for code, word in words.items()} | (
                {value: words.get(value, value)} if value else {}
            )
            node.kind, node.choices = "choice", [(str(code), str(word)) for code, word in known.items()]
        if shape.kind == "choice":
            empty = [("", "–")] if shape.is_optional or value in (None, "") else []
            called = words or {}
            node.choices = [
                *empty,
                *((str(choice), str(called.get(choice) or _choice_label(choice))) for choice in shape.choices),
            ]
        if shape.kind == "texts":
            node.value = "\n".join(str(item) for item in value) if isinstance(value, list | tuple) else str(value or "")
        elif shape.kind == "check":
            node.value = value in (True, "on", "true", "True")
        elif node.unit == "ratio" and not isinstance(value, Typed):
            node.value = "" if value is None else percent_text(value)
        elif _is_origin(node.name) and isinstance(value, str):
            node.value = origin(value)
        else:
            node.value = "" if value is None else str(value)

    def _fill_variant(self, node: Node, shape: Shape, value: Any, place: str) -> None:
        chosen = value.get(shape.discriminator) if isinstance(value, Mapping) else None
        variants = dict(shape.variants)
        chosen = chosen if chosen in variants else shape.variants[0][0]
        node.value, node.key = chosen, shape.discriminator
        node.choices = [(tag, _choice_label(tag)) for tag in variants]
        node.children = self._part(variants[chosen], value, node.name, f"{place}.{chosen}")

    def _fill_rows(self, node: Node, shape: Shape, value: Any, place: str) -> None:
        assert shape.item is not None
        for number, row in enumerate(value or []):
            child = self._node(
                shape.item,
                row,
                f"{node.name}.{number}",
                f"{place}.{number}",
                {"label": title_of(row, number, shape.item.part, self.raw)},
            )
            child.is_row = True
            node.children.append(child)
        for child in node.children:
            child.is_open = child.has_errors or not child.label.strip("0123456789")

    def _fill_map(self, node: Node, shape: Shape, value: Any, place: str, known: Mapping[str, Any]) -> None:
        assert shape.item is not None
        for number, (key, item) in enumerate((value or {}).items()):
            child = self._node(
                shape.item,
                item,
                f"{node.name}.{number}",
                f"{place}.{key}",
                {"label": key, "unit": known.get("unit", "")},
            )
            child.key, child.is_row = str(key), True
            node.children.append(child)


class Typed(str):
    """A ratio as somebody typed it, in percent, that could not be read as a number."""


def _is_tag(part: type[BaseModel], name: str) -> bool:
    """Tell whether a field only names its variant: a literal of one value."""
    return shape_of(part, name).kind == "choice" and len(shape_of(part, name).choices) == 1


def _choice_label(choice: Any) -> str:
    return _(str(choice)) if isinstance(choice, str) and choice else str(choice)


def _problems(nodes: list[Node], above: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for node in nodes:
        place = (*above, node.label)
        found += [f"{' › '.join(place)}: {text}" for text in node.errors]
        found += _problems(node.children, place)
    return found


def _shown_paths(nodes: list[Node]) -> list[str]:
    return [path for node in nodes for path in ([node.name] if not node.is_group else []) + _shown_paths(node.children)]


# Reading ---------------------------------------------------------------------------------------------------


def read(policy: type[Policy], data: QueryDict) -> dict[str, Any]:
    """Return the document that a form holds; values stay texts, pydantic reads them.

    An empty number is not replaced by its default: it is sent on and refused in its place.
    """
    # Read once more by what the first reading says of units.
    return _read_part(policy, data, "", _read_part(policy, data, "", {}))


def _read_part(part: type[BaseModel], data: QueryDict, name: str, known: Mapping[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for field_name in part.model_fields:
        shape = shape_of(part, field_name)
        if _is_tag(part, field_name):
            document[field_name] = shape.choices[0]
            continue
        unit = unit_of(facts_of(part, field_name), _measured_by(data, f"{name}.{field_name}"), known)
        value = _read(shape, data, f"{name}.{field_name}".lstrip("."), unit, known)
        # An optional part that is left empty altogether is absent, not a part full of errors.
        document[field_name] = None if shape.is_optional and shape.kind == "part" and _is_blank(value) else value
    return document


def _measured_in(document: Any, name: str) -> str:
    """Return what the nearest field `input` around a place of a document holds, "" when there is none."""
    measured, here = "", document
    for step in name.split("."):
        if isinstance(here, Mapping):
            measured = str(here.get("input") or "") or measured
            here = here.get(step)
        elif isinstance(here, list | tuple) and step.isdecimal() and int(step) < len(here):
            here = here[int(step)]
        else:
            break
    return measured


def _measured_by(data: QueryDict, name: str) -> str:
    """Return the same for a place of a form that was sent."""
    steps = name.split(".")
    around = (".".join((*steps[:end], "input")) for end in range(len(steps) - 1, -1, -1))
    return next((str(data[each]) for each in around if data.get(each)), "")


def _is_blank(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_is_blank(item) for item in value.values())
    return value in (None, "", [], False)


def _read(shape: Shape, data: QueryDict, name: str, unit: str, known: Mapping[str, Any]) -> Any:
    if shape.kind == "part":
        assert shape.part is not None
        return _read_part(shape.part, data, name, known)
    if shape.kind == "variant":
        variants = dict(shape.variants)
        tag = data.get(f"{name}.{shape.discriminator}", "")
        return _read_part(variants[tag], data, name, known) if tag in variants else {shape.discriminator: tag}
    if shape.kind == "rows":
        assert shape.item is not None
        return [_read(shape.item, data, f"{name}.{number}", unit, known) for number in _row_numbers(data, name)]
    if shape.kind == "map":
        assert shape.item is not None
        pairs = [
            (data.get(f"{name}.{number}.{KEY}", "").strip(), _read(shape.item, data, f"{name}.{number}", unit, known))
            for number in _row_numbers(data, name)
        ]
        return {key: value for key, value in pairs if key}
    return _read_control(shape, data, name, unit)


def _row_numbers(data: QueryDict, name: str) -> list[int]:
    numbers = [int(text) for text in data.getlist(f"{name}.{ROWS}") if text.isdecimal() and len(text) < 6]
    return numbers[:MOST_ROWS]


def _read_control(shape: Shape, data: QueryDict, name: str, unit: str) -> Any:
    text = data.get(name, "").strip()
    if shape.kind == "check":
        return bool(text)
    if shape.kind == "texts":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if not text and shape.is_optional:
        return None
    if unit == "ratio" and text:
        return _ratio(text)
    return origin_codes(text) if _is_origin(name) else text


def _is_origin(name: str) -> bool:
    """Tell whether a text says where figures come from: documents are kept by code and shown by title."""
    return name.rpartition(".")[2] == "origin"


def _ratio(text: str) -> str:
    from decimal import Decimal, InvalidOperation

    try:
        return format(Decimal(text.rstrip("%％").strip()) / 100, "f")
    except InvalidOperation:
        return Typed(text)


# Changing rows ---------------------------------------------------------------------------------------------


def changed(policy: type[Policy], raw: dict[str, Any], command: str) -> dict[str, Any]:
    """Return the document after a button: "add:PATH", "remove:PATH.N" or "up:PATH.N"; unknown ones change nothing."""
    verb, _colon, path = command.partition(":")
    steps = path.split(".")
    if verb == "add":
        shape, rows = _rows_at(policy, raw, steps)
        if shape is not None and shape.kind == "rows" and len(rows) < MOST_ROWS:
            rows.append(_blank(shape.item))
        elif shape is not None and shape.kind == "map":
            rows.setdefault(_("new"), "")
    elif verb in {"remove", "up"} and steps[-1].isdecimal():
        shape, rows = _rows_at(policy, raw, steps[:-1])
        number = int(steps[-1])
        if shape is None or number >= len(rows):
            return raw
        if shape.kind == "map":
            rows.pop(list(rows)[number])
        elif verb == "remove":
            rows.pop(number)
        elif number > 0:
            rows.insert(number - 1, rows.pop(number))
    return raw


def _rows_at(policy: type[Policy], raw: dict[str, Any], steps: list[str]) -> tuple[Shape | None, Any]:
    """Return the shape and the rows at a path, or None when the path leads nowhere."""
    part: type[BaseModel] | None = policy
    shape: Shape | None = None
    value: Any = raw
    for step in steps:
        if part is not None:
            if step not in part.model_fields:
                return None, []
            shape, value = shape_of(part, step), value.get(step)
        elif shape is not None and shape.kind == "rows" and step.isdecimal() and int(step) < len(value):
            shape, value = shape.item, value[int(step)]
        else:
            return None, []
        part = _part_of(shape, value)
    return (shape, value) if shape is not None and shape.kind in {"rows", "map"} else (None, [])


def _part_of(shape: Shape | None, value: Any) -> type[BaseModel] | None:
    if shape is None or not isinstance(value, Mapping):
        return None
    if shape.kind == "variant":
        return dict(shape.variants).get(str(value.get(shape.discriminator)))
    return shape.part


def _blank(shape: Shape | None) -> Any:
    """Return what a new row starts with: the defaults where there are any."""
    if shape is None or shape.part is None:
        return {} if shape is not None and shape.kind in {"part", "variant"} else ""
    try:
        return shape.part().model_dump(mode="json")
    except ValidationError:
        return {
            name: known.get_default(call_default_factory=True)
            for name, known in shape.part.model_fields.items()
            if not known.is_required()
        }
