"""Screens beyond the surfaces: the tree on any day, roles and rights, the wall, one's own page, single acts."""

from datetime import date, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yaomai.kit.access import current_actor, get_visible, require, row_id
from yaomai.kit.access.rights import VERBS, Entity, entities
from yaomai.kit.errors import Invalid, Stale
from yaomai.kit.surfaces import surface_of
from yaomai.kit.surfaces.bulk import MOST_AT_ONCE, selection_of
from yaomai.kit.surfaces.forms import attempt
from yaomai.kit.surfaces.small_forms import show_small_form, small_form
from yaomai.kit.transfer.writing import export_response
from yaomai.organization import selectors, separation, services, wall
from yaomai.organization.devices import device_name
from yaomai.organization.forms import DayForm, FactorsForm, HoldingForm, TerritoryChangeForm, TokenForm
from yaomai.organization.models import Filing, Holding, Person, Position, Role, Territory
from yaomai.organization.panels import person_positions
from yaomai.organization.rooms import room_label
from yaomai.organization.services import sessions
from yaomai.organization.territories import territory_tree

both = require_http_methods(["GET", "POST"])


@require_GET
def tree(request: HttpRequest) -> HttpResponse:
    """Show the territory tree of a day, with what is planned after it."""
    require(current_actor(), "organization.territory:view")
    today = timezone.localdate()
    try:
        day = date.fromisoformat(request.GET.get("on", "")) if request.GET.get("on") else today
    except ValueError:
        raise Invalid(fields={"on": [_("Choose a day.")]}) from None
    roots = territory_tree(on=day)
    nodes = [node for root in roots for node in root.walk()]
    planned = sorted((change for node in nodes for change in node.planned), key=lambda change: change.effective_on)
    context = {
        "day": day,
        "is_today": day == today,
        "roots": roots,
        "count": len(nodes),
        "planned": planned,
        "may_create": current_actor().may("organization.territory:create"),
        "may_edit": current_actor().may("organization.territory:edit"),
    }
    return render(request, "organization/tree.html", context)


@both
def territory_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename, move or close a territory from a day."""
    require(current_actor(), "organization.territory:edit")
    territory = get_visible(Territory, pk=pk)
    return small_form(
        request, TerritoryChangeForm(request.POST or None, initial={"effective_on": timezone.localdate()}),
        title=_("Change %(name)s") % {"name": territory.name},
        note=_("Today's changes take effect at once, later ones on their day. Past days keep their tree."),
        submit=_("Set the change"), back=reverse("organization:territory_detail", args=[pk]), done=_("The change is set."),
        write=lambda said: services.territory_plan_change(
            actor=current_actor(), now=timezone.now(), territory_id=pk, effective_on=said["effective_on"], name=said["name"],
            parent_id=said["parent"].pk if said["parent"] else None, closes=said["closes"]),
    )  # fmt: skip


@require_POST
def change_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a planned change."""
    change = services.territory_withdraw_change(actor=current_actor(), pk=pk, now=timezone.now())
    messages.success(request, _("The planned change was withdrawn."))
    return redirect("organization:territory_detail", change.territory_id)


@both
def holding_new(request: HttpRequest) -> HttpResponse:
    """Put a person into a position."""
    require(current_actor(), "organization.position:edit")
    initial = {"valid_from": timezone.localdate(), **request.GET.dict()}
    person = row_id(request.GET.get("person", ""))
    return small_form(
        request, HoldingForm(request.POST or None, initial=initial), title=_("Give a position"), submit=_("Give the position"),
        back=reverse("organization:person_detail", args=[person]) if person else reverse("organization:position_list"),
        write=lambda said: services.holding_start(
            actor=current_actor(), now=timezone.now(), person_id=said["person"].pk, position_id=said["position"].pk,
            valid_from=said["valid_from"], valid_to=said["valid_to"]),
        done=str, onward=lambda made: reverse("organization:person_detail", args=[made.person_id]),
    )  # fmt: skip


@both
def holding_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a holding on a day."""
    require(current_actor(), "organization.position:edit")
    holding = get_visible(Holding, pk=pk)
    return small_form(
        request, DayForm(request.POST or None, initial={"valid_to": timezone.localdate()}), title=_("End: %(holding)s") % {"holding": holding},
        note=_("From that day its rights are gone, in every session."),
        submit=_("End it"), back=reverse("organization:person_detail", args=[holding.person_id]),
        write=lambda said: services.holding_end(actor=current_actor(), pk=pk, now=timezone.now(), **said),
    )  # fmt: skip


@both
def position_close(request: HttpRequest, pk: int) -> HttpResponse:
    """End a position on a day."""
    require(current_actor(), "organization.position:edit")
    position = get_visible(Position, pk=pk)
    return small_form(
        request, DayForm(request.POST or None, initial={"valid_to": timezone.localdate()}), title=_("Close %(name)s") % {"name": position.title},
        submit=pgettext("position", "Close"), back=reverse("organization:position_detail", args=[pk]),
        write=lambda said: services.position_close(actor=current_actor(), pk=pk, now=timezone.now(), **said),
    )  # fmt: skip


@both
def filing_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """End a filing on a day."""
    require(current_actor(), "organization.filing:edit")
    filing = get_visible(Filing, pk=pk)
    return small_form(
        request, DayForm(request.POST or None, initial={"valid_to": timezone.localdate()}), title=_("Stop the filing %(number)s") % {"number": filing.number},
        submit=_("Stop it"), back=reverse("organization:filing_detail", args=[pk]),
        write=lambda said: services.filing_stop(actor=current_actor(), pk=pk, now=timezone.now(), **said),
    )  # fmt: skip


@require_POST
def emergency_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End an emergency power by hand."""
    actor = current_actor()
    services.emergency_end(actor=actor, pk=pk, now=timezone.now())
    messages.success(request, _("The emergency power has ended."))
    if actor.emergency_id != pk and actor.may("organization.emergency:view"):
        return redirect("organization:emergency_detail", pk)
    return redirect("/")


@require_POST
def person_password(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a temporary password, and show it this once."""
    password = services.person_set_temporary_password(actor=current_actor(), pk=pk, now=timezone.now())
    context = {"person": get_visible(Person, pk=pk), "password": password}
    return render(request, "organization/password.html", context)


@both
def person_factors(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask that a person's lost second factor be removed."""
    require(current_actor(), "organization.person:edit")
    person = get_visible(Person, pk=pk)
    return small_form(
        request, FactorsForm(request.POST or None), title=_("Remove the second factors of %(name)s") % {"name": person.name},
        note=_("The security administrator decides; then every session ends and the person is told."),
        submit=_("Ask"), back=reverse("organization:person_detail", args=[pk]), done=_("Asked. The security administrator decides."),
        write=lambda said: services.factors_ask_removal(actor=current_actor(), pk=pk, now=timezone.now(), **said),
    )  # fmt: skip


@require_POST
def people_passwords(request: HttpRequest) -> HttpResponseBase:
    """Give those who were ticked a first password each, in a workbook that is made this once."""
    actor = current_actor()
    selection = selection_of(request, surface_of(Person), actor, Person.right("edit"))
    if len(selection.keys) > MOST_AT_ONCE:
        raise Invalid(_("At most %(most)s people at once. Narrow the list first."), most=MOST_AT_ONCE)
    people = list(
        Person.objects.filter(pk__in=selection.keys, archived_at__isnull=True).exclude(pk=actor.person_id or 0)
    )
    waiting = [person for person in people if not person.has_usable_password()]
    if request.POST.get("confirmed") == "1":
        chosen = people if request.POST.get("again") == "on" else waiting
        given = services.people_give_passwords(actor=actor, pks=[person.pk for person in chosen], now=timezone.now())
        rows = [(person.name, person.employee_number, person.username, password) for person, password in given]
        labels = [pgettext("person", "Name"), _("Employee number"), _("User name"), _("Temporary password")]
        answer = export_response("xlsx", _("First sign-in"), labels, rows)
        answer.headers["Cache-Control"] = "no-store"
        return answer
    back = reverse("organization:person_list")
    context = {"people": people, "waiting": waiting, "back": back, "crumbs": [(_("First passwords"), "")]}
    return render(request, "organization/first_passwords.html", context)


@require_POST
def person_sessions(request: HttpRequest, pk: int) -> HttpResponse:
    """End every session of a person."""
    sessions.session_end_all(actor=current_actor(), pk=pk, now=timezone.now())
    messages.success(request, _("All sessions have ended."))
    return redirect("organization:person_detail", pk)


@require_POST
def person_reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a person sign in again."""
    services.person_reactivate(actor=current_actor(), pk=pk, now=timezone.now())
    return redirect("organization:person_detail", pk)


# Roles -----------------------------------------------------------------------------------------------------


@require_GET
def roles(request: HttpRequest) -> HttpResponse:
    """Show the matrix of roles and rights, by room."""
    require(current_actor(), "organization.role:view")
    rows = list(Role.objects.order_by("order", "pk"))
    context = {
        "roles": [(role, separation.named(separation.duties_of(role.rights))) for role in rows],
        "rooms": [
            (room, [(entity, [(role, _verbs(entity, role)) for role in rows]) for entity in members])
            for room, members in _by_room()
        ],
        "may_edit": current_actor().may("organization.role:edit"),
    }
    return render(request, "organization/roles.html", context)


def _by_room() -> list[tuple[str, list[Entity]]]:
    rooms: dict[str, list[Entity]] = {}
    for entity in entities():
        rooms.setdefault(entity.room, []).append(entity)
    return [(room_label(room), members) for room, members in rooms.items()]


def _verbs(entity: Entity, role: Role) -> list[str]:
    held = set(role.rights)
    return [str(VERBS[verb]) for verb in entity.verbs if f"{entity.code}:{verb}" in held]


@both
def role_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit the rights of one role."""
    require(current_actor(), "organization.role:edit")
    role = get_visible(Role, pk=pk)
    chosen, errors, status = set(role.rights), [], 200
    version, seen, reach = row_id(request.POST.get("version", "")) or role.version, set(role.rights), role.reach
    if request.method == "POST":
        chosen, seen = set(request.POST.getlist("rights")), set(request.POST.get("seen", "").split())
        reach = request.POST.get("reach", role.reach)
        try:
            services.role_edit_rights(
                actor=current_actor(),
                pk=pk,
                now=timezone.now(),
                rights=sorted(chosen),
                reach=reach,
                expected_version=row_id(request.POST.get("version", "")),
            )
        except Invalid as error:
            errors, status = [str(text) for texts in error.fields.values() for text in texts], 422
        except Stale as error:
            role = get_visible(Role, pk=pk)
            present = set(role.rights)
            errors, status = [str(error), *_changed_meanwhile(seen, present)], error.status
            # What one ticked or unticked stays so; everything else is as it is by now.
            chosen = (present | (chosen - seen)) - (seen - chosen)
            version, seen = role.version, present
        else:
            messages.success(request, _("The rights of %(role)s are saved.") % {"role": role})
            return redirect("organization:roles")
    context = {
        "role": role,
        "version": version,
        "seen": " ".join(sorted(seen)),
        "reach": reach,
        "errors": errors,
        "reaches": Role.Reach.choices,
        "rooms": [(room, [(entity, _boxes(entity, chosen)) for entity in members]) for room, members in _by_room()],
    }
    return render(request, "organization/role.html", context, status=status)


def _changed_meanwhile(seen: set[str], present: set[str]) -> list[str]:
    """Return in words which rights somebody else gave or took."""
    named = {
        right: f"{entity.label}：{VERBS[verb]}"
        for entity in entities()
        for verb, right in zip(entity.verbs, entity.rights, strict=True)
    }
    given, taken = (
        "、".join(named.get(right, right) for right in sorted(some)) for some in (present - seen, seen - present)
    )
    return [
        *([_("Given in the meantime: %(rights)s") % {"rights": given}] if given else []),
        *([_("Taken in the meantime: %(rights)s") % {"rights": taken}] if taken else []),
    ]


def _boxes(entity: Entity, chosen: set[str]) -> dict[str, Any]:
    """Return the tick boxes of an entity, with the duty its rights belong to and whether the wall withholds them."""
    return {
        "duty": separation.named(separation.duties_of(entity.rights)),
        "is_commercial": bool(wall.commercial(entity.rights)),
        "verbs": [
            {
                "right": right,
                "label": VERBS[verb],
                "is_chosen": right in chosen,
                "has_duty": bool(separation.duties_of([right])),
            }
            for verb, right in zip(entity.verbs, entity.rights, strict=True)
        ],
    }


@require_GET
def wall_report(request: HttpRequest) -> HttpResponse:
    """Show who has an active filing and what is withheld."""
    require(current_actor(), "organization.filing:view")
    lines = selectors.withholdings(on=timezone.localdate())
    labels = {
        right: f"{entity.label}：{VERBS[right.rpartition(':')[2]]}" for entity in entities() for right in entity.rights
    }
    context = {
        "lines": [(line, [labels.get(right, right) for right in line.withheld]) for line in lines],
        "conflicts": sum(bool(line.withheld) for line in lines),
        "citations": wall.CITATIONS,
    }
    return render(request, "organization/wall.html", context)


# One's own page --------------------------------------------------------------------------------------------


@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """Show who one is here: positions, language, theme, password, second factors, devices."""
    person = request.user
    assert isinstance(person, Person)
    actor = current_actor()
    context = {
        "person": person,
        "factors": list(Authenticator.objects.filter(user=person).order_by("pk")),
        "devices": [(device, device_name(device.user_agent)) for device in UserSession.objects.purge_and_list(person)],
        "data": person_positions(person, actor),
        "tokens": selectors.open_tokens(person, on=timezone.localdate()),
    }
    return render(request, "organization/me.html", context)


@both
def token_new(request: HttpRequest) -> HttpResponse:
    """Make an access token for a program, and show it this once."""
    actor, now = current_actor(), timezone.now()
    form = TokenForm(request.POST or None, initial={"expires_on": timezone.localdate() + timedelta(days=90)})
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: services.token_create(actor=actor, now=now, **form.cleaned_data))
        if made is not None:
            answer = render(request, "organization/token.html", {"token": made.token, "secret": made.secret})
            answer.headers["Cache-Control"] = "no-store"
            return answer
    return show_small_form(
        request, form, title=_("New access token"), submit=_("Make the token"), back=reverse("organization:me"),
        note=_("A program that shows it acts in your name over the REST API, with your rights."),
    )  # fmt: skip


@require_POST
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an access token back."""
    services.token_revoke(actor=current_actor(), pk=pk, now=timezone.now())
    messages.success(request, _("Revoked. It opens nothing any more."))
    return redirect("organization:me")


@require_POST
def my_sessions(request: HttpRequest) -> HttpResponse:
    """End all of one's other sessions."""
    actor = current_actor()
    assert actor.person_id is not None
    person = sessions.session_end_all(actor=actor, pk=actor.person_id, now=timezone.now())
    update_session_auth_hash(request, person)
    messages.success(request, _("You are signed out everywhere else."))
    return redirect("organization:me")
