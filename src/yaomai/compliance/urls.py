from django.urls import path

from yaomai.compliance import views
from yaomai.kit.surfaces.urls import surface_urls

app_name = "compliance"

urlpatterns = [
    path("rulebook/", views.rulebook_page, name="rulebook"),
    path("rulebook/new", views.rule_new, name="rule_new"),
    path("rulebook/<slug:code>/edit", views.rule_edit, name="rule_edit"),
    path("replay/", views.replay, name="replay"),
    *surface_urls("compliance"),
]
