"""Recognise a submission that is sent again, and give it what the first one ended in: a page, or an answer."""

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
from yaomai.kit.errors import Conflict, Invalid
from yaomai.kit.errors.views import error_response

log = logging.getLogger(__name__)

FORM_TOKEN = "csrfmiddlewaretoken"  # noqa: S105 — the name of the field
KEY_HEADER = "Idempotency-Key"
LONGEST_KEY = 255
REPLAYED = "Idempotency-Replayed"
KEPT_HEADERS = ("Content-Type", "ETag", "Location")
PATIENCE = 3.0
"""Seconds that a twin waits for the answer of what is committed already."""


class SentAlready(Conflict):
    """The first one was done, but its answer was never written: the process ended in between."""

    code = "sent_already"
    message = gettext_lazy("This was sent and saved already. Nothing was done a second time.")


class KeyNotUsable(Invalid):
    """A program's key is too long, or it named something else before."""

    code = "idempotency_key"
    message = gettext_lazy(
        "This Idempotency-Key is too long or was used for another request before. Nothing was done; use a new one."
    )


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
        if submission.key is None:
            return response
        if submission.acts:
            _settle(submission, response)
        elif _is_done(submission):
            # Its twin was committed after this one was named and before its content was looked at: what was found
            # wrong with it ("exists already") is only what the twin did.
            return _answer_to_twin(request, submission)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Name the submission (a form was read before, for its token); a twin that comes late is known at once."""
        if request.method != "POST" or not request.user.is_authenticated:
            return None
        if KEY_HEADER in request.headers and request.path.startswith("/api/"):
            if len(request.headers[KEY_HEADER]) > LONGEST_KEY:
                return error_response(request, KeyNotUsable())
            named = once.Submission(_program_key(request), _content(request))
        elif FORM_TOKEN in request.POST:
            named = once.Submission(_form_key(request))
        else:
            return None
        if _is_done(named):
            return _answer_to_twin(request, named)
        submission = request.submission  # type: ignore[attr-defined]
        submission.key, submission.content = named.key, named.content
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, once.AlreadyDone):
            return None
        submission = request.submission  # type: ignore[attr-defined]
        named = once.Submission(submission.key, submission.content)
        submission.key = None
        return _answer_to_twin(request, named)


def _answer_to_twin(request: HttpRequest, named: once.Submission) -> HttpResponse:
    content, location, answer = _how_it_ended(named)
    if content != named.content:
        return error_response(request, KeyNotUsable())
    if answer:
        headers = {**answer["headers"], REPLAYED: "true"}
        return HttpResponse(answer["body"], status=answer["status"], headers=headers)
    if not location:
        return error_response(request, SentAlready())
    messages.info(request, _("This was sent and saved already. Nothing was done a second time."))
    return HttpResponseRedirect(location)


def _form_key(request: HttpRequest) -> bytes:
    return _digest([request.user.pk, request.get_full_path(), *_parts(request)])


def _program_key(request: HttpRequest) -> bytes:
    return _digest([request.user.pk, request.get_full_path(), request.headers[KEY_HEADER]])


def _content(request: HttpRequest) -> bytes:
    if request.content_type == "multipart/form-data":
        return _digest(_parts(request))
    return hashlib.sha256(request.body).digest()


def _parts(request: HttpRequest) -> list[Any]:
    files = [(name, each.name, each.size) for name, found in request.FILES.lists() for each in found]
    return [sorted(request.POST.lists()), sorted(files)]


def _digest(named: list[Any]) -> bytes:
    return hashlib.sha256(json.dumps(named, default=str).encode()).digest()


def _settle(submission: once.Submission, response: HttpResponse) -> None:
    """Remember what it ended in; forget what ended in nothing, and what is old."""
    key = submission.key
    try:
        with connection.cursor() as cursor:
            if response.status_code in (301, 302, 303):
                where = response.headers["Location"][:2000]
                cursor.execute("UPDATE once_submission SET location = %s WHERE key = %s", [where, key])
            elif submission.content and 200 <= response.status_code < 300:
                cursor.execute("UPDATE once_submission SET answer = %s WHERE key = %s", [_kept(response), key])
            else:
                cursor.execute("DELETE FROM once_submission WHERE key = %s", [key])
            cursor.execute("DELETE FROM once_submission WHERE until < clock_timestamp()")
    except DatabaseError:
        # What was asked is done: a database that leaves now must not make the answer say otherwise.
        log.warning("the end of a submission was not kept")


def _kept(response: HttpResponse) -> str:
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    return json.dumps({"status": response.status_code, "headers": headers, "body": response.content.decode()})


def _is_done(named: once.Submission) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM once_submission WHERE key = %s LIMIT 1", [named.key])
        return cursor.fetchone() is not None


def _how_it_ended(named: once.Submission) -> tuple[bytes, str, Any]:
    """Return hash of the content, address and answer of the first one; waits for one that is about to end."""
    until = time.monotonic() + PATIENCE
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT content, location, answer FROM once_submission WHERE key = %s AND act = 1", [named.key]
            )
            found = cursor.fetchone()
        if found is None:
            return named.content, "", None
        content, location, answer = bytes(found[0]), found[1], json.loads(found[2]) if found[2] else None
        if location or answer or content != named.content or time.monotonic() > until:
            return content, location, answer
        time.sleep(0.05)
