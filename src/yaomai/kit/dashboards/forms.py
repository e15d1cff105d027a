"""Forms of boards."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.kit.access import Actor
from yaomai.kit.approvals.registry import directory
from yaomai.kit.dashboards import selectors
from yaomai.kit.dashboards.models import Board, Pack
from yaomai.kit.dashboards.periods import DEFAULT, PERIODS
from yaomai.kit.dashboards.registry import Card

WEEKDAYS = [
    (1, _("Monday")), (2, _("Tuesday")), (3, _("Wednesday")), (4, _("Thursday")), (5, _("Friday")), (6, _("Saturday")),
    (7, _("Sunday")),
]  # fmt: skip


class _Several(forms.SelectMultiple):
    """Several of known choices, found by typing."""

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Any = ()) -> None:
        super().__init__({"data-search": "", **(attrs or {})}, choices)


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

    roles = forms.MultipleChoiceField(label=_("Roles"), required=False, widget=_Several)
    people = forms.TypedMultipleChoiceField(label=_("People"), required=False, coerce=int, widget=_Several)

    def __init__(self, *args: Any, but: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].choices = list(directory().roles().items())  # type: ignore[attr-defined]
        self.fields["people"].choices = [  # type: ignore[attr-defined]
            (pk, name) for pk, name in directory().colleagues().items() if pk != but
        ]


class PackForm(forms.Form):
    """What is in a pack, when it is made, who receives it."""

    name = forms.CharField(label=_("Name"), max_length=60)
    has_start = forms.BooleanField(
        label=_("The dashboard that each receiver's role starts with"), required=False, initial=True
    )
    boards = forms.TypedMultipleChoiceField(label=_("Dashboards"), required=False, coerce=int, widget=_Several)
    lists = forms.TypedMultipleChoiceField(
        label=pgettext_lazy("dashboard", "Lists"), required=False, coerce=int, widget=_Several,
        help_text=_("Saved views of lists. Only whoever may export a list receives its rows, 500 at most."),
    )  # fmt: skip
    rhythm = forms.ChoiceField(label=_("Rhythm"), choices=Pack.Rhythm.choices)
    weekday = forms.TypedChoiceField(label=_("Day of the week"), coerce=int, initial=1, choices=WEEKDAYS)
    month_day = forms.IntegerField(
        label=_("Day of the month"), min_value=1, max_value=28, initial=1, required=False,
        help_text=_("For a monthly pack."),
    )  # fmt: skip
    roles = forms.MultipleChoiceField(label=_("Roles"), required=False, widget=_Several)
    people = forms.TypedMultipleChoiceField(label=_("People"), required=False, coerce=int, widget=_Several)

    def __init__(self, *args: Any, actor: Actor, pack: Pack | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["boards"].choices = [(row.pk, row.name) for row in selectors.boards()]  # type: ignore[attr-defined]
        self.fields["lists"].choices = selectors.list_choices(actor)  # type: ignore[attr-defined]
        self.fields["roles"].choices = list(directory().roles().items())  # type: ignore[attr-defined]
        self.fields["people"].choices = list(directory().colleagues().items())  # type: ignore[attr-defined]
        if pack is not None:
            is_weekly = pack.rhythm == Pack.Rhythm.WEEKLY
            self.initial = {
                **{name: getattr(pack, name) for name in ("name", "has_start", "boards", "lists", "rhythm", "roles", "people")},
                "weekday": pack.on_day if is_weekly else 1, "month_day": 1 if is_weekly else pack.on_day,
            }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        told["month_day"] = told.get("month_day") or 1
        return told
