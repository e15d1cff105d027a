from django.urls import path

from yaomai.integrity import views
from yaomai.kit.surfaces.urls import surface_urls

app_name = "integrity"

urlpatterns = [
    path("watch/", views.watch, name="watch"),
    path("watch/sweep", views.sweep, name="sweep"),
    path("watch/learn", views.learn, name="learn"),
    path("cases/<int:pk>/take", views.case_take, name="case_take"),
    path("cases/<int:pk>/close", views.case_close, name="case_close"),
    path("cases/<int:pk>/reopen", views.case_reopen, name="case_reopen"),
    *surface_urls("integrity"),
]
