"""Turn domain errors that reach the outside of a view into an answer."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from yaomai.kit.errors import DomainError
from yaomai.kit.errors.outages import DamagedData, outage
from yaomai.kit.errors.views import NotAnswered, error_response

log = logging.getLogger(__name__)


class RenderErrors:
    """Answer a `DomainError` with its page or problem+json, and an outage of disk or database likewise.

    Outages outside of views, such as while a session is read, reach `views.server_error`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == NotAnswered.status and not response.streaming:
            refused = error_response(request, NotAnswered())
            refused.headers["Allow"] = response.headers["Allow"]
            return refused
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, DomainError):
            return error_response(request, exception)
        if (fault := outage(exception)) is not None:
            cause = exception.__cause__ or exception
            # Which file is damaged is what administrators need; other messages may hold values of rows.
            log.error("%s: %s", fault.code, cause if isinstance(fault, DamagedData) else type(cause).__name__)
            return error_response(request, fault)
        return None
