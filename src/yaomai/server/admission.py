"""Who may come in when more ask than can be served: some run, some wait their turn, the others are told at once.

A request that waits for a minute helps nobody: its reader has reloaded the page by then, and asks twice. So few run at
a time, the first to come is the first to be served, and as soon as waiting would take long, who comes next is told to
try again in some seconds. Being told costs next to nothing, and so whoever was let in is served as quickly as ever.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from yaomai.kit.errors import Unavailable
from yaomai.kit.errors.views import error_response, wants_json
from yaomai.server.middleware import language_of

Handler = Callable[[HttpRequest], HttpResponse]

RUNNING = 4
"""Requests of one process that run at a time: more would only take each other's processor."""
ALWAYS_WAITING = 8
"""So many may wait however long it takes: the parts of one page, on a slow machine."""
MOST_WAITING = 16
"""So many while waiting is short."""
LONGEST_WAIT = 1.0
"""Seconds that the first in the queue has waited beyond which the queue grows no longer."""
PATIENCE = 20.0
"""Seconds after which whoever waits is told, where what runs takes for ever."""
THREADS = RUNNING + MOST_WAITING + 8
"""Threads of a process: there is always one that can say no."""


class TooBusy(Unavailable):
    """More is asked than can be served at the moment."""

    code = "too_busy"
    message = _(
        "Too many people are using Yaomai at this moment. Nothing was changed; please try again in some seconds."
    )


class Turns:
    """Turns to run, given in the order of coming."""

    def __init__(self, running: int = RUNNING) -> None:
        self.lock = threading.Lock()
        self.free = running
        self.queue: deque[tuple[threading.Event, float]] = deque()
        self.refused = 0

    def take(self, patience: float = PATIENCE) -> bool:
        """Wait for a turn; False when there will be none soon."""
        mine = threading.Event()
        with self.lock:
            if self.free:
                self.free -= 1
                return True
            if not self._has_room():
                self.refused += 1
                return False
            place = (mine, time.monotonic())
            self.queue.append(place)
        if mine.wait(patience):
            return True
        with self.lock:
            if mine.is_set():  # it came at the last moment
                return True
            self.queue.remove(place)
            self.refused += 1
            return False

    def give(self) -> None:
        """Give the turn to whoever has waited longest."""
        with self.lock:
            if self.queue:
                self.queue.popleft()[0].set()
            else:
                self.free += 1

    def _has_room(self) -> bool:
        if len(self.queue) < ALWAYS_WAITING:
            return True
        return len(self.queue) < MOST_WAITING and time.monotonic() - self.queue[0][1] < LONGEST_WAIT


turns = Turns()
"""Of this process."""


class Admission:
    """Middleware that lets requests in. Files of the pages and what watches over us never wait."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(settings.STATIC_URL):
            return self.get_response(request)
        if not turns.take():
            return too_busy(request)
        try:
            return self.get_response(request)
        finally:
            turns.give()


def too_busy(request: HttpRequest) -> HttpResponse:
    """Tell the reader, in their language, without asking the database who they are."""
    language = language_of(request)
    with translation.override(language):
        response = (
            error_response(request, TooBusy())
            if wants_json(request)
            else HttpResponse(_page(language), status=TooBusy.status)
        )
    response.headers["Retry-After"] = "5"
    response.headers["Content-Language"] = language
    return response


@lru_cache(maxsize=4)
def _page(language: str) -> str:
    """Return the page; it is the same for everybody, and making it would cost what there is none of."""
    error = TooBusy()
    said = {"error": error, "status": error.status, "message": str(error), "LANGUAGE_CODE": language}
    return render_to_string("ui/error.html", said)
