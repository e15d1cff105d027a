"""Numbers of cards in words: values, changes, reasons and explanations, in the reader's language."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from yaomai.kit.dashboards import company
from yaomai.kit.dashboards.registry import Asked, Card, Piece, Reading, Unit
from yaomai.kit.explain import Contribution, Explanation, Input
from yaomai.kit.ui import formats


def written(value: Decimal | None, unit: Unit) -> str:
    """Return a value as a card shows it."""
    if value is None:
        return "–"
    if unit == "money":
        return formats.short_money(value)
    if unit == "percent":
        return formats.percent(value)
    return formats.grouped(value, 0 if value == value.to_integral_value() else 1)


def difference(change: Decimal, unit: Unit) -> str:
    """Return a change in the card's unit, with its sign; of ratios in points."""
    if unit == "percent":
        points = formats.grouped(change * 100, 1)
        return _("%(points)s points") % {"points": points if change <= 0 else f"+{points}"}
    text = written(change, unit)
    return text if change <= 0 else f"+{text}"


def change(card: Card, reading: Reading) -> str:
    """Return how much it changed: in percent, of ratios in points; empty when it is compared with nothing."""
    if reading.value is None or reading.before is None:
        return ""
    moved = reading.value - reading.before
    if card.unit == "percent":
        return difference(moved, "percent")
    return formats.change(moved / reading.before) if reading.before > 0 else difference(moved, card.unit)


def tone(card: Card, reading: Reading) -> str:
    """Return "good", "bad" or "flat": whether the change is to be wished."""
    if not card.good_when or reading.value is None or reading.before is None or reading.value == reading.before:
        return "flat"
    return "good" if (reading.value > reading.before) == (card.good_when == "up") else "bad"


def compared_with(card: Card, asked: Asked) -> str:
    """Return what the card is compared with, in words."""
    if card.against == "year":
        return _("a year before")
    if card.shape == "level":
        months = max(asked.period.length, 1)
        return _("a month before") if months == 1 else _("%(count)s months before") % {"count": months}
    return str(asked.period.before)


def reason(card: Card, reading: Reading) -> str:
    """Return what moved the number most; without a change, where most of it is."""
    pieces = _told_apart(reading)
    if reading.value is None or not pieces:
        return ""
    if reading.before is not None and reading.value != reading.before:
        moved = reading.value - reading.before
        alike = [piece for piece in pieces if piece.weight * moved > 0]
        if alike:
            most = max(alike, key=lambda piece: abs(piece.weight))
            return _("Mostly %(name)s: %(change)s") % {
                "name": most.label, "change": difference(most.weight, card.unit),
            }  # fmt: skip
    if card.over is not None or card.unit == "percent":
        return _furthest(card, reading)
    most = max(pieces, key=lambda piece: piece.value or Decimal(0))
    if not most.value or reading.value <= 0:
        return ""
    return _("Most of it: %(name)s, %(share)s") % {
        "name": most.label, "share": formats.percent(min(most.value / reading.value, Decimal(1)), 0),
    }  # fmt: skip


def _furthest(card: Card, reading: Reading) -> str:
    """Return where a share is worst, or highest where neither is better."""
    known = [piece for piece in reading.places if piece.value is not None]
    if len(known) < 2 or not card.good_when:
        return ""
    pick = max if card.good_when == "down" else min
    worst = pick(known, key=lambda piece: piece.value or Decimal(0))
    pattern = _("Highest: %(name)s, %(value)s") if card.good_when == "down" else _("Lowest: %(name)s, %(value)s")
    return pattern % {"name": worst.label, "value": written(worst.value, card.unit)}


def _told_apart(reading: Reading) -> Sequence[Piece]:
    return reading.places if len(reading.places) > 1 else reading.parts


def explain(card: Card, asked: Asked, reading: Reading) -> Explanation:
    """Return why the card says what it says."""
    inputs = [Input(label=str(asked.period.label), value=written(reading.value, card.unit))]
    if reading.before is not None:
        inputs.append(Input(label=compared_with(card, asked), value=written(reading.before, card.unit)))
    if reading.goal is not None:
        inputs.append(
            Input(
                label=_("Goal"),
                value=written(reading.goal.value, card.unit),
                source=formats.origin(str(reading.goal.origin)),
            )
        )
    moved = sum((abs(piece.weight) for piece in _told_apart(reading)), Decimal(0))
    ranked = sorted(_told_apart(reading), key=lambda piece: -abs(piece.weight))[:8]
    return Explanation(
        sentence=sentence(card, asked, reading),
        value=None,
        inputs=tuple(inputs),
        contributions=tuple(
            Contribution(
                label=piece.label, value=difference(piece.weight, card.unit), share=float(piece.weight / moved)
            )
            for piece in ranked
            if moved and piece.weight
        ),
        sources=(str(card.question),),
        as_of=asked.today,
    )


def sentence(card: Card, asked: Asked, reading: Reading) -> str:
    """Return the finding: what, where, how much, and how it changed."""
    where = place_name(asked)
    said = _("%(label)s, %(where)s: %(value)s") % {
        "label": card.label, "where": where, "value": written(reading.value, card.unit),
    }  # fmt: skip
    moved = change(card, reading)
    if not moved:
        return said
    return _("%(said)s, %(change)s on %(before)s") % {
        "said": said, "change": moved, "before": compared_with(card, asked),
    }  # fmt: skip


def place_name(asked: Asked) -> str:
    """Return where the numbers are from."""
    if asked.places == (company.WHOLE,):
        return _("whole company")
    names = [company.tree().name(pk) for pk in asked.places]
    return formats.listed(names[:3]) if len(names) <= 3 else _("%(count)s territories") % {"count": len(names)}


def span_of(asked: Asked) -> str:
    """Return the months of the period."""
    first, last = asked.window.now
    if first == last:
        return formats.month(first)
    return _("%(first)s – %(last)s") % {"first": formats.month(first), "last": formats.month(last)}


def month_labels(reading: Reading) -> list[str]:
    """Return the months of a series as labels."""
    return [f"{month:%Y-%m}" for month in reading.months]


LAST_YEAR = 13
"""Months on a card: a year, and this month so far."""


def recent(reading: Reading) -> list[Decimal | None]:
    """Return the series of the last year, this month included."""
    return list(reading.series)[-LAST_YEAR:]
