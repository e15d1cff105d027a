"""Error answers as pages, fragments or problem+json."""

import sys
from urllib.parse import quote

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from yaomai.kit.errors import DomainError, Missing, Refused, Unavailable, again, problem
from yaomai.kit.errors.outages import outage


class FormExpired(DomainError):
    """The form's secret token is missing or old."""

    code = "form_expired"
    status = 403
    message = _("This form has expired, and nothing was saved: it was open for too long, or you signed in anew since.")


class FormRenewed(FormExpired):
    """The same, said to a page that was given a fresh token along with it."""

    message = _("You signed in anew since, so this was not saved yet. What you wrote is still there: press Save again.")


class SignedOut(DomainError):
    """The session ended while a form was open."""

    code = "signed_out"
    status = 401
    message = _("You are no longer signed in, so this was not saved yet.")


class SignedOutMeanwhile(SignedOut):
    """The same, said beside a form that stays as it is."""

    message = _(
        "You are no longer signed in, so this was not saved yet. What you wrote is still there: sign in in another tab,"
        " then save again."
    )


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
    if request.headers.get("HX-Request") == "true":
        response.headers["X-Message"] = quote(str(error))
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
    if not request.user.is_authenticated and (answer := signed_out(request)) is not None:
        return answer
    if wants_json(request) or not again.can_be_sent_again(request):
        return error_response(request, FormExpired())
    if request.headers.get("HX-Request") == "true":
        return again.give_token(request, error_response(request, FormRenewed()))
    return again.form_again(request, FormExpired())


def signed_out(request: HttpRequest) -> HttpResponse | None:
    """Return what is told to somebody whose session ended while they wrote; None leads them to the sign-in."""
    if request.headers.get("HX-Request") == "true":
        return error_response(request, SignedOutMeanwhile())
    return again.form_again(request, SignedOut()) if again.can_be_sent_again(request) else None
