"""Boards, cards, and what people do with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yaomai.kit.access import Actor, current_actor, get_visible
from yaomai.kit.dashboards import company, documents, presenting, selectors, services, wording
from yaomai.kit.dashboards.forms import BoardForm, ShareForm
from yaomai.kit.dashboards.models import Board
from yaomai.kit.dashboards.periods import PERIODS, Period
from yaomai.kit.dashboards.reading import Answer, answers
from yaomai.kit.dashboards.registry import Card
from yaomai.kit.documents.responding import respond
from yaomai.kit.errors import Missing
from yaomai.kit.surfaces.forms import attempt
from yaomai.kit.surfaces.small_forms import small_form
from yaomai.kit.transfer.writing import export_response

both = require_http_methods(["GET", "HEAD", "POST"])
STARTING = "start"
"""The board that a role starts with, where an address takes the number of a board."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a request asks for: a board or the one to start with, its cards, the period and the place."""

    actor: Actor
    board: Board | None
    name: str
    cards: list[Card]
    period: Period
    place: int | None

    def answers(self) -> list[Answer]:
        return answers(self.cards, actor=self.actor, now=timezone.now(), period=self.period, place=self.place)

    @property
    def query(self) -> str:
        return urlencode({"period": self.period.code, **({"place": self.place} if self.place is not None else {})})


def _asked(request: HttpRequest, pk: int | None) -> _Asked:
    actor = current_actor()
    board = get_visible(Board, pk=pk, archived_at=None) if pk is not None else None
    code, place = request.GET.get("period", ""), request.GET.get("place")
    period = selectors.period_named(code or (board.period if board is not None else ""))
    if board is None:
        chosen = selectors.place_named(actor, place or "")
        return _Asked(actor, None, _("My dashboard"), selectors.starting_cards(actor), period, chosen)
    # A place that the maker reached and the reader does not is simply not there for the reader.
    chosen = selectors.place_named(actor, place) if place is not None else board.place
    return _Asked(actor, board, board.name, selectors.cards_of(actor, board.cards), period, chosen)


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show the board that the reader's role starts with."""
    return _board_page(request, None)


@require_GET
def board(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a board that somebody made, with the reader's own numbers."""
    return _board_page(request, pk)


def _board_page(request: HttpRequest, pk: int | None) -> HttpResponse:
    asked = _asked(request, pk)
    found = asked.answers()
    shown = [presenting.shown(each) for each in found]
    made = [each.as_of for each in shown if each.as_of is not None]
    own = asked.board is not None and asked.board.owner_id == asked.actor.person_id
    context = {
        "asked": asked,
        "cards": shown,
        "is_own": own,
        "shares": services.said_shares(asked.board) if asked.board is not None and own else [],
        "tabs": _tabs(asked),
        "periods": list(PERIODS.values()),
        "places": selectors.place_choices(asked.actor),
        "span": wording.span_of(found[0].asked) if found else "",
        "as_of": min(made, default=None),
        "document_url": reverse("dashboards:document", args=[pk if pk is not None else STARTING, "pdf"]),
        "workbook_url": reverse("dashboards:document", args=[pk if pk is not None else STARTING, "xlsx"]),
    }
    return render(request, "dashboards/board.html", context)


def _tabs(asked: _Asked) -> list[dict[str, Any]]:
    """Return the boards as tabs; a board of somebody else says whose it is."""
    found = [{"label": _("My dashboard"), "url": reverse("dashboards:home"), "is_active": asked.board is None}]
    rows = sorted(selectors.boards(), key=lambda row: row.owner_id != asked.actor.person_id)
    for row in rows:
        is_own = row.owner_id == asked.actor.person_id
        label = row.name if is_own else _("%(board)s (%(owner)s)") % {"board": row.name, "owner": row.owner or "–"}
        is_active = asked.board is not None and row.pk == asked.board.pk
        found.append({"label": label, "url": reverse("dashboards:board", args=[row.pk]), "is_active": is_active})
    return found


@require_GET
def document(request: HttpRequest, board: str, suffix: str) -> HttpResponse:
    """Answer with a board as a file, on record."""
    if board != STARTING and not (board.isascii() and board.isdigit() and len(board) < 19):
        raise Missing
    asked = _asked(request, None if board == STARTING else int(board))
    found = asked.answers()
    if suffix not in ("pdf", "xlsx") or not found:
        raise Missing
    _record(asked.actor, asked.name, found)
    made = documents.board_document(asked.name, found, made_by=asked.actor.label)
    return respond(made, suffix, file_name=f"{asked.name}-{timezone.localdate():%Y%m%d}")


def _record(actor: Actor, what: str, found: Sequence[Answer]) -> None:
    where = wording.place_name(found[0].asked)
    services.export_record(actor=actor, what=what, where=where, cards=[each.card.key for each in found])


# Cards ----------------------------------------------------------------------------------------------------


def _answer(request: HttpRequest, key: str) -> tuple[_Asked, Answer]:
    actor = current_actor()
    card = selectors.card_named(actor, key)
    period = selectors.period_named(request.GET.get("period", ""))
    place = selectors.place_named(actor, request.GET.get("place", ""))
    asked = _Asked(actor, None, str(card.label), [card], period, place)
    found = asked.answers()
    if not found:
        raise Missing
    return asked, found[0]


@require_GET
def card(request: HttpRequest, key: str) -> HttpResponse:
    """Show one card: its months, its territories to go down into, its kinds, and why."""
    asked, answer = _answer(request, key)
    charts = (presenting.trend(answer), presenting.parts_chart(answer), presenting.places_chart(answer))
    context = {
        "asked": asked,
        "card": presenting.shown(answer),
        "charts": [each for each in charts if each is not None],
        "territories": presenting.lines(answer, answer.reading.places),
        "kinds": presenting.lines(answer, answer.reading.parts, is_part=True),
        "kinds_label": answer.card.parts_label,
        "periods": list(PERIODS.values()),
        "places": selectors.place_choices(asked.actor),
        "trail": _trail(asked, answer),
        "span": wording.span_of(answer.asked),
        "export_url": reverse("dashboards:card_export", args=[key]),
    }
    return render(request, "dashboards/card.html", context)


def _trail(asked: _Asked, answer: Answer) -> list[tuple[str, str]]:
    """Return the way down to the place that is shown, as far as the reader reaches it."""
    if asked.place is None:
        return []
    reach = company.all_in_reach(asked.actor)
    way = [pk for pk in company.tree().above(asked.place) if pk in reach][::-1]
    return [(company.tree().name(pk), presenting.card_url(answer.card, answer.asked, place=pk)) for pk in way]


@require_GET
def card_export(request: HttpRequest, key: str) -> HttpResponseBase:
    """Answer with what a card shows as Excel or CSV, on record."""
    asked, answer = _answer(request, key)
    _record(asked.actor, asked.name, [answer])
    head, rows = documents.card_rows(answer)
    kind = "csv" if request.GET.get("format") == "csv" else "xlsx"
    return export_response(kind, f"{asked.name}-{timezone.localdate():%Y%m%d}", head, rows)


# What people do --------------------------------------------------------------------------------------------


@both
def board_new(request: HttpRequest) -> HttpResponse:
    """Make a board; it begins with the cards of the board that the reader's role starts with."""
    actor = current_actor()
    initial = {"cards": [each.key for each in selectors.starting_cards(actor)]}
    form = BoardForm(request.POST or None, actor=actor, initial=initial)
    return _board_form(request, form, None)


@both
def board_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one's own board."""
    actor = current_actor()
    row = get_visible(Board, pk=pk, owner=actor.person_id, archived_at=None)
    return _board_form(request, BoardForm(request.POST or None, actor=actor, board=row), row)


def _board_form(request: HttpRequest, form: BoardForm, row: Board | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        actor, now, told = current_actor(), timezone.now(), form.cleaned_data
        if row is None:
            made = attempt(form, lambda: services.board_create(actor=actor, now=now, **told))
        else:
            made = attempt(form, lambda: services.board_update(actor=actor, now=now, pk=row.pk, changes=told))
        if made is not None:
            return redirect("dashboards:board", made.pk)
    back = reverse("dashboards:home") if row is None else reverse("dashboards:board", args=[row.pk])
    return render(
        request, "dashboards/board_form.html", {"form": form, "board": row, "back": back},
        status=422 if form.errors else 200,
    )  # fmt: skip


@both
def board_share(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose with whom one's own board is shared."""
    actor = current_actor()
    row = get_visible(Board, pk=pk, owner=actor.person_id, archived_at=None)
    shares = list(row.shares.all())
    initial = {
        "roles": [each.role for each in shares if each.role],
        "people": [each.person_id for each in shares if each.person_id is not None],
    }
    return small_form(
        request, ShareForm(request.POST or None, but=actor.person_id, initial=initial),
        title=_("Share %(board)s") % {"board": row}, back=reverse("dashboards:board", args=[pk]),
        note=_("What is shared is the choice of cards. Everybody sees their own territories only, and no card that they may not see."),
        submit=pgettext("dashboard", "Share"), done=_("Saved."),
        write=lambda told: services.board_share(actor=actor, now=timezone.now(), pk=pk, **told),
    )  # fmt: skip


@require_POST
def board_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Put one's own board away."""
    services.board_archive(actor=current_actor(), now=timezone.now(), pk=pk)
    return redirect("dashboards:home")
