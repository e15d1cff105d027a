from django.urls import path

from yaomai.kit.surfaces.urls import surface_urls
from yaomai.privacy import views

app_name = "privacy"

urlpatterns = [
    path("requests/<int:pk>/answer", views.request_answer, name="request_answer"),
    path("requests/<int:pk>/refuse", views.request_refuse, name="request_refuse"),
    path("requests/<int:pk>/withdraw", views.request_withdraw, name="request_withdraw"),
    path("requests/<int:pk>/restrict", views.request_restrict, name="request_restrict"),
    path("requests/<int:pk>/erase", views.request_erase, name="request_erase"),
    path("requests/<int:pk>/copy.<slug:suffix>", views.request_copy, name="request_copy"),
    path("personconsents/<int:pk>/withdraw", views.consent_withdraw, name="consent_withdraw"),
    path("retention/", views.retention_page, name="retention"),
    *surface_urls("privacy"),
]
