"""Screens of this room: the board of five stages, one account, its moves."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yaomai.engagement import selectors, services
from yaomai.engagement.forms import MoveForm
from yaomai.engagement.models import KeyAccount, Stage
from yaomai.engagement.policies import PipelinePolicy
from yaomai.engagement.presenting import checks_shown, moves_shown, way
from yaomai.kit.access import get_visible, require, row_id
from yaomai.kit.errors import Missing
from yaomai.kit.surfaces.forms import attempt
from yaomai.kit.surfaces.pages import limited_count
from yaomai.kit.surfaces.views import actor_of

both = require_http_methods(["GET", "HEAD", "POST"])
VIEW, CREATE, EDIT = (f"engagement.keyaccount:{verb}" for verb in ("view", "create", "edit"))
MOST_COUNTED = 1000


@login_required
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Show the key accounts in view by stage, the longest waiting first."""
    actor, today = actor_of(request), timezone.localdate()
    require(actor, VIEW)
    is_mine = request.GET.get("mine") == "1"
    columns = selectors.board(today=today, owner=actor.person_id if is_mine else None)
    waiting = limited_count(selectors.not_on_board(actor, today=today), MOST_COUNTED)
    context = {
        "columns": [
            {
                "stage": column.stage,
                "label": column.label,
                "count": column.count,
                "cards": [(card, checks_shown(card.missing)) for card in column.cards],
            }
            for column in columns
        ],
        "count": sum(column.count for column in columns),
        "stalled": sum(card.is_stalled for column in columns for card in column.cards),
        "waiting": waiting if waiting <= MOST_COUNTED else _("more than %(count)s") % {"count": MOST_COUNTED},
        "may_edit": actor.may(EDIT),
        "moved": _just_moved(request, actor.person_id),
        "policy_url": reverse("policies:policy_detail", args=[PipelinePolicy.name]),
        "tabs": [
            {"label": _("All in view"), "url": reverse("engagement:board"), "is_active": not is_mine},
            {"label": _("Mine"), "url": "?mine=1", "is_active": is_mine},
        ],
    }
    return render(request, "engagement/board.html", context)


def _just_moved(request: HttpRequest, person: int | None) -> Any:
    """Return one's own move that was just made, to offer taking it back."""
    key = row_id(request.GET.get("moved", ""))
    account = selectors.open_accounts().filter(pk=key).select_related("institution").first() if key else None
    last = selectors.last_move(account.pk) if account is not None else None
    return {"account": account, "move": last} if last is not None and last.moved_by_id == person else None


@login_required
@require_safe
def account_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one account: where it stands, what is missing, how it came here."""
    actor, today = actor_of(request), timezone.localdate()
    require(actor, VIEW)
    account = get_visible(KeyAccount, pk=pk)
    (card,) = selectors.cards([account], today=today)
    last = selectors.last_move(pk)
    context = {
        "account": account,
        "card": card,
        "limit": selectors.policy_of(today).of(account.stage).stalled_days,
        "way": way(account.stage),
        "checks": checks_shown(card.checks),
        "ahead": Stage(card.ahead).label if card.ahead else "",
        "moves": moves_shown(selectors.moves(account)),
        "last": last,
        "may_edit": actor.may(EDIT) and account.archived_at is None,
        "policy_url": reverse("policies:policy_detail", args=[PipelinePolicy.name]),
        "crumbs": [(str(account), "")],
    }
    return render(request, "engagement/account.html", context)


@login_required
@both
def account_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move an account to another stage, with the reason."""
    actor = actor_of(request)
    require(actor, EDIT)
    account = get_visible(KeyAccount, pk=pk)
    (card,) = selectors.cards([account], today=timezone.localdate())
    wanted = request.GET.get("stage", "")
    form = MoveForm(
        request.POST or None, initial={"stage": wanted if wanted in Stage.values else card.ahead or card.behind}
    )
    form.fields["stage"].choices = [pair for pair in Stage.choices if pair[0] != account.stage]  # type: ignore[attr-defined]
    back = reverse("engagement:board")
    if request.method == "POST" and form.is_valid():
        attempt(form, lambda: services.account_move(actor=actor, pk=pk, now=timezone.now(), **form.cleaned_data))
        if not form.errors:
            return HttpResponseRedirect(f"{back}?moved={pk}")
    context = {
        "account": account,
        "form": form,
        "checks": checks_shown(card.checks),
        "action": reverse("engagement:keyaccount_move", args=[pk]),
        "back": reverse("engagement:keyaccount_detail", args=[pk]),
        "crumbs": [
            (str(account), reverse("engagement:keyaccount_detail", args=[pk])),
            (pgettext("key account", "Move"), ""),
        ],
    }
    return render(request, "engagement/move.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def account_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the last move back."""
    actor = actor_of(request)
    require(actor, EDIT)
    move = row_id(request.POST.get("move", ""))
    if move is None:
        raise Missing
    account = services.account_undo_move(actor=actor, pk=pk, move=move, now=timezone.now())
    messages.success(
        request,
        _("%(name)s stands at “%(stage)s” again.") % {"name": account, "stage": account.get_stage_display()},
    )
    return HttpResponseRedirect(reverse("engagement:keyaccount_detail", args=[pk]))


@login_required
@require_POST
def gather(request: HttpRequest) -> HttpResponse:
    """Put the institutions of key tiers on the board."""
    actor = actor_of(request)
    require(actor, CREATE)
    count = services.accounts_gather(actor=actor, now=timezone.now())
    messages.success(request, _("%(count)s institutions are key accounts now.") % {"count": count})
    return HttpResponseRedirect(reverse("engagement:board"))
