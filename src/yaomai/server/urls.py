"""Every address of the site: each room and kit mechanism brings its own urls.py."""

from importlib import import_module

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.utils.module_loading import module_has_submodule
from django.views.decorators.http import require_safe

from yaomai.server import operations
from yaomai.server.api import api

# Where a package's addresses stand when that is not /<room>/.
PREFIXES = {"ui": "", "inbox": "", "audit": "trail/", "transfer": "imports/", "dashboards": "boards/"}


def _included(app: str) -> URLResolver | None:
    if not module_has_submodule(import_module(app), "urls"):
        return None
    label = app.rsplit(".", 1)[-1]
    return path(PREFIXES.get(label, f"{label}/"), include(f"{app}.urls"))


urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.urls")),
    path("api/v1/", api.urls),
    path("help/api/operations/", require_safe(operations.operations_page), name="api_operations"),
    path("help/api/openapi.json", require_safe(operations.document_file), name="api_document"),
    path("field/", include("yaomai.engagement.field_urls")),
    path("speak-up/", include("yaomai.integrity.speak_urls")),
    *filter(
        None,
        (
            _included(app)
            for app in settings.INSTALLED_APPS
            if app in {*settings.KIT, *settings.ROOMS} and app != "yaomai.kit.surfaces"
        ),
    ),
]

handler400 = "yaomai.kit.errors.views.bad_request"
handler404 = "yaomai.kit.errors.views.not_found"
handler429 = "yaomai.kit.errors.views.too_often"
handler500 = "yaomai.kit.errors.views.server_error"
