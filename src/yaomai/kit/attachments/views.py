"""Screens of attachments: attach, open, take away."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from yaomai.kit.access import get_visible
from yaomai.kit.attachments import selectors, services
from yaomai.kit.attachments.models import Attachment
from yaomai.kit.surfaces.small_forms import small_form
from yaomai.kit.surfaces.surface import surface_of
from yaomai.kit.surfaces.views import actor_of

ACCEPTED = ".jpg,.jpeg,.png,.webp,.pdf,.docx,.xlsx,.pptx"
SEALED_OFF = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
both = require_http_methods(["GET", "HEAD", "POST"])


class FileForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label=gettext_lazy("File"), widget=forms.ClearableFileInput(attrs={"accept": ACCEPTED}),
        help_text=gettext_lazy("Picture, PDF, Word, Excel or PowerPoint. Place, device and author are taken out of it."),
    )  # fmt: skip


class TakeAwayForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)


def _row(carrier: str, pk: int) -> Any:
    return selectors.carried_by(carrier, pk, may_add=True)


@login_required
@both
def attachment_add(request: HttpRequest, carrier: str, carrier_id: int) -> HttpResponse:
    """Attach a file to the row that the address names."""
    row, now = _row(carrier, carrier_id), timezone.now()
    return small_form(
        request, FileForm(request.POST or None, request.FILES or None), title=_("Attach a file"), note=str(row),
        back=surface_of(type(row)).url("detail", carrier_id), done=_("Attached."),
        write=lambda said: services.attachment_add(
            actor=actor_of(request), now=now, carrier=carrier, carrier_id=carrier_id, name=said["file"].name,
            content=services.bytes_of(said["file"], now=now)),
    )  # fmt: skip


@login_required
@both
def attachment_take_away(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file away, with a reason."""
    attachment = get_visible(Attachment, pk=pk, taken_away_at=None)
    row = _row(attachment.carrier, attachment.carrier_id)
    return small_form(
        request, TakeAwayForm(request.POST or None), title=_("Take the attachment away"), note=f"{attachment} · {row}",
        back=surface_of(type(row)).url("detail", row.pk), done=_("Taken away. The trail keeps who did it and why."),
        write=lambda said: services.attachment_take_away(actor=actor_of(request), now=timezone.now(), pk=pk, **said),
    )  # fmt: skip


@login_required
@require_safe
def attachment_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer with the file."""
    return answer(get_visible(Attachment, pk=pk, taken_away_at=None))


def answer(attachment: Attachment, *, media: str = "") -> HttpResponse:
    """Answer with a file so that nothing in it can act in the reader's name: sealed off, never guessed at, not kept."""
    response = HttpResponse(selectors.content_of(attachment), content_type=media or attachment.media)
    manner = "inline" if not media and attachment.media.startswith("image/") else "attachment"
    response["Content-Disposition"] = f"{manner}; filename*=UTF-8''{iri_to_uri(attachment.name).replace(';', '%3B')}"
    response["Content-Security-Policy"] = SEALED_OFF
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "no-store"
    return response
