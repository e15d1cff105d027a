"""Forms of boards."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.kit.access import Actor
from yaomai.kit.approvals.registry import directory
from yaomai.kit.dashboards import selectors
from yaomai.kit.dashboards.models import Board
from yaomai.kit.dashboards.periods import DEFAULT, PERIODS
from yaomai.kit.dashboards.registry import Card


class BoardForm(forms.Form):
    """Name, cards in the order of the page, period, place."""

    name = forms.CharField(label=_("Name"), max_length=60)
    period = forms.ChoiceField(label=pgettext_lazy("dashboard", "Period"), choices=[(each.code, each.label) for each in PERIODS.values()],
                               initial=DEFAULT)  # fmt: skip
    place = forms.TypedChoiceField(
        label=_("Territory"), required=False, coerce=int, empty_value=None,
        help_text=_("Left empty, everybody sees all that they reach."),
    )  # fmt: skip
    cards = forms.MultipleChoiceField(label=_("Cards"))

    def __init__(self, *args: Any, actor: Actor, board: Board | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = [(each.pk, each.label) for each in selectors.place_choices(actor)]
        self.fields["place"].choices = [("", _("All in reach")), *places]  # type: ignore[attr-defined]
        self.offered = selectors.visible_cards(actor)
        self.fields["cards"].choices = [(card.key, card.label) for card in self.offered]  # type: ignore[attr-defined]
        if board is not None:
            self.initial = {"name": board.name, "period": board.period, "place": board.place, "cards": board.cards}

    @property
    def rows(self) -> list[tuple[Card, bool]]:
        """Return the cards to tick: those that are chosen first, in their order."""
        chosen = list(self["cards"].value() or ())
        known = {card.key: card for card in self.offered}
        return [
            *((known[key], True) for key in chosen if key in known),
            *((card, False) for card in self.offered if card.key not in chosen),
        ]


class ShareForm(forms.Form):
    """With which roles and people a board is shared."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"), required=False, widget=forms.SelectMultiple(attrs={"data-search": ""})
    )
    people = forms.TypedMultipleChoiceField(
        label=_("People"), required=False, coerce=int, widget=forms.SelectMultiple(attrs={"data-search": ""})
    )

    def __init__(self, *args: Any, but: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].choices = list(directory().roles().items())  # type: ignore[attr-defined]
        self.fields["people"].choices = [  # type: ignore[attr-defined]
            (pk, name) for pk, name in directory().colleagues().items() if pk != but
        ]
