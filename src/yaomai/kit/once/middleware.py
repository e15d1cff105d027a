"""Recognise a submission that is sent again, and lead it to where the first one ended."""

import hashlib
import json
import logging
import time
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.kit import once
from yaomai.kit.errors import Conflict
from yaomai.kit.errors.views import error_response

log = logging.getLogger(__name__)

FORM_TOKEN = "csrfmiddlewaretoken"  # noqa: S105 — the name of the field
KEPT = "1 day"
PATIENCE = 3.0
"""Seconds that a twin waits for the answer of what is committed already."""


class SentAlready(Conflict):
    """The first one was done, but its answer was never written: the process ended in between."""

    code = "sent_already"
    message = gettext_lazy("This was sent and saved already. Nothing was done a second time.")


class Once:
    """See the package's docstring. Stands behind what reads the form token and knows who is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        submission = once.Submission()
        request.submission = submission  # type: ignore[attr-defined]
        token = once.begin(submission)
        try:
            response = self.get_response(request)
        finally:
            once.end(token)
        if submission.key is not None and submission.acts:
            _settle(submission.key, response)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Name the submission (the form was read before, for its token); a twin that comes late is known at once."""
        if request.method != "POST" or FORM_TOKEN not in request.POST or not request.user.is_authenticated:
            return None
        key = _key(request)
        if _is_done(key):
            return _answer_to_twin(request, key)
        request.submission.key = key  # type: ignore[attr-defined]
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, once.AlreadyDone):
            return None
        submission = request.submission  # type: ignore[attr-defined]
        key, submission.key = submission.key, None
        return _answer_to_twin(request, key)


def _answer_to_twin(request: HttpRequest, key: bytes) -> HttpResponse:
    location = _where_it_ended(key)
    if not location:
        return error_response(request, SentAlready())
    messages.info(request, _("This was sent and saved already. Nothing was done a second time."))
    return HttpResponseRedirect(location)


def _key(request: HttpRequest) -> bytes:
    files = [(name, each.name, each.size) for name, found in request.FILES.lists() for each in found]
    named = [request.user.pk, request.get_full_path(), sorted(request.POST.lists()), sorted(files)]
    return hashlib.sha256(json.dumps(named, default=str).encode()).digest()


def _settle(key: bytes, response: HttpResponse) -> None:
    """Remember where it ended; forget what ended nowhere, and what is old."""
    try:
        with connection.cursor() as cursor:
            if response.status_code in (301, 302, 303):
                where = response.headers["Location"][:2000]
                cursor.execute("UPDATE once_submission SET location = %s WHERE key = %s", [where, key])
                cursor.execute("DELETE FROM once_submission WHERE done_at < clock_timestamp() - %s::interval", [KEPT])
            else:
                cursor.execute("DELETE FROM once_submission WHERE key = %s", [key])
    except DatabaseError:
        # What was asked is done: a database that leaves now must not make the answer say otherwise.
        log.warning("the end of a submission was not kept")


def _is_done(key: bytes) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM once_submission WHERE key = %s LIMIT 1", [key])
        return cursor.fetchone() is not None


def _where_it_ended(key: bytes) -> str:
    until = time.monotonic() + PATIENCE
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT location FROM once_submission WHERE key = %s AND act = 1", [key])
            found = cursor.fetchone()
        if found is None or found[0] or time.monotonic() > until:
            return str(found[0]) if found else ""
        time.sleep(0.05)
