from django.urls import path

from yaomai.influence import views
from yaomai.kit.surfaces.urls import surface_urls

app_name = "influence"

urlpatterns = [
    path("review/", views.review, name="review"),
    path("review/<int:pk>/decide", views.author_decide, name="author_decide"),
    path("network/", views.network, name="network"),
    path("network/compute", views.network_compute, name="network_compute"),
    path("professionals/<int:pk>/publications/new", views.work_new, name="work_new"),
    path("publications/<int:pk>/authors/new", views.author_new, name="author_new"),
    path("publications/<int:pk>/authors/<int:author>/remove", views.author_remove, name="author_remove"),
    *surface_urls("influence"),
]
