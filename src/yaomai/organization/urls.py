from django.urls import path

from yaomai.kit.surfaces.urls import surface_urls
from yaomai.organization import views

app_name = "organization"

urlpatterns = [
    path("tree/", views.tree, name="tree"),
    path("territories/<int:pk>/change", views.territory_change, name="territory_change"),
    path("changes/<int:pk>/withdraw", views.change_withdraw, name="change_withdraw"),
    path("holdings/new", views.holding_new, name="holding_new"),
    path("holdings/<int:pk>/end", views.holding_end, name="holding_end"),
    path("positions/<int:pk>/close", views.position_close, name="position_close"),
    path("filings/<int:pk>/stop", views.filing_stop, name="filing_stop"),
    path("emergencies/<int:pk>/end", views.emergency_end, name="emergency_end"),
    path("people/<int:pk>/factors", views.person_factors, name="person_factors"),
    path("people/<int:pk>/password", views.person_password, name="person_password"),
    path("people/passwords", views.people_passwords, name="people_passwords"),
    path("people/<int:pk>/sessions", views.person_sessions, name="person_sessions"),
    path("people/<int:pk>/reactivate", views.person_reactivate, name="person_reactivate"),
    path("roles/", views.roles, name="roles"),
    path("roles/<int:pk>/", views.role_edit, name="role_edit"),
    path("wall/", views.wall_report, name="wall"),
    path("me/", views.me, name="me"),
    path("me/tokens/new", views.token_new, name="token_new"),
    path("me/tokens/<int:pk>/revoke", views.token_revoke, name="token_revoke"),
    path("me/sessions", views.my_sessions, name="my_sessions"),
    *surface_urls("organization"),
]
