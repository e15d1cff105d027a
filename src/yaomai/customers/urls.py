from django.contrib.auth.decorators import login_required
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yaomai.customers import merge_views, views
from yaomai.kit.surfaces.urls import surface_urls

app_name = "customers"
both = require_http_methods(["GET", "HEAD", "POST"])

urlpatterns = [
    path("institutions/<int:pk>/", login_required(require_safe(views.institution_page)), name="institution_detail"),
    path("professionals/<int:pk>/", login_required(require_safe(views.professional_page)), name="professional_detail"),
    path("institutions/<int:pk>/names/new", login_required(both(views.name_add)), name="name_add"),
    path(
        "institutions/<int:pk>/names/<int:name>/remove",
        login_required(require_POST(views.name_remove)),
        name="name_remove",
    ),
    path("professionals/<int:pk>/workplaces/new", login_required(both(views.workplace_new)), name="workplace_new"),
    path("workplaces/<int:pk>/end", login_required(both(views.workplace_end)), name="workplace_end"),
    path("<str:entity>/<int:pk>/profile/check", login_required(require_POST(views.facts_check)), name="facts_check"),
    path("<str:entity>/<int:pk>/profile/<str:code>/edit", login_required(both(views.fact_edit)), name="fact_edit"),
    path("<str:entity>/<int:pk>/profile/<str:code>/", login_required(require_safe(views.fact_show)), name="fact_show"),
    path("<str:entity>/<int:pk>/contacts/new", login_required(both(views.contact_add)), name="contact_add"),
    path(
        "<str:entity>/<int:pk>/contacts/<int:contact>/remove",
        login_required(require_POST(views.contact_remove)),
        name="contact_remove",
    ),
    path(
        "<str:entity>/<int:pk>/contacts/<int:contact>/reveal",
        login_required(both(views.contact_reveal)),
        name="contact_reveal",
    ),
    path("<str:entity>/<int:pk>/restore", login_required(require_POST(views.restore)), name="restore"),
    path("<str:entity>/<int:pk>/merge", login_required(require_safe(merge_views.merge_choose)), name="merge_choose"),
    path("<str:entity>/<int:winner>/merge/<int:loser>/", login_required(both(merge_views.merge)), name="merge"),
    path("merges/<str:entity>/<int:pk>/undo", login_required(require_POST(merge_views.unmerge)), name="unmerge"),
    path(
        "duplicates/institution/",
        login_required(require_safe(merge_views.duplicates)),
        {"entity": "institution"},
        name="institution_duplicates",
    ),
    path("duplicates/<str:entity>/", login_required(require_safe(merge_views.duplicates)), name="duplicates"),
    path(
        "duplicates/<str:entity>/find",
        login_required(require_POST(merge_views.duplicates_find)),
        name="duplicates_find",
    ),
    path(
        "duplicates/<str:entity>/<int:pk>/reject",
        login_required(require_POST(merge_views.duplicate_reject)),
        name="duplicate_reject",
    ),
    *surface_urls("customers"),
]
