from django.urls import path

from yaomai.integrity import audit_views, crisis_views, dossier_views, report_views, views
from yaomai.kit.surfaces.urls import surface_urls

app_name = "integrity"

urlpatterns = [
    path("watch/", views.watch, name="watch"),
    path("watch/sweep", views.sweep, name="sweep"),
    path("watch/learn", views.learn, name="learn"),
    path("cases/<int:pk>/take", views.case_take, name="case_take"),
    path("cases/<int:pk>/close", views.case_close, name="case_close"),
    path("cases/<int:pk>/reopen", views.case_reopen, name="case_reopen"),
    path("reports/", report_views.report_list, name="report_list"),
    path("reports/<uuid:pk>/", report_views.report_detail, name="report_detail"),
    path("reports/<uuid:pk>/accept", report_views.report_accept, name="report_accept"),
    path("reports/<uuid:pk>/reply", report_views.report_reply, name="report_reply"),
    path("reports/<uuid:pk>/keep", report_views.report_keep, name="report_keep"),
    path("reports/<uuid:pk>/close", report_views.report_close, name="report_close"),
    path("reports/<uuid:pk>/evidence/<uuid:file>", report_views.enclosure, name="enclosure"),
    path("crises/<int:pk>/tasks/<int:number>", crisis_views.task_done, name="crisis_task"),
    path("crises/<int:pk>/write", crisis_views.write, name="crisis_write"),
    path("crises/<int:pk>/close", crisis_views.close, name="crisis_close"),
    path("disclosures/<int:pk>/ask", crisis_views.disclosure_ask, name="disclosure_ask"),
    path("disclosures/<int:pk>/hand-in", crisis_views.disclosure_hand_in, name="disclosure_hand_in"),
    path("disclosures/<int:pk>/mend", crisis_views.disclosure_mend, name="disclosure_mend"),
    path("audits/<int:pk>/lines/<int:number>", audit_views.audit_look, name="audit_look"),
    path("dossiers/<int:pk>/file", dossier_views.dossier_take, name="dossier_take"),
    *surface_urls("integrity"),
]
