from django.urls import path

from yaomai.kit.surfaces.urls import surface_urls
from yaomai.planning import (
    availability_views,
    calendar_views,
    callback_views,
    duty_views,
    goal_views,
    output_views,
    plan_views,
)

app_name = "planning"

urlpatterns = [
    path("", calendar_views.calendar, name="calendar"),
    path("calendar.<str:suffix>", output_views.calendar_file, name="calendar_file"),
    path("feed/", output_views.feed, name="feed"),
    path("feed/<str:secret>.ics", output_views.feed_file, name="feed_file"),
    path("visits/<int:pk>/breaks", calendar_views.visit_breaks, name="plannedvisit_breaks"),
    path("visits/<int:pk>/move", calendar_views.visit_move, name="plannedvisit_move"),
    path("visits/<int:pk>/cancel", calendar_views.visit_cancel, name="plannedvisit_cancel"),
    path("visits/<int:pk>/miss", calendar_views.visit_miss, name="plannedvisit_miss"),
    path("callbacks/mine", callback_views.callbacks, name="callbacks"),
    path("callbacks/new", callback_views.callback_new, name="callback_new"),
    path("due/", duty_views.due, name="due"),
    path("compliance/", duty_views.compliance, name="compliance"),
    path("duties/<int:pk>/plan", duty_views.duty_plan, name="serviceduty_plan"),
    path("duties/<int:pk>/miss", duty_views.duty_miss, name="serviceduty_miss"),
    path("duties/<int:pk>/waive", duty_views.duty_waive, name="serviceduty_waive"),
    path("plans/new", plan_views.plan_new, name="plan_new"),
    path("plans/<int:pk>/", plan_views.plan_page, name="plan_detail"),
    path("plans/<int:pk>/progress", plan_views.plan_progress, name="plan_progress"),
    path("plans/<int:pk>/stop", plan_views.plan_stop, name="plan_stop"),
    path("plans/<int:pk>/submit", plan_views.plan_submit, name="plan_submit"),
    path("plans/<int:pk>/withdraw", plan_views.plan_withdraw, name="plan_withdraw"),
    path("plans/<int:pk>/discard", plan_views.plan_discard, name="plan_discard"),
    path("plans/<int:pk>/plan.<str:suffix>", output_views.plan_file, name="plan_file"),
    path("again/new", plan_views.replan_new, name="replan_new"),
    path("again/<int:pk>/", plan_views.replan_page, name="replan"),
    path("again/<int:pk>/accept", plan_views.replan_accept, name="replan_accept"),
    path("again/<int:pk>/dismiss", plan_views.replan_dismiss, name="replan_dismiss"),
    path("times/<str:entity>/<int:pk>/", availability_views.working_times, name="working_times"),
    path("absences/file", availability_views.absences_file, name="absences_file"),
    path("goals/tree", goal_views.goals, name="goals"),
    path("goals/<int:pk>/", goal_views.goal_page, name="goal_detail"),
    path("goals/<int:pk>/finalize", goal_views.goal_finalize, name="goal_finalize"),
    path("goals/<int:pk>/decompose", goal_views.goal_decompose, name="goal_decompose"),
    path("goals/<int:pk>/reopen", goal_views.goal_reopen, name="goal_reopen"),
    path("tracking/", goal_views.track, name="tracking"),
    path("reviews/<int:pk>/review.<str:suffix>", output_views.review_file, name="review_file"),
    *surface_urls("planning"),
]
