"""The single figures of a document: where each stands, what it is called, how two documents differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from pydantic import BaseModel

from yaomai.kit.policies.models import Version
from yaomai.kit.policies.schema import Policy, facts_of
from yaomai.kit.policies.shapes import Shape, shape_of


@dataclass(frozen=True, slots=True)
class Figure:
    """One value of a document. `path` names rows by their name where they have one, else by their place."""

    path: str
    labels: tuple[str, ...]
    value: Any
    unit: str
    origin: str
    is_choice: bool = False
    """One of a few words, which are shown translated."""

    @property
    def label(self) -> str:
        return " › ".join(self.labels)

    @property
    def shown(self) -> str:
        return _(self.value) if self.is_choice else written(self.value, self.unit)


def written(value: Any, unit: str = "") -> str:
    """Return a value as a person reads it, with its unit."""
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "、".join(written(item) for item in value)
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


def title_of(row: Any, place: int) -> str:
    """Return what a row is called: its label in the reader's language, its name, or its number."""
    if isinstance(row, Mapping):
        label = row.get("label")
        if isinstance(label, Mapping):
            label = label.get("en" if (get_language() or "").startswith("en") else "zh") or next(
                iter(label.values()), ""
            )
        if text := label or row.get("name") or row.get("code"):
            return str(text)
        if row.get("tier"):
            return " · ".join(str(row[key]) for key in ("scheme", "tier") if row.get(key))
        if row.get("input"):
            return str(row["input"])
    return str(place + 1)


def key_of(row: Any, place: int) -> str:
    """Return what tells a row from its neighbours when documents are compared."""
    if isinstance(row, Mapping) and row.get("name"):
        return str(row["name"])
    if isinstance(row, Mapping) and row.get("scheme") and row.get("tier"):
        return f"{row['scheme']}/{row['tier']}"
    return str(place)


def figures(policy: type[Policy], document: Mapping[str, Any]) -> list[Figure]:
    """Return every figure of a policy's document, in the order of declaration."""
    return list(_part(policy, document, "", (), ""))


def _part(
    part: type[BaseModel], document: Mapping[str, Any], path: str, labels: tuple[str, ...], origin: str
) -> Iterator[Figure]:
    origin = str(document.get("origin") or "") or origin
    for name in part.model_fields:
        if name not in document:
            continue
        known = facts_of(part, name)
        yield from _value(
            shape_of(part, name),
            document[name],
            f"{path}.{name}".lstrip("."),
            (*labels, str(known["label"])),
            known["unit"],
            known["origin"] or origin,
        )


def _value(shape: Shape, value: Any, path: str, labels: tuple[str, ...], unit: str, origin: str) -> Iterator[Figure]:
    if shape.kind == "part" and isinstance(value, Mapping):
        assert shape.part is not None
        yield from _part(shape.part, value, path, labels, origin)
    elif shape.kind == "variant" and isinstance(value, Mapping):
        part = dict(shape.variants).get(value.get(shape.discriminator, ""))
        if part is not None:
            yield from _part(part, value, path, labels, origin)
    elif shape.kind == "rows" and isinstance(value, Sequence):
        assert shape.item is not None
        for place, row in enumerate(value):
            yield from _value(
                shape.item, row, f"{path}.{key_of(row, place)}", (*labels, title_of(row, place)), unit, origin
            )
    elif shape.kind == "map" and isinstance(value, Mapping):
        assert shape.item is not None
        for key, item in value.items():
            yield from _value(shape.item, item, f"{path}.{key}", (*labels, str(key)), unit, origin)
    elif shape.kind == "choice" and isinstance(value, str) and value:
        yield Figure(path, labels, value, unit, origin, is_choice=True)
    else:
        yield Figure(path, labels, value, unit, origin)


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
