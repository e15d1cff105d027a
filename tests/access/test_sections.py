"""Every page stands in a section: tabs and breadcrumb are there on forms too, before and after an error."""

import re
from collections.abc import Iterator

from django.urls import URLPattern, get_resolver
from django.urls.resolvers import URLResolver

from yaomai.kit.access import Actor, Grant
from yaomai.kit.access.rights import every_right
from yaomai.kit.ui import navigation

# The door, interfaces of programs, one's own pages, parts of pages, and what only leads elsewhere.
APART = (
    "/accounts/",
    "/api/",
    "/ui/",
    "/palette",
    "/help",
    "/inbox/",
    "/health",
    "/metrics",
    "/organization/me/",
    "/speak-up/",
    "/field/",
)


def _paths(resolver: URLResolver, before: str = "/") -> Iterator[str]:
    for entry in resolver.url_patterns:
        path = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield re.sub(r"<[^>]*>", "1", path)
        else:
            yield from _paths(entry, path)


def test_every_page_stands_in_a_section() -> None:
    everybody = Actor(1, "everybody", (Grant(frozenset(every_right())),))
    paths = [path for path in _paths(get_resolver()) if not path.startswith(APART)]
    assert len(paths) > 150
    lost = [path for path in paths if not any(each.is_active for each in navigation.menu(everybody, path))]
    assert lost == []
