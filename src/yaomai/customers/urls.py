from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yaomai.customers import archive_views, merge_views, sheet_views, split_views, views
from yaomai.kit.surfaces.urls import surface_urls

app_name = "customers"
both = require_http_methods(["GET", "HEAD", "POST"])
PLURALS = {"institution": "institutions", "professional": "professionals"}


def _for_both(suffix: str, view: Callable[..., Any], name: str) -> list[URLPattern]:
    """Return one address of an entity's pages for each entity, under one name."""
    return [
        path(f"{plural}/{suffix}", login_required(view), {"entity": entity}, name=name)
        for entity, plural in PLURALS.items()
    ]


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
    path("professionals/workplaces/<int:pk>/end", login_required(both(views.workplace_end)), name="workplace_end"),
    path("professionals/<int:pk>/types/new", login_required(both(views.type_mark)), name="type_mark"),
    path(
        "professionals/<int:pk>/types/<slug:customer_type>/end",
        login_required(both(views.type_unmark)),
        name="type_unmark",
    ),
    path(
        "professionals/sheet.<slug:suffix>", login_required(require_safe(sheet_views.sheet_blank)), name="sheet_blank"
    ),
    path(
        "professionals/<int:pk>/sheet.<slug:suffix>",
        login_required(require_safe(sheet_views.sheet_file)),
        name="sheet_file",
    ),
    path("professionals/<int:pk>/sheet/", login_required(both(sheet_views.sheet_read)), name="sheet_read"),
    *_for_both("<int:pk>/portrait/", require_safe(archive_views.portrait_page), "portrait"),
    *_for_both("<int:pk>/portrait.<slug:suffix>", require_safe(archive_views.portrait_file), "portrait_file"),
    *(
        path(
            f"{plural}/portraits",
            login_required(require_POST(archive_views.portraits)),
            {"entity": entity},
            name=f"{entity}_portraits",
        )
        for entity, plural in PLURALS.items()
    ),
    *_for_both("<int:pk>/below", require_safe(views.page_below), "page_below"),
    *_for_both("<int:pk>/beside", require_safe(views.page_beside), "page_beside"),
    *_for_both("<int:pk>/workshop/", require_safe(archive_views.workshop), "workshop"),
    *_for_both("<int:pk>/workshop/news", require_safe(archive_views.workshop_news), "workshop_news"),
    *_for_both("<int:pk>/profile/<slug:code>/history", require_safe(archive_views.fact_history), "fact_history"),
    *_for_both("<int:pk>/profile/<slug:code>/propose", both(archive_views.change_propose), "change_propose"),
    *_for_both("<int:pk>/verify", require_POST(archive_views.verify), "verify"),
    *_for_both("requests/<int:pk>/accept", require_POST(archive_views.request_accept), "request_accept"),
    *_for_both("requests/<int:pk>/reject", both(archive_views.request_reject), "request_reject"),
    path("archives/", login_required(require_safe(archive_views.team)), {"entity": "professional"}, name="archives"),
    path(
        "archives/institutions/",
        login_required(require_safe(archive_views.team)),
        {"entity": "institution"},
        name="institution_archives",
    ),
    path("requests/", login_required(require_safe(archive_views.requests)), name="requests"),
    *_for_both("<int:pk>/profile/check", require_POST(views.facts_check), "facts_check"),
    *_for_both("<int:pk>/profile/<slug:code>/edit", both(views.fact_edit), "fact_edit"),
    *_for_both("<int:pk>/profile/<slug:code>/", require_safe(views.fact_show), "fact_show"),
    *_for_both("<int:pk>/contacts/new", both(views.contact_add), "contact_add"),
    *_for_both("<int:pk>/contacts/<int:contact>/remove", require_POST(views.contact_remove), "contact_remove"),
    *_for_both("<int:pk>/contacts/<int:contact>/reveal", both(views.contact_reveal), "contact_reveal"),
    *_for_both("<int:pk>/restore", require_POST(views.restore), "restore"),
    *_for_both("<int:pk>/merge", require_safe(merge_views.merge_choose), "merge_choose"),
    *_for_both("<int:winner>/merge/<int:loser>/", both(merge_views.merge), "merge"),
    *_for_both("merges/<int:pk>/undo", require_POST(merge_views.unmerge), "unmerge"),
    path("institutions/<int:pk>/split", login_required(both(split_views.split)), name="institution_split"),
    path(
        "institutions/splits/<int:pk>/undo",
        login_required(require_POST(split_views.unsplit)),
        name="institution_unsplit",
    ),
    path(
        "duplicates/",
        login_required(require_safe(merge_views.duplicates)),
        {"entity": "institution"},
        name="institution_duplicates",
    ),
    path("duplicates/<slug:entity>/", login_required(require_safe(merge_views.duplicates)), name="duplicates"),
    path(
        "duplicates/<slug:entity>/find",
        login_required(require_POST(merge_views.duplicates_find)),
        name="duplicates_find",
    ),
    path(
        "duplicates/<slug:entity>/<int:pk>/reject",
        login_required(require_POST(merge_views.duplicate_reject)),
        name="duplicate_reject",
    ),
    *surface_urls("customers"),
]
