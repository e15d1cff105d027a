"""Compared pairs of names, and what can be said about each."""

from dataclasses import dataclass

from .comparison import Columns, Comparison
from .index import Ints
from .names import UNREAD, Name
from .places import Place
from .reasons import Reason, reason


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pair i compares left row `query[i]` with right row `form[i]`."""

    left: Columns
    right: Columns
    query: Ints
    form: Ints
    compared: Comparison

    def names(self, pair: int) -> tuple[Name, Name]:
        """Give both names of a pair."""
        return self.left.names[self.query[pair]], self.right.names[self.form[pair]]

    def places(self, pair: int) -> tuple[Place, Place]:
        """Give both places of a pair."""
        return self.left.places[self.query[pair]], self.right.places[self.form[pair]]

    def conflicts(self, pair: int) -> tuple[Reason, ...]:
        """Name every contradiction of a pair."""
        name, form = self.names(pair)
        place, other_place = self.places(pair)
        compared = self.compared
        found: list[Reason] = []
        if UNREAD in name.ordinals:
            found.append(reason("ordinal_unread", name=name.text))
        elif compared.ordinal_conflict[pair]:
            found.append(reason("ordinal_conflict", dirty="、".join(name.ordinals), master="、".join(form.ordinals)))
        if compared.place_conflict[pair]:
            found.append(reason("place_conflict", dirty=place_text(place), master=place_text(other_place)))
        if compared.level_conflict[pair]:
            found.append(reason("level_conflict", dirty=name.level, master=form.level))
        if compared.affiliation_conflict[pair]:
            found.append(reason("affiliation_conflict"))
        if compared.branch_conflict[pair]:
            found.append(reason("branch_conflict", dirty=name.branch, master=form.branch))
        if compared.kind_conflict[pair]:
            found.append(reason("kind_conflict", dirty=name.kind, master=form.kind))
        return tuple(found)

    def reasons(self, pair: int) -> tuple[Reason, ...]:
        """Say what speaks for and against a pair."""
        name, form = self.names(pair)
        place, other_place = self.places(pair)
        compared = self.compared
        found: list[Reason] = []
        if name.text == form.text:
            found.append(reason("same_name"))
        elif name.core == form.core:
            found.append(reason("same_meaning"))
        elif compared.contained[pair]:
            found.append(reason("contained", master=form.text))
        else:
            found.append(reason("similar", percent=str(round(100 * float(compared.text[pair])))))
        if compared.place_same[pair]:
            found.append(reason("place_same", place=place_text(place)))
        elif compared.place_unknown[pair]:
            found.append(reason("place_unknown"))
        elif not compared.place_conflict[pair]:
            found.append(reason("place_coarser", dirty=place_text(place), master=place_text(other_place)))
        if compared.kind_unsaid[pair]:
            found.append(reason("kind_unsaid", kind=form.kind or name.kind))
        if compared.level_differs[pair]:
            found.append(reason("level_differs"))
        return (*found, *self.conflicts(pair))


def place_text(place: Place) -> str:
    """Write a place from large to small."""
    return "".join(dict.fromkeys(part for part in (place.province, place.city, place.finest) if part))
