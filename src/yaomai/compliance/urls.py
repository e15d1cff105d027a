from django.urls import path

from yaomai.compliance import live_views, views, wall_views
from yaomai.kit.surfaces.urls import surface_urls

app_name = "compliance"

urlpatterns = [
    path("rulebook/", views.rulebook_page, name="rulebook"),
    path("rulebook/new", views.rule_new, name="rule_new"),
    path("rulebook/<slug:code>/edit", views.rule_edit, name="rule_edit"),
    path("transfers/tried", live_views.transfer_tried, name="transfer_tried"),
    path("transfers/<int:pk>/give", views.transfer_give, name="transfer_give"),
    path("transfers/<int:pk>/drop", views.transfer_drop, name="transfer_drop"),
    path("expenses/<int:pk>/settle", views.expense_settle, name="expense_settle"),
    path("wall/", wall_views.wall_page, name="wall"),
    path("wall/proof.<str:suffix>", wall_views.wall_document, name="wall_document"),
    path("replay/", views.replay, name="replay"),
    *surface_urls("compliance"),
]
