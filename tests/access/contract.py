"""What changed between two OpenAPI documents, and whether it breaks programs that were written against the first.

What a program sends may be asked less of and accept more; what it gets may promise more and never less.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
LIMITS = (
    ("maxLength", "maximum", "exclusiveMaximum", "maxItems"),
    ("minLength", "minimum", "exclusiveMinimum", "minItems"),
)
SAID = ("description", "title", "summary", "example", "examples", "default", "tags")
"""What only explains: a change of it breaks nothing."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference, where it is, and whether it breaks a program."""

    where: str
    what: str
    breaks: bool

    def __str__(self) -> str:
        return f"{'BREAKING' if self.breaks else 'additive'}  {self.where}: {self.what}"


def changes(before: Json, after: Json) -> list[Change]:
    """Return every difference of two documents, the breaking ones first."""
    found = _Comparison(before, after).operations()
    return sorted(set(found), key=lambda change: (not change.breaks, change.where, change.what))


def _operations(document: Json) -> dict[str, Json]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


@dataclass(frozen=True, slots=True)
class _Comparison:
    before: Json
    after: Json

    def operations(self) -> Iterator[Change]:
        old, new = _operations(self.before), _operations(self.after)
        yield from (Change(where, "the operation is gone", True) for where in old.keys() - new.keys())
        yield from (Change(where, "a new operation", False) for where in new.keys() - old.keys())
        for where in old.keys() & new.keys():
            yield from self._operation(where, old[where], new[where])

    def _operation(self, where: str, old: Json, new: Json) -> Iterator[Change]:
        if old["operationId"] != new["operationId"]:
            yield Change(where, f"is called {new['operationId']} instead of {old['operationId']}", True)
        yield from self._parameters(where, old, new)
        yield from self._content(f"{where} body", old.get("requestBody"), new.get("requestBody"), sent=True)
        statuses_old, statuses_new = old["responses"], new["responses"]
        for status in statuses_old.keys() | statuses_new.keys():
            at = f"{where} {status}"
            if status not in statuses_new:
                yield Change(at, "is no longer answered", True)
            elif status not in statuses_old:
                yield Change(at, "is a new answer", status.startswith("2"))
            else:
                yield from self._content(at, statuses_old[status], statuses_new[status], sent=False)
        if {name: old.get(name) for name in SAID} != {name: new.get(name) for name in SAID}:
            yield Change(where, "is described differently", False)

    def _parameters(self, where: str, old: Json, new: Json) -> Iterator[Change]:
        was = {(each["in"], each["name"]): each for each in old.get("parameters", [])}
        now = {(each["in"], each["name"]): each for each in new.get("parameters", [])}
        for key in was.keys() | now.keys():
            at, (place, name) = f"{where} {key[0]} {key[1]}", key
            if key not in now:
                yield Change(at, "is not understood any more", True)
            elif key not in was:
                yield Change(at, "is new", bool(now[key].get("required")))
            else:
                if now[key].get("required") and not was[key].get("required"):
                    yield Change(at, "must be given now", True)
                yield from self._schema(at, was[key]["schema"], now[key]["schema"], sent=True)
                if was[key].get("example") != now[key].get("example"):
                    yield Change(at, f"another example of {place} {name}", False)

    def _content(self, where: str, old: Json | None, new: Json | None, *, sent: bool) -> Iterator[Change]:
        was, now = (old or {}).get("content", {}), (new or {}).get("content", {})
        if sent and new and new.get("required") and not (old or {}).get("required"):
            yield Change(where, "must be given now", True)
        for kind in was.keys() | now.keys():
            if kind not in now:
                yield Change(where, f"{kind} is gone", True)
            elif kind not in was:
                yield Change(where, f"{kind} is new", False)
            else:
                yield from self._schema(where, was[kind]["schema"], now[kind]["schema"], sent=sent)
                if was[kind].get("example") != now[kind].get("example"):
                    yield Change(where, "another example", False)

    def _schema(self, where: str, old: Json, new: Json, *, sent: bool, depth: int = 0) -> Iterator[Change]:
        old, new = self._resolved(self.before, old), self._resolved(self.after, new)
        if depth > 8:
            return
        kinds_old, kinds_new = _kinds(old), _kinds(new)
        if kinds_old != kinds_new:
            narrower = kinds_old - kinds_new if sent else kinds_new - kinds_old
            yield Change(where, f"is {_named(kinds_new)}, was {_named(kinds_old)}", bool(narrower))
        yield from _values(where, old, new, sent=sent)
        yield from self._properties(where, _plain(old), _plain(new), sent=sent, depth=depth)
        items_old, items_new = _plain(old).get("items"), _plain(new).get("items")
        if items_old and items_new:
            yield from self._schema(f"{where}[]", items_old, items_new, sent=sent, depth=depth + 1)
        if any(old.get(name) != new.get(name) for name in SAID):
            yield Change(where, "is described differently", False)

    def _properties(self, where: str, old: Json, new: Json, *, sent: bool, depth: int) -> Iterator[Change]:
        was, now = old.get("properties", {}), new.get("properties", {})
        needed_old, needed_new = set(old.get("required", ())), set(new.get("required", ()))
        for name in was.keys() | now.keys():
            at = f"{where}.{name}"
            if name not in now:
                yield Change(at, "is not understood any more" if sent else "is not answered any more", True)
            elif name not in was:
                yield Change(at, "is new", sent and name in needed_new)
            else:
                if sent and name in needed_new - needed_old:
                    yield Change(at, "must be given now", True)
                if not sent and name in needed_old - needed_new:
                    yield Change(at, "may be missing now", True)
                if name in (needed_old - needed_new if sent else needed_new - needed_old):
                    yield Change(at, "may be left out now" if sent else "is always there now", False)
                yield from self._schema(at, was[name], now[name], sent=sent, depth=depth + 1)

    @staticmethod
    def _resolved(document: Json, schema: Json) -> Json:
        while "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema


def _plain(schema: Json) -> Json:
    """Return the one alternative that is not null."""
    rest = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    return rest[0] if len(rest) == 1 else schema


def _kinds(schema: Json) -> frozenset[str]:
    alternatives = schema.get("anyOf") or [schema]
    return frozenset(
        f"{each.get('type', 'anything')}{' ' * ('format' in each)}{each.get('format', '')}" for each in alternatives
    )


def _named(kinds: frozenset[str]) -> str:
    return " or ".join(sorted(kinds))


def _values(where: str, old: Json, new: Json, *, sent: bool) -> Iterator[Change]:
    """Compare what values are possible: the listed ones, and the limits."""
    was, now = _plain(old), _plain(new)
    if was.get("enum") != now.get("enum"):
        some, others = set(was.get("enum") or ()), set(now.get("enum") or ())
        narrower = bool(others) and (not some or bool(some - others)) if sent else bool(some) and not others
        yield Change(where, f"possible values are {sorted(others) or 'any'}, were {sorted(some) or 'any'}", narrower)
    for names, is_highest in zip(LIMITS, (True, False), strict=True):
        for name in names:
            if (before := was.get(name)) == (after := now.get(name)):
                continue
            tighter = after is not None and (before is None or (after < before if is_highest else after > before))
            yield Change(where, f"{name} is {after}, was {before}", sent and tighter)
    if was.get("pattern") != now.get("pattern"):
        yield Change(where, f"pattern is {now.get('pattern')}, was {was.get('pattern')}", sent and "pattern" in now)
