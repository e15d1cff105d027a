from django.urls import path

from yaomai.kit.surfaces.urls import surface_urls
from yaomai.segmentation import change_views, customer_views, meeting_views, run_views, scheme_views

app_name = "segmentation"

urlpatterns = [
    path("", scheme_views.overview, name="overview"),
    path("runs/", run_views.runs, name="runs"),
    path("runs/request", run_views.request_run, name="request_run"),
    path("runs/<int:pk>/", run_views.run_page, name="run"),
    path("runs/<int:pk>/customers/<slug:scheme>/", run_views.run_customers, name="run_customers"),
    path("runs/<int:pk>/publish", run_views.publish, name="publish"),
    path("runs/<int:pk>/roll-back", run_views.roll_back, name="roll_back"),
    path("crosswalk/", scheme_views.crosswalk, name="crosswalk"),
    path("service/", scheme_views.service_balance, name="service"),
    path("schemes/<slug:scheme>/", scheme_views.scheme_page, name="scheme"),
    path("explain/<slug:subject>/<int:pk>/<slug:scheme>/", customer_views.explain, name="explain"),
    path("history/<slug:subject>/<int:pk>/", customer_views.history, name="history"),
    path("signals/<int:pk>/", change_views.signal_page, name="tiersignal_detail"),
    path("changes/new/<slug:subject>/<int:pk>/", change_views.change_new, name="change_new"),
    path("changes/<int:pk>/", change_views.change_page, name="tierchange_detail"),
    path("changes/<int:pk>/withdraw", change_views.change_withdraw, name="change_withdraw"),
    path("meetings/<int:pk>/", meeting_views.meeting_page, name="tiermeeting_detail"),
    path("meetings/<int:pk>/decide", meeting_views.meeting_decide, name="meeting_decide"),
    path("meetings/<int:pk>/close", meeting_views.meeting_close, name="meeting_close"),
    path("meetings/<int:pk>/record.<slug:suffix>", meeting_views.meeting_document, name="meeting_document"),
    *surface_urls("segmentation"),
    path("assess/<slug:subject>/<int:pk>/", customer_views.assess, name="assess"),
]
