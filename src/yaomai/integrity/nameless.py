"""The anonymous channel's front door: nothing that could name the writer gets past this point, in either direction.

Stands before everything that could keep something. On the pages below `PREFIX` it takes from the request all that tells one visitor
from another (address, cookies, agent, referrer, languages, proxies' marks), so that nothing behind it can keep any of it;
it lets no file touch the disk on its way in; and no cookie leaves.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, HttpResponse

PREFIX = "/speak-up/"
MOST_BYTES = 26 * 1024 * 1024
KEPT = frozenset({
    "REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "CONTENT_TYPE", "CONTENT_LENGTH", "SERVER_NAME", "SERVER_PORT",
    "SERVER_PROTOCOL", "HTTP_HOST", "HTTP_X_FORWARDED_PROTO", "wsgi.version", "wsgi.url_scheme", "wsgi.input", "wsgi.errors",
    "wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once", "wsgi.input_terminated",
})  # fmt: skip
NOBODY = "0.0.0.0"  # noqa: S104 — no address at all

Handler = Callable[[HttpRequest], HttpResponse]


class InMemory(MemoryFileUploadHandler):
    """Keep what is uploaded in memory, however large: nothing lies about in a temporary folder."""

    def handle_raw_input(  # type: ignore[override]
        self,
        input_data: Any,
        META: Mapping[str, Any],  # noqa: N803 — the name of the framework
        content_length: int,
        boundary: bytes,
        encoding: str | None = None,
    ) -> None:
        self.activated = True


class Nameless:
    """See the module's docstring."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        for name in [name for name in request.META if name not in KEPT]:
            del request.META[name]
        request.META["REMOTE_ADDR"] = NOBODY
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > MOST_BYTES:
            return HttpResponse(status=413)
        request.upload_handlers = [InMemory(request)]
        response = self.get_response(request)
        response.cookies.clear()
        response.headers["Cache-Control"] = "no-store"
        return response
