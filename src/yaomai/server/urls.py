"""Every address of the site. Rooms bring their own urls; kit brings what it serves itself."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.urls")),
]

handler404 = "yaomai.kit.errors.views.not_found"
handler500 = "yaomai.kit.errors.views.server_error"
