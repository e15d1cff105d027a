from django.urls import path

from yaomai.kit.surfaces.urls import surface_urls
from yaomai.planning import views

app_name = "planning"

urlpatterns = [
    path("visits/<int:pk>/cancel", views.visit_cancel, name="plannedvisit_cancel"),
    path("visits/<int:pk>/miss", views.visit_miss, name="plannedvisit_miss"),
    path("duties/<int:pk>/miss", views.duty_miss, name="serviceduty_miss"),
    path("duties/<int:pk>/waive", views.duty_waive, name="serviceduty_waive"),
    *surface_urls("planning"),
]
