"""Every address and every operation of the API has a row in the table."""

from collections.abc import Iterator

from django.urls import URLPattern, get_resolver

from yaomai.kit.access.rights import known
from yaomai.kit.surfaces import surfaces
from yaomai.server.api import api

from .table import ACCOUNT, API_TABLE, CLOSED, OWN, PUBLIC, SCREEN_TABLE, SIGNED, SURFACES, VERBS

SPECIAL = {"", ACCOUNT, PUBLIC, SIGNED, CLOSED, OWN}
"""Rights are checked against the registry; the one for the style guide is registered when a room needs it."""


def addresses() -> Iterator[tuple[str, str]]:
    """Yield every address of the site outside the API: (name, pattern)."""

    def walk(patterns: list, prefix: str, namespace: str) -> Iterator[tuple[str, str]]:
        for each in patterns:
            if isinstance(each, URLPattern):
                yield f"{namespace}{each.name}", f"{prefix}{each.pattern}"
            elif each.namespace != "api":
                inner = f"{each.namespace}:" if each.namespace else ""
                yield from walk(each.url_patterns, f"{prefix}{each.pattern}", f"{namespace}{inner}")

    yield from walk(get_resolver().url_patterns, "", "")


# Addresses of django-allauth that have no name: aliases of pages that are closed.
NAMELESS = {"None"}


def test_every_address_has_a_row() -> None:
    known_names = {row.name for row in SCREEN_TABLE}
    found = {name for name, _pattern in addresses()}
    assert sorted(found - known_names - NAMELESS) == [], "addresses without a row in tests/access/table.py"
    assert sorted(known_names - found) == [], "rows without an address"


def test_nameless_addresses_are_closed_pages() -> None:
    assert {pattern for name, pattern in addresses() if name in NAMELESS} == {
        "accounts/social/login/cancelled/",
        "accounts/social/login/error/",
        "accounts/social/signup/",
        "accounts/social/connections/",
    }


def test_every_operation_has_a_row() -> None:
    declared = {
        (method, path.removeprefix("/api/v1/"))
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method in methods
    }
    table = {(verb, row.name) for row in API_TABLE for verb in VERBS if row.right(verb)} - {("get", "openapi.json")}
    assert sorted(declared - table) == [], "operations without a row in tests/access/table.py"
    assert sorted(table - declared) == [], "rows without an operation"


def test_every_surface_has_a_row() -> None:
    found = {(each.model._meta.label_lower, each.room(), each.plural()) for each in surfaces()}
    assert found == {(each.entity, each.room, each.path) for each in SURFACES}


def test_every_right_of_the_table_is_registered() -> None:
    rights = {row.right(verb).removeprefix(OWN) for row in (*SCREEN_TABLE, *API_TABLE) for verb in VERBS}
    exports = {each.right("export") for each in SURFACES}
    assert sorted(right for right in rights - SPECIAL - exports if not known(right)) == []
