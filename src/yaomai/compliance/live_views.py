"""What a form shows while somebody types: the verdict of the gate, and what the text says that it should not."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from yaomai.compliance import services
from yaomai.compliance.models import Transfer
from yaomai.compliance.wording import WordingPolicy, scan
from yaomai.kit.access import require
from yaomai.kit.errors import Conflict, Invalid, Missing
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.surfaces.forms import form_class
from yaomai.kit.surfaces.surface import surface_of
from yaomai.kit.surfaces.views import actor_of

TONES = {"allow": "good", "needs_approval": "warn", "refuse": "bad"}
TEXTS = ("description", "purpose", "event", "agenda")


@login_required
@require_POST
def transfer_tried(request: HttpRequest) -> HttpResponse:
    """Answer with what the gate would say of a transfer as it stands in the form, and with what its texts say."""
    actor, now = actor_of(request), timezone.now()
    require(actor, Transfer.right("create"))
    policy, _version = policy_on(WordingPolicy, on=timezone.localdate(now))
    form = form_class(Transfer, surface_of(Transfer).form)(request.POST)
    context: dict[str, Any] = {"hits": scan("\n".join(request.POST.get(name, "") for name in TEXTS), policy)}
    if form.is_valid():
        said = dict(form.cleaned_data)
        try:
            context["verdict"] = services.transfer_tried(
                actor=actor, now=now, institution_id=said.pop("institution").pk,
                professional_ids=[each.pk for each in said.pop("professionals")], **said,
            )  # fmt: skip
        except (Invalid, Conflict, Missing):
            context["is_unfinished"] = True
    else:
        context["is_unfinished"] = True
    if "verdict" in context:
        context["tone"] = TONES[context["verdict"].outcome]
    return render(request, "compliance/parts/tried.html", context)
