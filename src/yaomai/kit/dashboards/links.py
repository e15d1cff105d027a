"""Next steps of cards: a link to a list, narrowed as the card is."""

from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from django.urls import reverse

from yaomai.kit.dashboards import company
from yaomai.kit.dashboards.registry import Asked, Link, Reading
from yaomai.kit.phrases import Text

NextStep = Callable[[Asked, Reading], Link | None]


def leads_to(
    label: Text, url_name: str, *, args: Sequence[str] = (), query: str = "", right: str = "", by_place: str = ""
) -> NextStep:
    """Return the next step of a card.

    Args:
        right: who may not do it is not sent there.
        by_place: the filter of the list that takes a place, when the card is of one place.
    """

    def next_step(asked: Asked, _reading: Reading) -> Link | None:
        if right and not asked.actor.may(right):
            return None
        parts = [query] if query else []
        if by_place and len(asked.places) == 1 and asked.places[0] != company.WHOLE:
            parts.append(urlencode({by_place: asked.places[0]}))
        url = reverse(url_name, args=args)
        return Link(label, f"{url}?{'&'.join(parts)}" if parts else url)

    return next_step
