"""Error answers as pages, fragments or problem+json."""

import sys

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from yaomai.kit.errors import DomainError, Missing, Refused, Unavailable, problem
from yaomai.kit.errors.outages import outage


class FormExpired(DomainError):
    """The form's secret token is missing or old."""

    code = "form_expired"
    status = 403
    message = _("This form has expired, and nothing was saved: it was open for too long, or you signed in anew since.")


class UnknownHost(DomainError):
    """The browser used a host name that this installation does not answer to."""

    code = "unknown_host"
    message = _("Yaomai does not answer under this host name. Ask the administrators to add it to YAOMAI_HOSTS.")


class NotUnderstood(DomainError):
    """A request that no form of ours sends: too many fields, too much text, a forged part."""

    code = "not_understood"
    message = _("This was too large or not complete, and nothing was saved. Go back, send less at once, and try again.")


class NotAnswered(DomainError):
    """An address does not answer the verb that was used."""

    code = "not_answered"
    status = 405
    message = _("This address does not do that. Nothing was changed.")


class TooOften(DomainError):
    """The same was tried too many times in a short time."""

    code = "too_often"
    status = 429
    message = _("This was tried too many times in a short time. Wait a few minutes, then try again.")


class ServerFault(DomainError):
    """Something broke on our side."""

    code = "server_fault"
    status = 500
    message = _("Something went wrong on our side. Nothing was half saved. The administrators can find it in the log.")


def wants_json(request: HttpRequest) -> bool:
    """Tell whether the caller is a program: the REST API, or one that asks for JSON."""
    return request.path.startswith("/api/") or request.headers.get("Accept", "").startswith("application/json")


def error_response(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Return the error as the caller can read it."""
    if wants_json(request):
        response: HttpResponse = JsonResponse(
            problem(error), status=error.status, content_type="application/problem+json"
        )
    else:
        citations = error.citations if isinstance(error, Refused) else []
        context = {"error": error, "status": error.status, "message": str(error), "citations": citations}
        response = render(request, "ui/error.html", context, status=error.status)
    if isinstance(error, Unavailable):
        response.headers["Retry-After"] = "5"
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, Missing())


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, UnknownHost() if isinstance(exception, DisallowedHost) else NotUnderstood())


def server_error(request: HttpRequest) -> HttpResponse:
    # Django calls this while it handles the exception: middleware and the reading of uploads meet outages too.
    return error_response(request, outage(sys.exception()) or ServerFault())


def too_often(request: HttpRequest) -> HttpResponse:
    """Answer for django-allauth, whose own page is English only."""
    return error_response(request, TooOften())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_response(request, FormExpired())
