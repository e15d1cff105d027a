"""Report packs: what one set up, and what one received."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yaomai.kit.access import current_actor, get_visible
from yaomai.kit.dashboards import selectors, services
from yaomai.kit.dashboards.forms import PackForm
from yaomai.kit.dashboards.models import Pack
from yaomai.kit.surfaces.small_forms import small_form
from yaomai.kit.transfer.writing import EXCEL_TYPE

both = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
def pack_list(request: HttpRequest) -> HttpResponse:
    """Show the reports that one received and the packs that one set up."""
    today = timezone.localdate()
    packs = [(pack, services.said_receivers(pack), selectors.next_day(pack, today)) for pack in selectors.packs()]
    return render(request, "dashboards/packs.html", {"packs": packs, "deliveries": selectors.deliveries()})


def _told(form: PackForm) -> dict[str, Any]:
    told = dict(form.cleaned_data)
    told["on_day"] = told.pop("weekday") if told["rhythm"] == Pack.Rhythm.WEEKLY else told.pop("month_day")
    told.pop("weekday", None)
    told.pop("month_day", None)
    return told


@both
def pack_new(request: HttpRequest) -> HttpResponse:
    """Set up a pack."""
    actor = current_actor()
    form = PackForm(request.POST or None, actor=actor)
    return small_form(
        request, form, title=_("New report pack"), back=reverse("dashboards:pack_list"), note=_note(),
        done=_("Saved."), write=lambda _data: services.pack_create(actor=actor, now=timezone.now(), **_told(form)),
    )  # fmt: skip


def _note() -> str:
    return _(
        "Made at six in the morning as PDF and Excel. Everybody receives the figures and rows of their own territories only."
    )


@both
def pack_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one's own pack."""
    actor = current_actor()
    pack = get_visible(Pack, pk=pk, archived_at=None)
    form = PackForm(request.POST or None, actor=actor, pack=pack)
    return small_form(
        request, form, title=_("Edit %(pack)s") % {"pack": pack}, back=reverse("dashboards:pack_list"), note=_note(),
        done=_("Saved."),
        write=lambda _data: services.pack_update(actor=actor, now=timezone.now(), pk=pk, changes=_told(form)),
    )  # fmt: skip


@require_POST
def pack_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop one's own pack."""
    services.pack_archive(actor=current_actor(), now=timezone.now(), pk=pk)
    return redirect("dashboards:pack_list")


@require_POST
def pack_try(request: HttpRequest, pk: int) -> HttpResponse:
    """Have one's own pack made for oneself at once."""
    day: date = timezone.localdate()
    services.pack_try(actor=current_actor(), pk=pk, day=day)
    messages.success(request, _("It is made in a moment and stands under “Received”; once a day."))
    return redirect("dashboards:pack_list")


@require_GET
def delivery_file(request: HttpRequest, pk: int, suffix: str) -> HttpResponse:
    """Answer with a file that one received."""
    delivery, content = services.delivery_take(actor=current_actor(), pk=pk, suffix=suffix, now=timezone.now())
    kind = "application/pdf" if suffix == "pdf" else EXCEL_TYPE
    response = HttpResponse(content, content_type=kind)
    name = f"{delivery.name}-{delivery.day:%Y%m%d}.{suffix}"
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    response["Cache-Control"] = "no-store"
    return response
