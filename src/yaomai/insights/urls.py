from django.urls import path

from yaomai.insights.allocation import views as allocation_views
from yaomai.insights.effects import views as effect_views
from yaomai.insights.evaluations import views as evaluation_views
from yaomai.insights.events import views as event_views
from yaomai.insights.forecast import views as forecast_views
from yaomai.insights.outlook import views as outlook_views
from yaomai.insights.signals import views as signal_views
from yaomai.insights.targets import views
from yaomai.insights.value import views as report_views
from yaomai.kit.surfaces.urls import surface_urls

app_name = "insights"

urlpatterns = [
    path("allocation/", allocation_views.allocation_page, name="allocation"),
    path("allocation/export", allocation_views.allocation_export, name="allocation_export"),
    path("targets/", views.quadrants, name="quadrants"),
    path("targets/compute", views.quadrants_request, name="quadrants_request"),
    path("targetlists/new", views.list_save, name="targetlist_save"),
    path("targetlists/<int:pk>/", views.list_page, name="targetlist_detail"),
    path("targetlists/<int:pk>/document.<str:suffix>", views.list_document, name="targetlist_document"),
    path("targetitems/<int:pk>/review", views.item_review, name="targetitem_review"),
    path("valuereports/new", report_views.report_new, name="valuereport_new"),
    path("valuereports/<int:pk>/", report_views.report_page, name="valuereport_detail"),
    path("valuereports/<int:pk>/document.<str:suffix>", report_views.report_document, name="valuereport_document"),
    path("forecast/", forecast_views.forecast_page, name="forecast"),
    path("forecast/new", forecast_views.request_forecast, name="forecast_request"),
    path("forecasts/<int:pk>/document.<str:suffix>", forecast_views.forecast_document, name="forecast_document"),
    path("outlook/report/", outlook_views.report_page, name="outlook_report"),
    path("outlook/runs/", outlook_views.runs, name="outlook_runs"),
    path("outlook/runs/new", outlook_views.request_run, name="outlook_request"),
    path("outlook/runs/<int:pk>/", outlook_views.run_page, name="outlook_run"),
    path("outlook/runs/<int:pk>/publish", outlook_views.publish, name="outlook_publish"),
    path("outlook/<int:pk>/", outlook_views.outlook_page, name="outlook_detail"),
    path("churn-alerts/<int:pk>/", outlook_views.alert_page, name="churnalert_detail"),
    path("churn-alerts/<int:pk>/record", outlook_views.alert_record, name="alert_record"),
    path("effectstudies/new", effect_views.study_new, name="effectstudy_new"),
    path("effectstudies/<int:pk>/", effect_views.study_page, name="effectstudy_detail"),
    path("effectstudies/<int:pk>/check", effect_views.study_check, name="effectstudy_check"),
    path("effectstudies/<int:pk>/document.<str:suffix>", effect_views.study_document, name="effectstudy_document"),
    path("purchasesignals/run", signal_views.signals_run, name="purchasesignal_run"),
    path("purchasesignals/<int:pk>/", signal_views.signal_page, name="purchasesignal_detail"),
    path("policyevents/<int:pk>/", event_views.event_page, name="policyevent_detail"),
    path("policyevents/<int:pk>/assess", event_views.event_assess, name="policyevent_assess"),
    path("policyevents/<int:pk>/compare", event_views.event_compare, name="policyevent_compare"),
    path("policyevents/<int:pk>/document.<str:suffix>", event_views.event_document_view, name="policyevent_document"),
    path("policyimpacts/<int:pk>/", event_views.impact_page, name="policyimpact_detail"),
    path(
        "policyimpacts/<int:pk>/document.<str:suffix>", event_views.impact_document_view, name="policyimpact_document"
    ),
    path("evaluations/<int:pk>/", evaluation_views.evaluation_page, name="evaluation_detail"),
    path("evaluations/<int:pk>/refresh", evaluation_views.evaluation_refresh, name="evaluation_refresh"),
    path("evaluations/<int:pk>/close", evaluation_views.evaluation_close, name="evaluation_close"),
    path("evaluations/<int:pk>/problem", evaluation_views.problem_new, name="problem_new"),
    path(
        "evaluations/<int:pk>/document.<str:suffix>",
        evaluation_views.evaluation_document_view,
        name="evaluation_document",
    ),
    path("improvements/<int:pk>/", evaluation_views.improvement_page, name="improvement_detail"),
    path("improvements/<int:pk>/answer", evaluation_views.improvement_answer, name="improvement_answer"),
    path("improvements/<int:pk>/done", evaluation_views.improvement_done, name="improvement_done"),
    path("improvements/<int:pk>/measure", evaluation_views.improvement_measure, name="improvement_measure"),
    path("improvements/<int:pk>/conclude", evaluation_views.improvement_conclude, name="improvement_conclude"),
    *surface_urls("insights"),
]
