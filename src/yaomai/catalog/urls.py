from django.contrib.auth.decorators import login_required
from django.urls import path
from django.views.decorators.http import require_http_methods

from yaomai.catalog import views
from yaomai.kit.surfaces.urls import surface_urls

app_name = "catalog"

urlpatterns = [
    path(
        "products/<int:pk>/standings/new",
        login_required(require_http_methods(["GET", "HEAD", "POST"])(views.standing_new)),
        name="standing_new",
    ),
    *surface_urls("catalog"),
]
