"""Cards as screens show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from yaomai.kit.dashboards import wording
from yaomai.kit.dashboards.reading import Answer, series_of_parts
from yaomai.kit.dashboards.registry import Asked, Card, Link, Piece, Reading
from yaomai.kit.explain import Explanation
from yaomai.kit.ui import formats
from yaomai.kit.ui.charts import Chart, Series

MOST_BARS = 20
MOST_SERIES = 6


@dataclass(frozen=True, slots=True)
class Shown:
    """One card of a board: everything in words, and the points of its line."""

    key: str
    label: str
    value: str
    change: str
    compared: str
    tone: str
    goal: str
    goal_url: str
    goal_origin: str
    is_reached: bool
    progress: float | None
    progress_tone: str
    reason: str
    note: str
    question: str
    url: str
    next_step: Link | None
    explanation: Explanation | None
    line: Sequence[float | None]
    line_said: str
    as_of: Any


def shown(answer: Answer) -> Shown:
    """Return a card for the screen."""
    card, asked, reading = answer.card, answer.asked, answer.reading
    goal, recent = reading.goal, wording.recent(reading)
    return Shown(
        key=card.key, label=str(card.label), value=wording.written(reading.value, card.unit),
        change=wording.change(card, reading), compared=wording.compared_with(card, asked),
        tone=wording.tone(card, reading),
        goal=wording.written(goal.value, card.unit) if goal is not None else "",
        goal_url=goal.url if goal is not None else "", goal_origin=formats.origin(str(goal.origin)) if goal is not None else "",
        is_reached=_is_reached(card, reading), progress=_progress(card, reading),
        progress_tone="bad" if card.good_when == "down" and not _is_reached(card, reading) else "accent", reason=reading.reason,
        note=reading.note, question=str(card.question), url=card_url(card, asked), next_step=reading.next_step,
        explanation=reading.explanation, line=[None if each is None else float(each) for each in recent],
        line_said=_line_said(card, recent), as_of=reading.as_of,
    )  # fmt: skip


def card_url(card: Card, asked: Asked, *, place: int | None = None) -> str:
    """Return the page of a card, for the same period and the same or another place."""
    chosen = place if place is not None else asked.place
    query = {"period": asked.period.code, **({"place": chosen} if chosen is not None else {})}
    return f"{reverse('dashboards:card', args=[card.key])}?{urlencode(query)}"


def _is_reached(card: Card, reading: Reading) -> bool:
    if reading.goal is None or reading.value is None:
        return False
    return reading.value <= reading.goal.value if card.good_when == "down" else reading.value >= reading.goal.value


def _progress(card: Card, reading: Reading) -> float | None:
    if reading.goal is None or reading.value is None or reading.goal.value <= 0:
        return None
    return float(min(max(reading.value / reading.goal.value, Decimal(0)), Decimal(1)))


def _line_said(card: Card, recent: Sequence[Decimal | None]) -> str:
    known = [each for each in recent if each is not None]
    if len(known) < 2:
        return ""
    return _("%(count)s months, from %(first)s to %(last)s") % {
        "count": len(known), "first": wording.written(known[0], card.unit), "last": wording.written(known[-1], card.unit),
    }  # fmt: skip


# Charts of a card -----------------------------------------------------------------------------------------


def trend(answer: Answer) -> Chart | None:
    """Return the months of a card; sums with the same months of the year before beside them."""
    card, reading = answer.card, answer.reading
    labels, recent = wording.month_labels(reading)[-wording.LAST_YEAR :], wording.recent(reading)
    if not any(each is not None for each in recent):
        return None
    values = [None if each is None else float(each) for each in recent]
    series = [Series(str(card.label), values, drawn="area" if card.shape == "level" else "", tone="accent")]
    earlier = list(reading.series)[: -wording.LAST_YEAR + 1] if card.against == "year" else []
    then = [None if each is None else float(each) for each in earlier[-wording.LAST_YEAR :]]
    if len(then) == len(values) and any(each is not None for each in then):
        series.append(Series(_("The year before"), then, drawn="line", tone="muted", is_dashed=True))
    if reading.goal is not None and (card.shape == "level" or card.over is not None):
        goal = [float(reading.goal.value)] * len(values)
        series.append(Series(_("Goal"), goal, drawn="line", tone="good", is_dashed=True))
    kind = "bar" if card.shape == "sum" and card.over is None else "line"
    return Chart(
        kind, wording.sentence(card, answer.asked, reading), labels, series, unit=card.unit,  # type: ignore[arg-type]
        heading=_("Month"), note=_("The last month is not over yet."),
    )  # fmt: skip


def parts_chart(answer: Answer) -> Chart | None:
    """Return the parts of a card by month, stacked."""
    card = answer.card
    parts = series_of_parts(card, answer.asked)
    used = [(label, values[-wording.LAST_YEAR :]) for label, values in parts if any(values[-wording.LAST_YEAR :])]
    if len(used) < 2:
        return None
    largest = max(answer.reading.parts, key=lambda piece: piece.value or Decimal(0), default=None)
    finding = str(card.parts_label)
    if largest is not None and largest.value:
        finding = _("%(what)s: most is %(name)s") % {"what": card.parts_label, "name": largest.label}
    return Chart(
        "stack", finding, wording.month_labels(answer.reading)[-wording.LAST_YEAR :],
        [Series(label, [float(each) for each in values]) for label, values in _few(used)],
        unit="number" if card.unit == "percent" else card.unit, heading=_("Month"),
    )  # fmt: skip


def _few(rows: Sequence[tuple[str, Sequence[Decimal]]]) -> list[tuple[str, Sequence[Decimal]]]:
    """Return at most `MOST_SERIES` rows; what is beyond is added up as the last one."""
    if len(rows) <= MOST_SERIES:
        return list(rows)
    rest = [
        sum(months, Decimal(0)) for months in zip(*(values for _label, values in rows[MOST_SERIES - 1 :]), strict=True)
    ]
    return [*rows[: MOST_SERIES - 1], (_("Others"), rest)]


def places_chart(answer: Answer) -> Chart | None:
    """Return the places next below as bars, the largest first."""
    pieces = [piece for piece in answer.reading.places if piece.value is not None][:MOST_BARS]
    if len(pieces) < 2:
        return None
    first = pieces[0]
    finding = _("By territory: %(name)s is first with %(value)s") % {
        "name": first.label, "value": wording.written(first.value, answer.card.unit),
    }  # fmt: skip
    values = [float(piece.value or 0) for piece in pieces]
    return Chart(
        "rank", finding, [piece.label for piece in pieces], [Series(str(answer.card.label), values)],
        unit=answer.card.unit, heading=_("Territory"), height="small" if len(pieces) < 6 else "medium",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the tables of a card."""

    label: str
    url: str
    value: str
    before: str
    change: str
    moved: str
    share: float


def lines(answer: Answer, pieces: Sequence[Piece], *, is_part: bool = False) -> list[Line]:
    """Return places or parts as rows."""
    card = answer.card
    unit = "number" if is_part and card.unit == "percent" else card.unit
    moved = max((abs(piece.weight) for piece in pieces), default=Decimal(0))
    return [
        Line(
            label=piece.label,
            url=card_url(card, answer.asked, place=piece.place) if piece.place is not None else "",
            value=wording.written(piece.value, unit),
            before=wording.written(piece.before, unit),
            change=_changed(piece, unit),
            moved=wording.difference(piece.weight, unit) if piece.weight else "",
            share=float(piece.weight / moved) if moved else 0.0,
        )
        for piece in pieces
    ]


def _changed(piece: Piece, unit: Any) -> str:
    if piece.value is None or piece.before is None:
        return ""
    if unit == "percent":
        return wording.difference(piece.value - piece.before, unit)
    return formats.change((piece.value - piece.before) / piece.before) if piece.before > 0 else ""
