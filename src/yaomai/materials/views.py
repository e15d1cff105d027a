"""Screens of materials beyond the lists: write a version, look at it, submit it, withdraw it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from yaomai.compliance.wording import WordingPolicy, scan
from yaomai.kit.access import get_visible, require, row_id
from yaomai.kit.errors import Conflict, Invalid, Refused
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.surfaces.small_forms import small_form
from yaomai.kit.surfaces.views import actor_of
from yaomai.materials import services
from yaomai.materials.forms import ClaimForms, VersionForm, WithdrawForm
from yaomai.materials.models import Material, MaterialVersion
from yaomai.materials.services.versions import NotOpen

both = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@both
def version_write(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the open version of a material, or the next one, beginning with what is in force."""
    actor = actor_of(request)
    require(actor, Material.right("edit"))
    material = get_visible(Material, pk=pk)
    start = MaterialVersion.unscoped.filter(material=material).exclude(state="withdrawn").order_by("-number").first()
    if start is not None and start.state == MaterialVersion.State.WAITING:
        raise NotOpen(state=start.get_state_display())
    version = start.version if start is not None and start.is_open else None
    claims = list(start.claims.order_by("pk").values("text", "indication", "population", "source")) if start else []
    form = VersionForm(request.POST or None, instance=start or MaterialVersion(material=material))
    rows = ClaimForms(request.POST or None, initial=claims, prefix="claims")
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        said = [claim for row in rows if (claim := row.said()) is not None]
        try:
            made = services.version_draft(
                actor=actor, now=timezone.now(), material=pk, claims=said,
                expected_version=row_id(request.POST.get("version", "")), **form.cleaned_data,
            )  # fmt: skip
        except (Invalid, Refused, Conflict) as error:
            _say(form, rows, error)
        else:
            return HttpResponseRedirect(reverse("materials:materialversion_detail", args=[made.pk]))
    context = {
        "form": form, "rows": rows, "material": material, "version": version,
        "title": _("Write the next version"), "back": reverse("materials:material_detail", args=[pk]),
        "crumbs": [(str(material), reverse("materials:material_detail", args=[pk])), (_("Write the next version"), "")],
    }  # fmt: skip
    return render(
        request, "materials/version_form.html", context, status=422 if form.errors or any(rows.errors) else 200
    )


def _say(form: VersionForm, rows: Any, error: Invalid | Refused | Conflict) -> None:
    """Put what a service refused beside what it is about."""
    if not isinstance(error, Invalid):
        form.add_error(None, str(error))
        return
    filled = [row for row in rows if row.said() is not None]
    for name, texts in error.fields.items():
        place = name.partition("claims.")[2]
        if place.isdigit() and int(place) < len(filled):
            filled[int(place)].add_error("text", [str(text) for text in texts])
        else:
            form.add_error(name if name in form.fields else None, [str(text) for text in texts])


@login_required
@require_POST
def wording(request: HttpRequest) -> HttpResponse:
    """Answer with what the texts of a form say that they should not; what belongs to a label is no adverse event."""
    require(actor_of(request), Material.right("edit"))
    policy, _version = policy_on(WordingPolicy, on=timezone.localdate())
    told = {"adverse_reactions", "limitations", "csrfmiddlewaretoken", "version"}
    text = "\n".join(str(value) for name, value in request.POST.items() if name not in told)
    hits = scan(text, policy, skip=("adverse",)) + scan(
        "\n".join(request.POST.get(name, "") for name in ("adverse_reactions", "limitations")), policy,
        skip=("adverse", "absolute"),
    )  # fmt: skip
    lacking = [
        field.label for field in VersionForm() if field.name in ("limitations", "adverse_reactions", "sponsorship")
        and not request.POST.get(field.name, "").strip()
    ]  # fmt: skip
    return render(request, "materials/parts/wording.html", {"hits": hits, "lacking": lacking})


@login_required
@require_POST
def version_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Submit a version for pre-approval."""
    return _done(
        request, pk, lambda: services.version_submit(
            actor=actor_of(request), pk=pk, now=timezone.now(), expected_version=row_id(request.POST.get("version", ""))),
        _("Submitted. From now on nobody changes it until it is decided."),
    )  # fmt: skip


def _done(request: HttpRequest, pk: int, work: Callable[[], object], done: str) -> HttpResponse:
    """Write and go back to the version; what is refused is said there."""
    try:
        work()
    except Invalid as error:
        for texts in error.fields.values():
            for text in texts:
                messages.error(request, str(text))
    except (Refused, Conflict) as error:
        messages.error(request, " ".join((str(error), *getattr(error, "citations", ()))))
    else:
        messages.success(request, done)
    return HttpResponseRedirect(reverse("materials:materialversion_detail", args=[pk]))


@login_required
@both
def version_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a version at once."""
    actor = actor_of(request)
    require(actor, Material.right("withdraw"))
    version = get_visible(MaterialVersion, pk=pk)
    return small_form(
        request, WithdrawForm(request.POST or None), title=_("Withdraw it"), note=str(version),
        back=reverse("materials:materialversion_detail", args=[pk]),
        write=lambda said: services.version_withdraw(actor=actor, pk=pk, now=timezone.now(), **said),
        done=_("Withdrawn. Nobody can open or use it any more."),
    )  # fmt: skip
