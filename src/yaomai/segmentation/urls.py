from django.urls import path

from yaomai.kit.surfaces.urls import surface_urls
from yaomai.segmentation import review_views, views

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
    path("signals/<int:pk>/", review_views.signal_page, name="tiersignal_detail"),
    path("changes/new/<slug:subject>/<int:pk>/", review_views.change_new, name="change_new"),
    path("changes/<int:pk>/", review_views.change_page, name="tierchange_detail"),
    path("changes/<int:pk>/withdraw", review_views.change_withdraw, name="change_withdraw"),
    path("meetings/<int:pk>/", review_views.meeting_page, name="tiermeeting_detail"),
    path("meetings/<int:pk>/decide", review_views.meeting_decide, name="meeting_decide"),
    path("meetings/<int:pk>/close", review_views.meeting_close, name="meeting_close"),
    path("meetings/<int:pk>/record.<slug:suffix>", review_views.meeting_document, name="meeting_document"),
    *surface_urls("segmentation"),
    path("assess/<slug:subject>/<int:pk>/", views.assess, name="assess"),
]
