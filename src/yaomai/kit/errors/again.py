"""A form that could not be taken, because its token is old or the session ended: nothing of what it says is lost.

The answer carries all its fields, to be sent once more with a fresh token. It does so only for forms that one of our
own pages sent, as the browser vouches for: whoever is lured here by another site must find nothing to press.
"""

import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render, resolve_url

from yaomai.kit.errors import DomainError

FORM_TOKEN = "csrfmiddlewaretoken"  # noqa: S105 — the name of the field
TOKEN_HEADER = "X-Form-Token"  # noqa: S105 — the name of the header
WITHOUT_WORDS = ("/accounts/", "/ui/")
"""Pages whose forms hold nothing to keep, or a password."""
WRITTEN = re.compile(r"[\u3400-\u9fff]|\S\s+\S")
"""What was written by hand is shown, so that it can be copied; the rest are choices and numbers."""


def can_be_sent_again(request: HttpRequest) -> bool:
    """Tell whether the request is a form of one of our own pages, with words that somebody would miss."""
    return request.method == "POST" and not request.path.startswith(WITHOUT_WORDS) and _is_from_here(request)


def form_again(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Return the page with all that was written: to be read, copied and sent again."""
    fields = [(name, value) for name, values in request.POST.lists() if name != FORM_TOKEN for value in values]
    context: dict[str, Any] = {
        "error": error,
        "fields": fields,
        "written": [value for _name, value in fields if WRITTEN.search(value)],
        "files": [file.name for _name, files in request.FILES.lists() for file in files],
        "is_multipart": bool(request.FILES),
        "action": request.get_full_path(),
        "sign_in_url": "" if request.user.is_authenticated else resolve_url(settings.LOGIN_URL),
    }
    return render(request, "ui/again.html", context, status=error.status)


def give_token(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let a page that sends parts of itself send this one again: its script puts the fresh token in its place."""
    response.headers[TOKEN_HEADER] = get_token(request)
    return response


def _is_from_here(request: HttpRequest) -> bool:
    """Tell whether the browser says that a page of ours sent this; no page of another site can make it say so."""
    if (site := request.headers.get("Sec-Fetch-Site")) is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
