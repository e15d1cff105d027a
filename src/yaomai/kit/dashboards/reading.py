"""What cards say: totals added up, compared, and taken apart until it is clear what moved them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.kit.access import Actor
from yaomai.kit.dashboards import company, periods, registry, totals
from yaomai.kit.dashboards.periods import Period
from yaomai.kit.dashboards.registry import Asked, Card, Goal, Piece, Reading, Sum
from yaomai.kit.dashboards.totals import Figures, Found, Spans
from yaomai.kit.dashboards.wording import explain, reason
from yaomai.kit.ui import formats

NOTHING: Figures = (Decimal(0), 0)


@dataclass(frozen=True, slots=True)
class Answer:
    """A card with what it says to an actor."""

    card: Card
    asked: Asked
    reading: Reading


def answers(
    cards: Sequence[Card], *, actor: Actor, now: datetime, period: Period, place: int | None = None
) -> list[Answer]:
    """Return what cards say, in their order; those that the actor may not see in that place are left out.

    The number of queries follows from the cards, never from what they count.
    """
    today = timezone.localdate(now)
    window = periods.window(period, today)
    found: list[Answer] = []
    for card in cards:
        places = company.in_reach(actor, card.right, place)
        # What computes itself knows no territory: where one was chosen it would say more than was asked.
        if places and (place is None or card.compute is None):
            found.append(Answer(card, Asked(actor, today, now, period, window, place, places), Reading(None)))
    counted = [each for each in found if each.card.of is not None]
    said = dict(_counted(counted))
    goals = _goals(found)
    result = []
    for each in found:
        if each.card.compute is not None:
            reading = each.card.compute(each.asked)
            if reading is None:
                continue
        else:
            reading = said[each.card.key]
        result.append(_complete(replace(each, reading=reading), goals.get(each.card.key)))
    return result


def _goals(found: Sequence[Answer]) -> dict[str, Goal]:
    """Return the goals that rooms set for cards; asked once for cards of the same places."""
    goals: dict[str, Goal] = {}
    for places, group in _by_places(found).items():
        keys = frozenset(each.card.key for each in group)
        for say in registry.goals():
            # What people set for each other goes before what rooms above say.
            goals = {**say(replace(group[0].asked, places=places), keys), **goals}
    return goals


def _by_places(found: Iterable[Answer]) -> dict[tuple[int, ...], list[Answer]]:
    groups: dict[tuple[int, ...], list[Answer]] = {}
    for each in found:
        groups.setdefault(each.asked.places, []).append(each)
    return groups


def _complete(answer: Answer, goal: Goal | None) -> Answer:
    card, asked, reading = answer.card, answer.asked, answer.reading
    if goal is None and card.goal is not None:
        goal = card.goal(asked)
    reading = replace(reading, goal=goal or reading.goal)
    reading = replace(
        reading,
        reason=reading.reason or reason(card, reading),
        next_step=reading.next_step or (card.next_step(asked, reading) if card.next_step is not None else None),
    )
    return replace(answer, reading=replace(reading, explanation=reading.explanation or explain(card, asked, reading)))


# Totals ----------------------------------------------------------------------------------------------------


def _counted(found: Sequence[Answer]) -> Iterable[tuple[str, Reading]]:
    """Yield what cards of totals say; four queries, and two more for each further set of places."""
    if not found:
        return
    today, window = found[0].asked.today, found[0].asked.window
    every = {name for each in found for name in each.card.sources}
    made, known = totals.made_at(every), totals.known_months(every)
    since = periods.months(today)[0]
    for places, group in _by_places(found).items():
        names = sorted({name for each in group for name in each.card.sources})
        whole = totals.sums(names, places, since=since)
        inner = company.tree().children(places[0]) if len(places) == 1 else places
        spans = totals.by_place(names, inner, window=window, today=today) if inner else {}
        for each in group:
            if not each.card.sources <= made.keys():
                note = _("The totals are being counted. They are here within a quarter of an hour.")
                yield each.card.key, Reading(None, note=note)
                continue
            at = min(made[name] for name in each.card.sources)
            months = sorted(frozenset().union(*(known.get(name, frozenset()) for name in each.card.sources)))
            yield each.card.key, replace(_read(each.card, each.asked, whole, spans, inner, months), as_of=at)


def _read(
    card: Card, asked: Asked, whole: Found, spans: Mapping[str, Mapping[int, Mapping[str, Spans]]],
    inner: Sequence[int], known: Sequence[date],
) -> Reading:  # fmt: skip
    assert card.of is not None
    shown = periods.months(asked.today)
    if not known:
        return Reading(None, note=_("Nothing has been counted here yet."))
    counted = _Months(card, whole, known)
    value, before = counted.value(asked), counted.before(asked)
    reading = Reading(value, before, shown, [counted.at(month) for month in shown])
    is_later = card.shape != "level" and known[0] > asked.window.now[1]
    places = _places(card, asked, spans, inner, has_before=before is not None, is_later=is_later)
    return replace(
        reading,
        places=places,
        parts=counted.pieces(asked),
        note=_note(card, asked, known),
    )


def _note(card: Card, asked: Asked, known: Sequence[date]) -> str:
    """Say that the last month of the period is not here yet, or that none of it is: a reader would compare in vain."""
    last = asked.window.now[1]
    if card.shape != "level" and known[0] > last:
        return _("Counting begins in %(month)s: this month so far.") % {"month": formats.month(known[0])}
    if card.shape == "level" or not asked.period.length or last in known or known[-1] < asked.window.now[0]:
        return ""
    return _("%(month)s has nothing yet: the figures of the period are not complete.") % {"month": formats.month(last)}


class _Months:
    """The figures of a card by month."""

    def __init__(self, card: Card, whole: Found, known: Sequence[date]) -> None:
        self.card, self.whole, self.known = card, whole, known

    def part(self, part: Sum, month: date, only: str | None = None) -> Decimal:
        figures = self.whole.sums.get(part.source, {}).get(month, {})
        return _added(part, figures if only is None else {only: figures.get(only, NOTHING)})

    def _over(self, months: Iterable[date]) -> Decimal | None:
        assert self.card.of is not None
        listed = list(months)
        above = sum((self.part(self.card.of, month) for month in listed), Decimal(0))
        if self.card.over is None:
            return above / len(listed) if self.card.shape == "mean" and listed else above
        below = sum((self.part(self.card.over, month) for month in listed), Decimal(0))
        return above / below if below else None

    def at(self, month: date) -> Decimal | None:
        """Return the value of one month; None before anything was counted, and for a level that was not."""
        if not self.known[0] <= month <= self.known[-1] or (self.card.shape == "level" and month not in self.known):
            return None
        return self._over([month])

    def value(self, asked: Asked) -> Decimal | None:
        return self._over(self._months(asked)[0])

    def before(self, asked: Asked) -> Decimal | None:
        months = self._months(asked)[1]
        return self._over(months) if months else None

    def _months(self, asked: Asked) -> tuple[list[date], list[date]]:
        """Return the months of the period and of what it is compared with; none where not all of them are known.

        Where counting began after the period, it is this month so far, and `_note` says so.
        """
        if self.card.shape == "level":
            then = periods.first_of(asked.today, 12) if self.card.against == "year" else asked.window.level_before
            return [periods.first_of(asked.today)], [then] if then in self.known and then is not None else []
        span = asked.window.year_ago if self.card.against == "year" else asked.window.before
        shown = periods.months(asked.today)
        now = [month for month in shown if periods.within(month, asked.window.now)]
        if self.known[0] > now[-1]:
            return [shown[-1]], []
        if span is None or span[0] < self.known[0]:
            return now, []
        return now, [month for month in shown if periods.within(month, span)]

    def _together(self, whole: Sum, months: Sequence[date], key: str) -> Decimal:
        value = sum((self.part(whole, month, key) for month in months), Decimal(0))
        return value / len(months) if self.card.shape == "mean" and months else value

    def pieces(self, asked: Asked) -> list[Piece]:
        """Return the parts of what is counted, in the order of their names, without those that are nothing."""
        if self.card.parts is None or self.card.of is None:
            return []
        whole = self.card.over or self.card.of
        now, then = self._months(asked)
        keys = {key for month in self.known for key in self.whole.sums.get(whole.source, {}).get(month, {})}
        wanted = sorted(keys & set(whole.parts)) if whole.parts else sorted(keys)
        found = []
        for key, label in self.card.parts(wanted).items():
            value = self._together(whole, now, key)
            before = self._together(whole, then, key) if then else None
            if value or before:
                weight = value - before if before is not None and self.card.over is None else Decimal(0)
                found.append(Piece(label, value, before, weight=weight))
        return sorted(found, key=lambda piece: -(piece.value or Decimal(0))) if self.card.is_ranked else found


def series_of_parts(card: Card, asked: Asked) -> list[tuple[str, list[Decimal]]]:
    """Return the parts of a card by month, in the order of their names. One query."""
    if card.parts is None or card.of is None:
        return []
    whole = card.over or card.of
    shown = periods.months(asked.today)
    found = totals.sums([whole.source], asked.places, since=shown[0])
    months = _Months(card, found, shown)
    keys = {key for month in months.known for key in found.sums.get(whole.source, {}).get(month, {})}
    wanted = sorted(keys & set(whole.parts)) if whole.parts else sorted(keys)
    rows = [(label, [months.part(whole, month, key) for month in shown]) for key, label in card.parts(wanted).items()]
    return sorted(rows, key=lambda row: -sum(row[1])) if card.is_ranked else rows


def _added(part: Sum, figures: Mapping[str, Figures]) -> Decimal:
    at = 0 if part.column == "amount" else 1
    return sum((Decimal(each[at]) for key, each in figures.items() if not part.parts or key in part.parts), Decimal(0))


Picked = Callable[[Spans], Figures]


def _places(
    card: Card, asked: Asked, spans: Mapping[str, Mapping[int, Mapping[str, Spans]]], inner: Sequence[int],
    *, has_before: bool, is_later: bool,
) -> list[Piece]:  # fmt: skip
    """Return the card's value of each place next below, largest first, and how much each moved the whole."""
    is_year = card.against == "year"
    is_this_month = card.shape == "level" or is_later
    now: Picked = (lambda each: each.level) if is_this_month else (lambda each: each.now)
    then: Picked = (
        (lambda each: each.level_before) if card.shape == "level"
        else (lambda each: each.year_ago) if is_year else (lambda each: each.before)
    )  # fmt: skip

    def figures(part: Sum | None, place: int, pick: Picked) -> Decimal:
        if part is None:
            return Decimal(1)
        rows = spans.get(part.source, {}).get(place, {})
        return _added(part, {key: pick(each) for key, each in rows.items()})

    if card.shape == "level" and is_year:
        has_before = False  # by place, levels are kept for the period only
    share = Decimal(1) / periods.length(asked.window.now) if card.shape == "mean" and not is_later else Decimal(1)
    rows = [
        (place, share * figures(card.of, place, now), figures(card.over, place, now), share * figures(card.of, place, then),
         figures(card.over, place, then))
        for place in inner
    ]  # fmt: skip
    weights = _weights(rows, is_ratio=card.over is not None) if has_before else {}
    found = []
    for place, above, below, above_then, below_then in rows:
        if not (above or above_then or (card.over is not None and (below or below_then))):
            continue
        found.append(
            Piece(
                company.tree().name(place),
                _ratio(above, below, card.over is not None),
                _ratio(above_then, below_then, card.over is not None) if has_before else None,
                place,
                weights.get(place, Decimal(0)),
            )
        )
    return sorted(found, key=lambda piece: -(piece.value or Decimal(0)))


def _ratio(above: Decimal, below: Decimal, is_ratio: bool) -> Decimal | None:
    if not is_ratio:
        return above
    return above / below if below else None


def _weights(rows: Sequence[tuple[int, Decimal, Decimal, Decimal, Decimal]], *, is_ratio: bool) -> dict[int, Decimal]:
    """Return how much each place moved the whole; together they are the whole change.

    Of a ratio r = N / D a place moved (n − r₀ d) / D − (n₀ − r₀ d₀) / D₀: what it has above or below the ratio before.
    """
    if not is_ratio:
        return {place: above - above_then for place, above, _below, above_then, _below_then in rows}
    whole, whole_then = sum((row[2] for row in rows), Decimal(0)), sum((row[4] for row in rows), Decimal(0))
    if not whole or not whole_then:
        return {}
    rate = sum((row[3] for row in rows), Decimal(0)) / whole_then
    return {
        place: (above - rate * below) / whole - (above_then - rate * below_then) / whole_then
        for place, above, below, above_then, below_then in rows
    }
