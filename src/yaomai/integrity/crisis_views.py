"""What is done in a crisis and with a disclosure, beyond the lists."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from yaomai.integrity import services
from yaomai.integrity.forms import HandInForm, MendForm, NoteForm, RecordForm, ReviewForm
from yaomai.integrity.models import Crisis, CrisisRecord, CrisisTask, Disclosure
from yaomai.kit.access import get_visible, require
from yaomai.kit.surfaces.small_forms import small_form
from yaomai.kit.surfaces.views import actor_of

both = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@both
def task_done(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Say that a step is done."""
    actor = actor_of(request)
    require(actor, Crisis.right("edit"))
    task = get_visible(CrisisTask, crisis_id=get_visible(Crisis, pk=pk).pk, number=number)
    return small_form(
        request, NoteForm(request.POST or None), title=_("This step is done"), note=task.text,
        back=reverse("integrity:crisis_detail", args=[pk]), done=_("Done; the clock has it."),
        write=lambda said: services.crisis_task_done(actor=actor, pk=pk, number=number, now=timezone.now(), **said),
    )  # fmt: skip


@login_required
@both
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a link to the chain of evidence."""
    actor = actor_of(request)
    require(actor, Crisis.right("edit"))
    row = get_visible(Crisis, pk=pk)

    def work(said: dict[str, Any]) -> CrisisRecord:
        file = said.pop("file")
        content = file.read() if file is not None else b""
        name = file.name if file is not None else ""
        return services.crisis_write(actor=actor, pk=pk, now=timezone.now(), file_name=name, content=content, **said)

    return small_form(
        request, RecordForm(request.POST or None, request.FILES or None), title=_("Write down evidence"), note=str(row),
        back=reverse("integrity:crisis_detail", args=[pk]), done=_("Written. It can be neither changed nor taken out."),
        write=work,
    )  # fmt: skip


@login_required
@both
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """End a crisis with its review."""
    actor = actor_of(request)
    require(actor, Crisis.right("edit"))
    row = get_visible(Crisis, pk=pk)
    return small_form(
        request, ReviewForm(request.POST or None), title=_("It is over"), note=str(row),
        back=reverse("integrity:crisis_detail", args=[pk]), done=_("Over. The chain of evidence is closed."),
        write=lambda said: services.crisis_close(actor=actor, pk=pk, now=timezone.now(), **said),
    )  # fmt: skip


@login_required
@require_POST
def disclosure_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a disclosure before its approvers."""
    services.disclosure_ask(actor=actor_of(request), pk=pk, now=timezone.now())
    return HttpResponseRedirect(reverse("integrity:disclosure_detail", args=[pk]))


def _disclosure(request: HttpRequest, pk: int, form: Any, *, title: str, done: str, work: Any) -> HttpResponse:
    actor = actor_of(request)
    require(actor, Disclosure.right("edit"))
    row = get_visible(Disclosure, pk=pk)
    return small_form(
        request, form, title=title, note=str(row), back=reverse("integrity:disclosure_detail", args=[pk]), done=done,
        write=lambda said: work(actor=actor, pk=pk, now=timezone.now(), **said),
    )  # fmt: skip


@login_required
@both
def disclosure_hand_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that a disclosure was handed in."""
    return _disclosure(request, pk, HandInForm(request.POST or None), title=_("It was handed in"), done=_("Noted."),
                       work=services.disclosure_hand_in)  # fmt: skip


@login_required
@both
def disclosure_mend(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that it is mended."""
    return _disclosure(request, pk, MendForm(request.POST or None), title=_("It is mended"), done=_("Noted."),
                       work=services.disclosure_mend)  # fmt: skip
