from django.urls import path

from yaomai.kit.surfaces.urls import surface_urls
from yaomai.support import views

app_name = "support"

urlpatterns = [
    path("queue/", views.queue, name="queue"),
    path("requests/new", views.request_take, name="servicerequest_new"),
    path("requests/wording", views.wording, name="wording"),
    path("requests/<int:pk>/start", views.request_start, name="request_start"),
    path("requests/<int:pk>/wait", views.request_wait, name="request_wait"),
    path("requests/<int:pk>/resolve", views.request_resolve, name="request_resolve"),
    path("requests/<int:pk>/confirm", views.request_confirm, name="request_confirm"),
    path("requests/<int:pk>/reopen", views.request_reopen, name="request_reopen"),
    *surface_urls("support"),
]
