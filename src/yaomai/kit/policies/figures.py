"""The single figures of a document: where each stands, what it is called, how two documents differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from pydantic import BaseModel

from yaomai.kit.policies.models import Version
from yaomai.kit.policies.schema import Policy, facts_of, unit_of
from yaomai.kit.policies.shapes import Shape, shape_of
from yaomai.kit.ui.formats import listed


@dataclass(frozen=True, slots=True)
class RowPlace:
    """A row of a document, such as one tier: the heading of its rows, its title, and the labels down to it."""

    path: str
    heading: str
    title: str
    depth: int


@dataclass(frozen=True, slots=True)
class Figure:
    """One value of a document. `path` names rows by their name where they have one, else by their place."""

    path: str
    labels: tuple[str, ...]
    value: Any
    unit: str
    origin: str
    words: Mapping[str, Any] | None = None
    """What the value's codes are called, where it holds codes."""
    row: "RowPlace | None" = None

    @property
    def label(self) -> str:
        return " › ".join(self.labels)

    @property
    def label_in_row(self) -> str:
        return " › ".join(self.labels[self.row.depth :] if self.row else self.labels[-1:])

    @property
    def shown(self) -> str:
        if self.words is None:
            return written(self.value, self.unit)
        codes = self.value if isinstance(self.value, list) else [self.value]
        return written([str(self.words.get(code, code)) for code in codes if code not in (None, "")])


def written(value: Any, unit: str = "") -> str:
    """Return a value as a person reads it, with its unit."""
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return listed(written(item) for item in value)
    if unit == "ratio":
        return f"{percent_text(value)}%"
    if isinstance(value, int | float):
        value = format(value, ",")
    return f"{value} {unit_label(unit)}".strip()


def percent_text(value: Any) -> str:
    """Return a ratio such as "0.125" as "12.5"; what is no number stays as it is."""
    try:
        return format((Decimal(str(value)) * 100).normalize(), "f")
    except InvalidOperation:
        return str(value)


def unit_label(unit: str) -> str:
    """Return a unit as a person writes it."""
    labels = {
        "ratio": "%", "CNY": _("yuan"), "day": _("days"), "days": _("days"), "month": _("months"), "months": _("months"),
        "year": _("years"), "hour": _("hours"), "minute": _("minutes"), "count": _("times"), "points": _("points"),
        "score": _("points of 1"), "km": _("km"),
    }  # fmt: skip
    return labels.get(unit, unit)


def title_of(row: Any, place: int, part: type[BaseModel] | None = None, document: Mapping[str, Any] = {}) -> str:
    """Return what a row is called: its label in the reader's language, what it is about, its name, or its number."""
    if isinstance(row, Mapping):
        label = row.get("label")
        if isinstance(label, Mapping):
            label = label.get("en" if (get_language() or "").startswith("en") else "zh") or next(
                iter(label.values()), ""
            )
        about = " · ".join(
            str((words_of(part, name, document) or {}).get(row[name], row[name])) for name in ABOUT if row.get(name)
        )
        if text := label or about or row.get("name") or row.get("code"):
            return str(text)
    return str(place + 1)


ABOUT = ("scheme", "tier", "activity", "input")


def words_of(part: type[BaseModel] | None, name: str, document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the words for the codes that a field holds, None when it holds none."""
    if part is None or name not in part.model_fields:
        return None
    choices = facts_of(part, name)["choices"]
    return None if choices is None else choices(document)


def key_of(row: Any, place: int) -> str:
    """Return what tells a row from its neighbours when documents are compared."""
    if isinstance(row, Mapping) and row.get("name"):
        return str(row["name"])
    if isinstance(row, Mapping) and row.get("scheme") and row.get("tier"):
        return "/".join(str(row[name]) for name in ABOUT if row.get(name))
    return str(place)


def figures(policy: type[Policy], document: Mapping[str, Any]) -> list[Figure]:
    """Return every figure of a policy's document, in the order of declaration."""
    return list(_Reading(document).part(policy, document, _Place()))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value stands, and what was said about it on the way there."""

    path: str = ""
    labels: tuple[str, ...] = ()
    unit: str = ""
    origin: str = ""
    row: RowPlace | None = None
    measured: str = ""

    def at(self, name: str, label: str, **said: Any) -> "_Place":
        return replace(self, path=f"{self.path}.{name}".lstrip("."), labels=(*self.labels, label), **said)


@dataclass(frozen=True, slots=True)
class _Reading:
    """Walks through a document, figure by figure."""

    document: Mapping[str, Any]

    def part(self, part: type[BaseModel], value: Mapping[str, Any], place: _Place) -> Iterator[Figure]:
        inherited = str(value.get("origin") or "") or place.origin
        measured = str(value.get("input") or "") or place.measured
        for name in part.model_fields:
            if name in value:
                known = facts_of(part, name)
                at = place.at(
                    name,
                    str(known["label"]),
                    unit=unit_of(known, measured, self.document),
                    origin=known["origin"] or inherited,
                    measured=measured,
                )
                yield from self.value(shape_of(part, name), value[name], at, words_of(part, name, self.document))

    def value(
        self, shape: Shape, value: Any, place: _Place, words: Mapping[str, Any] | None = None
    ) -> Iterator[Figure]:
        if shape.kind == "part" and isinstance(value, Mapping):
            assert shape.part is not None
            yield from self.part(shape.part, value, place)
        elif shape.kind == "variant" and isinstance(value, Mapping):
            part = dict(shape.variants).get(value.get(shape.discriminator, ""))
            if part is not None:
                yield from self.part(part, value, place)
        elif shape.kind == "rows" and isinstance(value, Sequence):
            assert shape.item is not None
            for number, row in enumerate(value):
                title = title_of(row, number, shape.item.part, self.document)
                at = place.at(key_of(row, number), title)
                if at.row is None:
                    at = replace(at, row=RowPlace(at.path, place.labels[-1], title, len(at.labels)))
                yield from self.value(shape.item, row, at)
        elif shape.kind == "map" and isinstance(value, Mapping):
            assert shape.item is not None
            for key, item in value.items():
                yield from self.value(shape.item, item, place.at(str(key), str(key)))
        elif shape.kind == "choice" and isinstance(value, str) and value:
            yield self.figure(value, place, {value: _(value)})
        else:
            yield self.figure(value, place, words)

    def figure(self, value: Any, place: _Place, words: Mapping[str, Any] | None) -> Figure:
        return Figure(place.path, place.labels, value, place.unit, place.origin, words, place.row)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a document as one line: its title, and its figures beside each other."""

    title: str
    figures: list[Figure]

    @property
    def origin(self) -> str:
        return next((figure.origin for figure in self.figures if figure.origin), "")


# What the title of a row says already, and the origin, which has a place of its own.
NAMING = (".name", ".label.zh", ".label.en", ".origin", *(f".{name}" for name in ABOUT))


def lines(policy: type[Policy], document: Mapping[str, Any]) -> list[tuple[str, list[Line]]]:
    """Return the figures by heading, one line for each row of the document, without what is left empty."""
    found: dict[str, dict[str, Line]] = {}
    mine, other = (".en", ".zh") if (get_language() or "").startswith("en") else (".zh", ".en")
    for figure in figures(policy, document):
        if figure.path.endswith((other, other.replace(".", "_"))):
            continue
        if figure.path.endswith(mine):
            figure = replace(figure, labels=figure.labels[:-1])
        if figure.row is None:
            heading, title, key = " › ".join(figure.labels[:-1]), figure.labels[-1], figure.path
        elif figure.value in (None, "", []) or figure.path.endswith(NAMING):
            continue
        else:
            heading, title, key = figure.row.heading, figure.row.title, figure.row.path
        found.setdefault(heading, {}).setdefault(key, Line(title, [])).figures.append(figure)
    return [(heading, list(rows.values())) for heading, rows in found.items()]


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that two documents do not share; None where a document has none."""

    label: str
    before: str | None
    after: str | None


def differences(policy: type[Policy], before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Return what differs between two documents, figure by figure."""
    old = {figure.path: figure for figure in figures(policy, before)}
    new = {figure.path: figure for figure in figures(policy, after)}
    found = []
    for path in [*old, *(path for path in new if path not in old)]:
        one, other = old.get(path), new.get(path)
        if one is None or other is None or one.value != other.value:
            named = one or other
            assert named is not None
            found.append(Difference(named.label, one.shown if one else None, other.shown if other else None))
    return found


def since(policy: type[Policy], versions: Sequence[Version]) -> dict[str, Version]:
    """Return, for each figure of the last version, the version that gave it its present value.

    `versions` are those that came into force, oldest first. A figure that never differed from its declaration is
    left out: its origin says where it comes from.
    """
    present = {figure.path: figure.value for figure in figures(policy, policy().model_dump(mode="json"))}
    found: dict[str, Version] = {}
    for version in versions:
        values = {figure.path: figure.value for figure in figures(policy, version.document)}
        for path, value in values.items():
            if present.get(path) != value:
                found[path] = version
        found = {path: by for path, by in found.items() if path in values}
        present = values
    return found
