from django.urls import path

from yaomai.kit.surfaces.urls import surface_urls
from yaomai.materials import views

app_name = "materials"

urlpatterns = [
    path("<int:pk>/write", views.version_write, name="version_write"),
    path("wording", views.wording, name="wording"),
    path("versions/<int:pk>/submit", views.version_submit, name="version_submit"),
    path("versions/<int:pk>/withdraw", views.version_withdraw, name="version_withdraw"),
    *surface_urls("materials"),
]
