"""What does not change while one page is made is read once, however many parts of the page ask for it.

    @once_a_page
    def run_in_force(kind: str) -> Run | None: ...

Where a page is about several of a kind (`about`), what is read of one of them is read of all at once:

    @read_together("institution")
    def last_purchase(institutions: Sequence[int]) -> Mapping[int, date]: ...

    last_purchase(7)  # one statement, however many institutions the page asks for one by one

Only requests that change nothing remember, each for itself; everything else reads anew every time.

What is dear to make and outlives a page is kept by the process (`kept`), under arguments that say when it is stale.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.http import HttpRequest, HttpResponse

P = ParamSpec("P")
R = TypeVar("R")

_keepers: list[Callable[[], None]] = []
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


def about(kind: str, keys: Iterable[int]) -> None:
    """Say whom of a kind the page is about."""
    page = _page.get()
    if page is not None:
        page.setdefault((about, kind), set()).update(keys)


def read_together(
    kind: str,
) -> Callable[[Callable[Concatenate[Sequence[int], P], Mapping[int, R]]], Callable[Concatenate[int, P], R | None]]:
    """Make a read of many (keys, … -> key: value) one of a single key, which reads for all whom the page is about."""

    def made(read: Callable[Concatenate[Sequence[int], P], Mapping[int, R]]) -> Callable[Concatenate[int, P], R | None]:
        def of_one(key: int, /, *args: P.args, **kwargs: P.kwargs) -> R | None:
            page = _page.get()
            if page is None:
                return read([key], *args, **kwargs).get(key)
            known = page.setdefault((read, args, tuple(sorted(kwargs.items()))), {})
            if key not in known:
                announced = page.get((about, kind), ())
                keys = sorted(set(announced) - set(known)) if key in announced else [key]
                known.update(dict.fromkeys(keys))
                known.update(read(keys, *args, **kwargs))
            found: R | None = known[key]
            return found

        of_one.__name__, of_one.__doc__ = read.__name__, read.__doc__
        return of_one

    return made


def kept(*, most: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Keep the last few results of a function in the process; its arguments change when the result would."""

    def made(make: Callable[P, R]) -> Callable[P, R]:
        keeping = lru_cache(maxsize=most)(make)
        _keepers.append(keeping.cache_clear)
        return keeping  # type: ignore[return-value]  # lru_cache forgets the signature

    return made


def forget_kept() -> None:
    """Forget all that is kept: another database stands under the same name, whose keys and stamps mean other rows."""
    for forget in _keepers:
        forget()


class OnePage:
    """Middleware: every request that changes nothing is one page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        with one_page():
            return self.get_response(request)
