"""Screens of policies: the list, one policy with its figures and history, the editor, versions and their fate."""

from datetime import date
from itertools import groupby
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yaomai.kit import approvals
from yaomai.kit.access import Actor, current_actor, get_visible, require, row_id
from yaomai.kit.approvals.views import panel as approval_panel
from yaomai.kit.errors import Invalid, Missing
from yaomai.kit.policies import selectors, services
from yaomai.kit.policies.figures import Line, differences, lines, since
from yaomai.kit.policies.forms import PolicyForm, changed, read
from yaomai.kit.policies.models import Version
from yaomai.kit.policies.previews import has_preview, preview_of
from yaomai.kit.policies.schema import Policy, registered

TONES = {"proposed": "warn", "approved": "info", "published": "good", "returned": "bad", "withdrawn": ""}


def _policy(name: str) -> type[Policy]:
    require(current_actor(), Version.right("view"))
    if name not in registered():
        raise Missing
    return registered()[name]


def _room_label(room: str) -> str:
    try:
        return str(apps.get_app_config(room).verbose_name)
    except LookupError:
        return room


def _crumbs(policy: type[Policy], last: str = "") -> list[tuple[str, str]]:
    if not last:
        return [(str(policy.label), "")]
    return [(str(policy.label), reverse("policies:policy_detail", args=[policy.name])), (last, "")]


@require_GET
def policy_list(request: HttpRequest) -> HttpResponse:
    """List every policy by room, with what is in force and what waits."""
    standings = sorted(selectors.standings(on=timezone.localdate()), key=lambda standing: standing.policy.room)
    rooms = [
        (_room_label(room), list(group))
        for room, group in groupby(standings, key=lambda standing: standing.policy.room)
    ]
    return render(request, "policies/list.html", {"rooms": rooms, "total": len(standings)})


@require_GET
def policy_detail(request: HttpRequest, name: str) -> HttpResponse:
    """Show every figure of a policy with unit, origin, since when and by whom; and its history."""
    policy = _policy(name)
    today = timezone.localdate()
    versions = selectors.versions_of(policy)
    in_force = selectors.came_into_force(versions, on=today)
    current = in_force[-1] if in_force else None
    decided = since(policy, in_force)
    context = {
        "policy": policy,
        "current": current,
        "sections": _sections(policy, selectors.document_of(policy, current), decided),
        "versions": [(version, TONES.get(version.status, "")) for version in versions],
        "may_propose": current_actor().may(Version.right("propose")),
        "crumbs": _crumbs(policy),
    }
    return render(request, "policies/detail.html", context)


def _sections(
    policy: type[Policy], document: dict[str, Any], decided: dict[str, Version]
) -> list[tuple[str, list[tuple[Line, Version | None]]]]:
    """Return the lines of a document under their headings, each with the version that decided on it last."""
    return [(heading, [(line, _decided(line, decided)) for line in rows]) for heading, rows in lines(policy, document)]


def _decided(line: Line, decided: dict[str, Version]) -> Version | None:
    versions = [decided[figure.path] for figure in line.figures if figure.path in decided]
    return max(versions, key=lambda version: version.number, default=None)


@require_http_methods(["GET", "POST"])
def policy_edit(request: HttpRequest, name: str) -> HttpResponse:
    """Edit a copy of what is in force: preview it, and propose it with a reason."""
    policy = _policy(name)
    actor = current_actor()
    require(actor, Version.right("propose"))
    context: dict[str, Any] = {"policy": policy, "crumbs": _crumbs(policy, _("Edit")), "can_preview": has_preview(name)}
    if request.method == "GET":
        return _editor(request, policy, _starting_document(request, policy), context)
    raw = read(policy, request.POST)
    command = request.POST.get("command", "propose")
    context["reason"] = request.POST.get("reason", "")
    if command not in {"preview", "propose"}:
        context["changed"] = command.partition(":")[2]
        return _editor(request, policy, changed(policy, raw, command), context)
    context["is_live"] = is_live = request.headers.get("HX-Request") == "true"
    try:
        if command == "preview":
            context |= _effect(policy, services.validated(name, raw), actor)
            if is_live:
                return render(request, "policies/parts/effect.html", context)
            return _editor(request, policy, raw, context)
        version = services.version_propose(
            actor=actor, name=name, document=raw, reason=context["reason"], now=timezone.now()
        )
    except Invalid as error:
        if is_live:
            # While somebody types, a figure may be half written: said beside, not as an error of the page.
            context["problems"] = PolicyForm(policy, raw, error.fields).problems or [str(error)]
            return render(request, "policies/parts/effect.html", context)
        context["reason_errors"] = error.fields.get("reason", [])
        errors = {field: texts for field, texts in error.fields.items() if field != "reason"}
        return _editor(request, policy, raw, context, errors=errors, status=422)
    messages.success(request, _("Proposed. Somebody else can now decide."))
    return redirect("policies:version_detail", version.pk)


def _effect(policy: type[Policy], document: Policy, actor: Actor) -> dict[str, Any]:
    """Return what a draft would change, and in what it differs from the figures in force."""
    current = selectors.version_on(policy.name, on=timezone.localdate())
    return {
        "preview": preview_of(document, actor),
        "differences": differences(policy, selectors.document_of(policy, current), document.model_dump(mode="json")),
    }


def _starting_document(request: HttpRequest, policy: type[Policy]) -> dict[str, Any]:
    """Return the document to begin with: an earlier version when one is named, else what is in force."""
    wanted = row_id(request.GET.get("from", ""))
    if wanted is not None:
        version: Version | None = get_visible(Version, pk=wanted, name=policy.name)
    else:
        version = selectors.version_on(policy.name, on=timezone.localdate())
    return selectors.document_of(policy, version)


def _editor(
    request: HttpRequest,
    policy: type[Policy],
    raw: dict[str, Any],
    context: dict[str, Any],
    errors: dict[str, list[Any]] | None = None,
    status: int = 200,
) -> HttpResponse:
    form = PolicyForm(policy, raw, errors or {})
    context |= {"form": form, "nodes": form.nodes, "has_errors": bool(errors) or bool(context.get("reason_errors"))}
    return render(request, "policies/edit.html", context, status=status)


@require_GET
def version_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a version: what it changes, what that would do, and what can be done with it now."""
    return _version_page(request, get_visible(Version, pk=pk))


def _version_page(
    request: HttpRequest, version: Version, error: Invalid | None = None, status: int = 200
) -> HttpResponse:
    policy = _policy(version.name)
    actor = current_actor()
    document = services.validated(version.name, version.document) if _is_readable(version) else None
    is_open = version.status in (Version.Status.PROPOSED, Version.Status.APPROVED)
    request_ = approvals.standing(version)
    context = (approval_panel(request_) if request_ is not None else {}) | {
        "policy": policy,
        "version": version,
        "tone": TONES.get(version.status, ""),
        "differences": differences(policy, selectors.document_of(policy, version.based_on), version.document),
        "preview": preview_of(document, actor) if document is not None and is_open else None,
        "may_publish": actor.may(Version.right("publish")),
        "is_current": selectors.version_on(version.name, on=timezone.localdate(), applies_to=version.applies_to)
        == version,
        "today": timezone.localdate(),
        "errors": {name or "all": [str(text) for text in texts] for name, texts in error.fields.items()}
        if error
        else {},
        "crumbs": _crumbs(policy, f"v{version.number}"),
    }
    return render(request, "policies/version.html", context, status=status)


def _is_readable(version: Version) -> bool:
    """Tell whether today's schema still reads the version; history may be older than the schema."""
    try:
        services.validated(version.name, version.document)
    except Invalid:
        return False
    return True


@require_POST
def version_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish, withdraw or roll back; approving is done on the request."""
    version = get_visible(Version, pk=pk)
    require(current_actor(), Version.right("publish"))
    actor, now, reason = current_actor(), timezone.now(), request.POST.get("reason", "")
    try:
        match request.POST.get("command"):
            case "publish":
                day = _day(request.POST.get("valid_from", ""))
                services.version_publish(actor=actor, version_id=pk, valid_from=day, now=now)
                messages.success(request, _("Published from %(day)s.") % {"day": day.isoformat()})
            case "roll_back":
                version = services.version_roll_back(actor=actor, version_id=pk, reason=reason, now=now)
                messages.success(request, _("These figures are in force again from today."))
            case "withdraw":
                services.version_withdraw(actor=actor, version_id=pk, reason=reason, now=now)
                messages.success(request, _("Withdrawn: it will not come into force."))
            case _:
                raise Missing
    except Invalid as error:
        return _version_page(request, version, error, status=422)
    return redirect("policies:version_detail", version.pk)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(fields={"valid_from": [_("Choose a day.")]}) from None


@require_GET
def policy_compare(request: HttpRequest, name: str) -> HttpResponse:
    """Compare any two versions, the declaration included."""
    policy = _policy(name)
    versions = {str(version.pk): version for version in selectors.versions_of(policy)}
    keys = ["", *versions]
    before, after = request.GET.get("before", ""), request.GET.get("after", next(iter(versions), ""))
    if before not in keys or after not in keys:
        raise Missing
    context = {
        "policy": policy,
        "choices": [("", _("as declared")), *((key, _version_label(version)) for key, version in versions.items())],
        "before": before,
        "after": after,
        "differences": differences(
            policy,
            selectors.document_of(policy, versions.get(before)),
            selectors.document_of(policy, versions.get(after)),
        ),
        "crumbs": _crumbs(policy, _("Compare")),
    }
    return render(request, "policies/compare.html", context)


def _version_label(version: Version) -> str:
    return f"v{version.number} · {version.get_status_display()}" + (
        f" · {version.valid_from}" if version.valid_from else ""
    )
