"""Turn domain errors that reach the outside of a view into an answer."""

import logging
from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse

from yaomai.kit.errors import DomainError, Unavailable
from yaomai.kit.errors.views import error_response

log = logging.getLogger(__name__)


class RenderErrors:
    """Answer a `DomainError` with its page or problem+json, and a database that is away with 503."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, DomainError):
            return error_response(request, exception)
        if isinstance(exception, OperationalError):
            log.error("database unavailable: %s", type(exception.__cause__ or exception).__name__)
            return error_response(request, Unavailable())
        return None
