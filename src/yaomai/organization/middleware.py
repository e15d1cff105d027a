"""Set the actor of each request, and keep the door."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor, acting
from yaomai.kit.errors import Missing, Refused
from yaomai.kit.errors.views import error_response, signed_out
from yaomai.organization import tokens
from yaomai.organization.models import Person
from yaomai.organization.selectors import actor_for
from yaomai.organization.sign_in import DOOR

Handler = Callable[[HttpRequest], HttpResponse]
ACCOUNT_PAGES = "/accounts/"
# Pages of django-allauth for products where visitors make their own accounts and reset passwords by e-mail.
CLOSED = tuple(
    f"{ACCOUNT_PAGES}{page}"
    for page in (
        "signup/",
        "email/",
        "confirm-email/",
        "password/reset/",
        "login/code/",
        "3rdparty/",
        "social/",
        "sessions/",
    )
)
ALWAYS_OPEN = ("/static/", "/ui/")
API = "/api/"
READING = ("GET", "HEAD", "OPTIONS")


class TokenRefused(Refused):
    """What a program shows opens nothing: it never did, expired or was revoked."""

    code = "token_refused"
    status = 401
    message = _("This access token is not valid: it expired, was revoked, or was not copied whole.")


class TokenReadsOnly(Refused):
    """A token that reads only was used to write."""

    code = "token_read_only"
    message = _("This access token may only read. Make one that may write, if the program is to write.")


class Bearer:
    """A program with an access token acts as its person, on the API only; it carries no cookie, so no forged form either."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        secret = tokens.shown_by(request) if request.path_info.startswith(API) else None
        if secret is None:
            return self.get_response(request)
        today = timezone.localdate()
        token = tokens.valid_token(secret, on=today)
        if token is None:
            return error_response(request, TokenRefused())
        if token.is_read_only and request.method not in READING:
            return error_response(request, TokenReadsOnly())
        tokens.mark_used(token, on=today)
        request.user = token.person
        request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
        return self.get_response(request)


class RequireSignIn(LoginRequiredMiddleware):
    """Nothing is open without signing in but the door itself; the API asks for itself and answers in JSON."""

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> Any:
        if request.path_info.startswith((API, *ALWAYS_OPEN)):
            return None
        response: Any = super().process_view(request, view, args, kwargs)
        return response

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        """Lead to the sign-in; whose session ended while they wrote keeps what they wrote."""
        return signed_out(request) or super().handle_no_permission(request, view_func)


def _actor_now(person: Person) -> Actor:
    now = timezone.now()
    return actor_for(person, on=timezone.localdate(now), at=now)


class SetActor:
    """Run the request on behalf of whoever is signed in; nobody acts in an anonymous request.

    The pages of the door are the exception: they must find a person before anybody is signed in. What they do
    (a failed attempt, a new factor) and its entry in the trail are one transaction.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Health probes and static files have no session cookie: they cost no query.
        actor = _actor_now(request.user) if request.user.is_authenticated else None
        request.actor = actor  # type: ignore[attr-defined]
        if request.path_info.startswith(CLOSED):
            return error_response(request, Missing())
        if not request.path_info.startswith(ACCOUNT_PAGES):
            with acting(actor):
                return self.get_response(request)
        with acting(actor or DOOR):
            if request.method != "POST":
                return self.get_response(request)
            with transaction.atomic():
                return self.get_response(request)


class ForcePasswordChange:
    """Whoever signed in with a temporary password sees nothing before choosing their own."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and request.user.must_change_password:
            change, leave = reverse("account_change_password"), reverse("account_logout")
            if request.path_info not in (change, leave) and not request.path_info.startswith(ALWAYS_OPEN):
                return redirect(change)
            request.is_password_forced = True  # type: ignore[attr-defined]
        return self.get_response(request)
