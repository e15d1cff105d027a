"""The palette, the preferences of the frame, and the style guide."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yaomai.kit.access import Actor, NoActor, current_actor
from yaomai.kit.errors import Missing
from yaomai.kit.ui import guide, handbook, palette
from yaomai.kit.ui.context import THEME_COOKIE, THEMES

YEAR = 365 * 24 * 3600
GUIDE_RIGHT = "settings.system:manage"


def _actor() -> Actor:
    """Return who is signed in; to anybody else the page does not exist."""
    try:
        return current_actor()
    except NoActor:
        raise Missing from None


def _return_address(request: HttpRequest) -> str:
    """Return the page to go back to, only if it is ours."""
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours and wanted.startswith("/") else "/"


@require_GET
def palette_choices(request: HttpRequest) -> HttpResponse:
    """Answer what the typed text finds: a fragment for the box, a page without script."""
    query = request.GET.get("q", "")
    choices = palette.choices(_actor(), query)
    return render(request, "ui/palette.html", {"choices": choices, "query": query})


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remember the theme in a cookie."""
    theme = request.POST.get("theme", "")
    response = HttpResponseRedirect(_return_address(request))
    if theme in THEMES:
        response.set_cookie(THEME_COOKIE, theme, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    return response


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the language in a cookie."""
    language = request.POST.get("language", "")
    response = HttpResponseRedirect(_return_address(request))
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=YEAR,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response


@require_GET
def help_chapter(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a chapter of the user guide: on a page, or in the dialog that "?" opens."""
    _actor()
    chapter = handbook.chapter_of(slug)
    if chapter is None:
        raise Missing
    context = {
        "chapter": chapter,
        "chapters": handbook.chapters(),
        "is_part": request.headers.get("HX-Request") == "true",
        "crumbs": [(_("Guide"), "")],
    }
    return render(request, "ui/help.html", context)


@require_GET
def style_guide(request: HttpRequest) -> HttpResponse:
    """Show every component with sample data, to developers and administrators."""
    if not settings.DEBUG and not _actor().may(GUIDE_RIGHT):
        raise Missing
    return render(request, "ui/guide.html", guide.samples(request))
