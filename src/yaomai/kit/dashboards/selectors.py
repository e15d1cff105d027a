"""Which boards there are for somebody, and what is on them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor
from yaomai.kit.dashboards import company, periods
from yaomai.kit.dashboards.models import Board, Delivery, Pack
from yaomai.kit.dashboards.periods import PERIODS, Period
from yaomai.kit.dashboards.registry import Card, cards, starting_boards
from yaomai.kit.errors import Invalid, Missing
from yaomai.kit.memo import once_a_page
from yaomai.kit.surfaces import surfaces
from yaomai.kit.surfaces.models import SavedView
from yaomai.kit.surfaces.services import own_or_shared

MOST_CARDS = 8
"""On a board that nobody chose."""


def visible_cards(actor: Actor) -> list[Card]:
    """Return every card that the actor may see somewhere."""
    return [card for card in cards().values() if company.may(actor, card.right)]


def card_named(actor: Actor, key: str) -> Card:
    """Return a card that the actor may see.

    Raises:
        Missing: there is none of this key, or not for this actor.
    """
    card = cards().get(key)
    if card is None or not company.may(actor, card.right):
        raise Missing
    return card


def cards_of(actor: Actor, keys: Iterable[str]) -> list[Card]:
    """Return those of some cards that exist and that the actor may see, in the order given."""
    known = cards()
    return [known[key] for key in keys if key in known and company.may(actor, known[key].right)]


def starting_cards(actor: Actor) -> list[Card]:
    """Return the cards of the board that the actor's roles start with; without one, the first that are in view."""
    boards = starting_boards()
    keys = [key for grant in actor.grants if grant.role in boards for key in boards[grant.role].cards]
    found = cards_of(actor, dict.fromkeys(keys))
    return found or visible_cards(actor)[:MOST_CARDS]


@once_a_page
def boards() -> list[Board]:
    """Return the boards that the current actor made or was shown, the own ones first."""
    rows = Board.objects.filter(archived_at=None).select_related("owner").order_by("name", "pk")
    return list(rows)


def period_named(code: str) -> Period:
    """Return a period; the usual one for "".

    Raises:
        Invalid: there is none of this code.
    """
    if code and code not in PERIODS:
        raise Invalid(fields={"period": [_("There is no such period.")]})
    return PERIODS[code or periods.DEFAULT]


@dataclass(frozen=True, slots=True)
class PlaceChoice:
    """A place that can be chosen, as deep in the list as in the tree."""

    pk: int
    label: str


def place_choices(actor: Actor) -> list[PlaceChoice]:
    """Return the places that the actor reaches, each below the one above it."""
    tree, reach = company.tree(), company.all_in_reach(actor)
    found: list[PlaceChoice] = []

    def walk(pk: int, depth: int) -> None:
        found.append(PlaceChoice(pk, f"{'　' * depth}{tree.name(pk)}"))
        for child in tree.below.get(pk, ()):
            if child in reach:
                walk(child, depth + 1)

    for top in tree.tops(reach):
        walk(top, 0)
    return found


def place_named(actor: Actor, text: str) -> int | None:
    """Return the place that a request names; None for "".

    Raises:
        Missing: there is none, or the actor does not reach it.
    """
    if not text:
        return None
    pk = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1
    if pk not in company.all_in_reach(actor):
        raise Missing
    return pk


# Packs ----------------------------------------------------------------------------------------------------

MOST_DELIVERIES = 60


def packs() -> list[Pack]:
    """Return the packs that the current actor set up and that still run."""
    return list(Pack.objects.filter(archived_at=None).order_by("name", "pk"))


def deliveries() -> list[Any]:
    """Return what the current actor received, the newest first, without the files themselves."""
    rows = Delivery.objects.select_related("pack__owner").defer("pdf", "workbook")
    has_pdf = ExpressionWrapper(Q(pdf__isnull=False), output_field=BooleanField())
    return list(rows.annotate(has_pdf=has_pdf).order_by("-day", "-pk")[:MOST_DELIVERIES])


def list_choices(actor: Actor) -> list[tuple[int, str]]:
    """Return the saved views that can go into a pack of the actor's: own and shared ones of lists that they may see."""
    known = {surface.model._meta.label_lower: surface for surface in surfaces() if actor.may(surface.right("view"))}
    views = SavedView.objects.filter(own_or_shared(actor), surface__in=known).order_by("surface", "name", "pk")
    return [(view.pk, f"{view.name} · {known[view.surface].label_plural()}") for view in views]


def next_day(pack: Pack, today: date) -> date:
    """Return the next day after today on which a pack is made."""
    day = today + timedelta(days=1)
    while not pack.is_due(day):
        day += timedelta(days=1)
    return day
