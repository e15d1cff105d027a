from django.urls import path

from yaomai.engagement import views, visit_views
from yaomai.kit.surfaces.urls import surface_urls

app_name = "engagement"

urlpatterns = [
    path("board/", views.board, name="board"),
    path("board/gather", views.gather, name="gather"),
    path("keyaccounts/<int:pk>/", views.account_page, name="keyaccount_detail"),
    path("keyaccounts/<int:pk>/move", views.account_move, name="keyaccount_move"),
    path("keyaccounts/<int:pk>/undo", views.account_undo, name="keyaccount_undo"),
    path("visits/new", visit_views.visit_new, name="visit_new"),
    path("visits/join", visit_views.visit_join, name="visit_join"),
    path("visits/wording", visit_views.visit_wording, name="visit_wording"),
    path("visits/<int:pk>/steps/new", visit_views.step_new, name="step_new"),
    path("visits/<int:pk>/correct", visit_views.visit_correct, name="visit_correct"),
    path("visits/<int:pk>/explain", visit_views.visit_explain, name="visit_explain"),
    path("visits/<int:pk>/coaching", visit_views.coaching, name="coaching"),
    path("briefs/<int:pk>/", visit_views.brief, name="brief"),
    path("professionals/<int:pk>/stage", visit_views.stage_move, name="stage_move"),
    path("nextsteps/<int:pk>/close", visit_views.step_close, name="nextstep_close"),
    path("strategyalerts/<int:pk>/choose", visit_views.strategy_choose, name="strategyalert_choose"),
    path("audits/<int:pk>/decide", visit_views.audit_decide, name="audit_decide"),
    path("adverseevents/<int:pk>/take-over", visit_views.adverse_take_over, name="adverseevent_take_over"),
    path("field/", visit_views.field_home, name="field_home"),
    path("field/rescue", visit_views.rescue, name="rescue"),
    path("field/consent", visit_views.consent_answer, name="consent_answer"),
    path("field/devices/<uuid:uuid>/wipe", visit_views.device_wipe, name="device_wipe"),
    *surface_urls("engagement"),
]
