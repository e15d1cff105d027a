"""Addresses of the field app: /field/, outside the room's own so that it can be a place of its own on the phone."""

from django.urls import path

from yaomai.engagement import field_views

app_name = "field"

urlpatterns = [
    path("", field_views.shell, name="shell"),
    path("sw.js", field_views.service_worker, name="service_worker"),
    path("manifest.webmanifest", field_views.manifest, name="manifest"),
]
