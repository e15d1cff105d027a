"""The REST API, version 1: every room's surfaces and endpoints under /api/v1/."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext_lazy as _
from ninja import Router
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer, SessionAuth

from yaomai.kit.errors import DomainError, Invalid, Missing, Refused
from yaomai.kit.errors.validation import message_of
from yaomai.kit.errors.views import FormExpired, error_response
from yaomai.kit.surfaces.api import routers
from yaomai.server.document import LANGUAGE, Api


class Unauthenticated(Refused):
    code = "unauthenticated"
    status = 401
    message = _("Sign in first.")


class NotJson(DomainError):
    code = "not_json"
    message = _("The body is not valid JSON. Nothing was saved.")


class AccessToken(HttpBearer):
    """An access token of a person; `organization.middleware.Bearer` has looked at it and set who acts."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        return request.user if request.user.is_authenticated else None


api = Api(title="Yaomai", version="1", urls_namespace="api", auth=[AccessToken(), SessionAuth()], docs_url=None)


@api.exception_handler(DomainError)
def domain_error(request: HttpRequest, error: DomainError) -> HttpResponse:
    return error_response(request, error)


@api.exception_handler(ValidationError)
def validation_error(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields: dict[str, list[str]] = {}
    for problem in error.errors:
        path = ".".join(str(part) for part in problem["loc"][2:]) or str(problem["loc"][-1])
        fields.setdefault(path, []).append(message_of(problem))
    return error_response(request, Invalid(fields=fields))


@api.exception_handler(AuthenticationError)
def authentication_error(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return error_response(request, Unauthenticated())


@api.exception_handler(HttpError)
def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer in our own words: those of the framework are English only."""
    known: type[DomainError] = {404: Missing, 403: FormExpired}.get(error.status_code, NotJson)
    return error_response(request, known())


def _mount(app: str) -> None:
    """Mount a room's surfaces and, beside them, the endpoints of its own api.py."""
    room = app.rsplit(".", 1)[-1]
    api.add_router(f"/{room}", routers(room))
    module: Any = import_module(app)
    if module_has_submodule(module, "api"):
        own = getattr(import_module(f"{app}.api"), "router", None)
        if isinstance(own, Router):
            api.add_router(f"/{room}", own)


# The framework reads the names of fields now, once and for all readers.
with translation.override(LANGUAGE):
    for app in settings.INSTALLED_APPS:
        if app in {*settings.KIT, *settings.ROOMS} and app != "yaomai.kit.surfaces":
            _mount(app)
