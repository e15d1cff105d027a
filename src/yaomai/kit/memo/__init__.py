"""What does not change while one page is made is read once, however many parts of the page ask for it.

    @once_a_page
    def run_in_force(kind: str) -> Run | None: ...

Only requests that change nothing remember, each for itself; everything else reads anew every time.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.http import HttpRequest, HttpResponse

P = ParamSpec("P")
R = TypeVar("R")

_page: ContextVar[dict[Any, Any] | None] = ContextVar("yaomai_page", default=None)


@contextmanager
def one_page() -> Iterator[None]:
    """Remember within the block."""
    token = _page.set({})
    try:
        yield
    finally:
        _page.reset(token)


def once_a_page(read: Callable[P, R]) -> Callable[P, R]:
    """Let a function of hashable arguments run once per page and set of arguments."""

    @wraps(read)
    def remembered(*args: P.args, **kwargs: P.kwargs) -> R:
        known = _page.get()
        if known is None:
            return read(*args, **kwargs)
        key = (read, args, tuple(sorted(kwargs.items())))
        if key not in known:
            known[key] = read(*args, **kwargs)
        found: R = known[key]
        return found

    return remembered


class OnePage:
    """Middleware: every request that changes nothing is one page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        with one_page():
            return self.get_response(request)
