"""The anonymous channel as a writer sees it: no sign-in, no cookie, no script, no code in any address.

Every page is the answer to what was sent, never a redirect to an address that would name a report.
"""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yaomai.integrity import letterbox
from yaomai.integrity.cleaning import cleaned
from yaomai.integrity.speak_forms import CodeForm, ReplyForm, ReportForm
from yaomai.kit.errors import DomainError, Invalid

LANGUAGES = ("zh-hans", "en")


def _answer(request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Render without the request: no context processor asks who it is, and no form token is made."""
    language = request.GET.get("lang", "")
    language = language if language in LANGUAGES else LANGUAGES[0]
    with translation.override(language):
        shown = {
            **{key: value() if callable(value) else value for key, value in context.items()},
            "LANGUAGE_CODE": language, "query": f"?lang={language}", "home": reverse("speak_up:home"),
        }  # fmt: skip
        response = HttpResponse(render_to_string(f"integrity/speak_up/{name}.html", shown), status=status)
        response.headers["Content-Language"] = language
    return response


def _language(request: HttpRequest) -> str:
    wanted = request.GET.get("lang", "")
    return wanted if wanted in LANGUAGES else LANGUAGES[0]


def _attempt(form: Any, work: Any) -> Any:
    """Do the work; what a service refuses stands beside its field."""
    try:
        return work()
    except Invalid as error:
        for name, texts in error.fields.items():
            form.add_error(name if name in form.fields else None, [str(text) for text in texts])
    except DomainError as error:
        form.add_error(None, str(error))
    return None


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what the channel is, and both ways in."""
    return _answer(request, "home", {"form": CodeForm})


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Write a report; the answer shows the code, once."""
    language = _language(request)
    with translation.override(language):
        if request.method != "POST":
            form = ReportForm(initial={"code": letterbox.new_code()}, language=language)
            return _answer(request, "report", {"form": form})
        form = ReportForm(request.POST, request.FILES, language=language)
        if form.is_valid():
            said = form.cleaned_data

            def put() -> bool:
                files = [cleaned(data) for data in said["files"]]
                letterbox.put_in(**(said | {"files": files}), on=timezone.localdate(), is_report=True)
                return True

            if _attempt(form, put):
                return _answer(request, "sent", {"code": said["code"]})
        return _answer(request, "report", {"form": form}, status=422)


@csrf_exempt
@login_not_required
@require_POST
def status(request: HttpRequest) -> HttpResponse:
    """Show how a report stands, to whoever has its code."""
    with translation.override(_language(request)):
        form = CodeForm(request.POST)
        found = _attempt(form, lambda: letterbox.standing(form.cleaned_data["code"])) if form.is_valid() else None
        if found is None:
            return _answer(request, "home", {"form": form}, status=422)
        reply = ReplyForm(initial={"code": form.cleaned_data["code"]})
        return _answer(request, "status", {"found": found, "form": reply, "is_answered": False})


@csrf_exempt
@login_not_required
@require_POST
def reply(request: HttpRequest) -> HttpResponse:
    """Put a further message into the box."""
    with translation.override(_language(request)):
        form = ReplyForm(request.POST, request.FILES)
        sent = None
        if form.is_valid():
            said = form.cleaned_data

            def put() -> bool:
                files = [cleaned(data) for data in said["files"]]
                letterbox.put_in(**(said | {"files": files}), on=timezone.localdate(), is_report=False)
                return True

            sent = _attempt(form, put)
        try:
            found = letterbox.standing(request.POST.get("code", ""))
        except Invalid:
            return _answer(request, "home", {"form": CodeForm(request.POST)}, status=422)
        if sent:
            form = ReplyForm(initial={"code": request.POST["code"]})
        return _answer(
            request, "status", {"found": found, "form": form, "is_answered": bool(sent)}, status=200 if sent else 422
        )
