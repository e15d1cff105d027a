from django.urls import path

from yaomai.segmentation import views

app_name = "segmentation"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("runs/", views.runs, name="runs"),
    path("runs/request", views.request_run, name="request_run"),
    path("runs/<int:pk>/", views.run_page, name="run"),
    path("runs/<int:pk>/customers/<slug:scheme>/", views.run_customers, name="run_customers"),
    path("runs/<int:pk>/publish", views.publish, name="publish"),
    path("runs/<int:pk>/roll-back", views.roll_back, name="roll_back"),
    path("crosswalk/", views.crosswalk, name="crosswalk"),
    path("service/", views.service_balance, name="service"),
    path("schemes/<slug:scheme>/", views.scheme_page, name="scheme"),
    path("explain/<slug:subject>/<int:pk>/<slug:scheme>/", views.explain, name="explain"),
    path("history/<slug:subject>/<int:pk>/", views.history, name="history"),
    path("assess/<slug:subject>/<int:pk>/", views.assess, name="assess"),
]
