"""Looking at a drawn line; lists and forms are the surface's."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from yaomai.integrity import services
from yaomai.integrity.forms import LookForm
from yaomai.integrity.models import Audit, AuditItem
from yaomai.kit.access import get_visible, require
from yaomai.kit.surfaces.small_forms import small_form
from yaomai.kit.surfaces.views import actor_of

both = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@both
def audit_look(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Say what was found of a drawn line."""
    actor = actor_of(request)
    require(actor, Audit.right("edit"))
    item = get_visible(AuditItem, audit_id=get_visible(Audit, pk=pk).pk, number=number)
    initial = {"result": item.result, "wrong_amount": item.wrong_amount, "note": item.note}
    return small_form(
        request, LookForm(request.POST or None, initial=initial), title=_("What was found"),
        note=f"{item.label} · {item.amount:.2f}", back=reverse("integrity:audit_detail", args=[pk]), done=_("Noted."),
        write=lambda said: services.audit_look(actor=actor, pk=pk, number=number, now=timezone.now(), **said),
    )  # fmt: skip
