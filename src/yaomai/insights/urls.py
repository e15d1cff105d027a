from django.urls import path

from yaomai.insights import report_views, views
from yaomai.kit.surfaces.urls import surface_urls

app_name = "insights"

urlpatterns = [
    path("targets/", views.quadrants, name="quadrants"),
    path("targetlists/new", views.list_save, name="targetlist_save"),
    path("targetlists/<int:pk>/", views.list_page, name="targetlist_detail"),
    path("targetlists/<int:pk>/document.<str:suffix>", views.list_document, name="targetlist_document"),
    path("targetitems/<int:pk>/review", views.item_review, name="targetitem_review"),
    path("valuereports/new", report_views.report_new, name="valuereport_new"),
    path("valuereports/<int:pk>/", report_views.report_page, name="valuereport_detail"),
    path("valuereports/<int:pk>/document.<str:suffix>", report_views.report_document, name="valuereport_document"),
    *surface_urls("insights"),
]
