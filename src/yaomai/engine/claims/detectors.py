"""Each detector: lines in, hits out. A hit is a line of a finding, with what was measured and what is usual.

Columns of hits: detector, key (the same lines give the same key), person, other (a second person), line, day, amount,
recipient, measure, expected, strength (0 to 1: how far beyond the usual).
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final

import ibis
import ibis.expr.types as ir

from yaomai.engine.claims.settings import Settings

HITS: Final = (
    "detector", "key", "person", "other", "line", "day", "amount", "recipient", "measure", "expected", "strength",
)  # fmt: skip
EARTH_KILOMETRES: Final = 6371.0
MEAL: Final = "meal"
USUAL: Final = 0.1
"""Share of somebody's lines from which a city is one of their own; of at least so many lines there."""
USUAL_LINES: Final = 5


def _hits(detector: str, table: ir.Table, **columns: Any) -> ir.Table:
    """Return the hits of a detector; what it does not say is null."""
    said = {"other": ibis.null("string"), "expected": ibis.null("float64")} | columns
    return table.select(
        detector=ibis.literal(detector), key=said["key"].cast("string"),
        person=said.get("person", table.person).cast("string"), other=said["other"].cast("string"),
        line=table.line.cast("string"), day=table.day, amount=table.amount, recipient=table.recipient.cast("string"), measure=said["measure"].cast("float64"), expected=said["expected"].cast("float64"),
        strength=said["strength"].cast("float64"),
    )  # fmt: skip


def _joined(*parts: Any) -> Any:
    return ibis.literal("|").join([part.cast("string") for part in parts])


def same_invoice(lines: ir.Table, _settings: Settings) -> ir.Table:
    """Find invoices that prove more than one line; by two people it is graver."""
    known = lines.filter(lines.invoice.notnull())
    twice = known.group_by("invoice").aggregate(
        number=known.count(), people=known.person.nunique(), first=known.person.min(), last=known.person.max()
    )
    twice = twice.filter(twice.number > 1)
    found = known.join(twice, "invoice")
    return _hits(
        "same_invoice", found, key=found.invoice, person=found["first"], measure=found.number, expected=ibis.literal(1.0),
        other=(found.people > 1).ifelse(found["last"], ibis.null()),
        strength=ibis.ifelse(found.people > 1, 0.98, 0.9),
    )  # fmt: skip


def same_content(lines: ir.Table, _settings: Settings) -> ir.Table:
    """Find lines of the same day, recipient, form and amount under other invoices."""
    parts = ("day", "recipient", "form", "amount")
    known = lines.filter(lines.recipient.notnull() & lines.form.notnull())
    twice = known.group_by(parts).aggregate(
        number=known.count(), first=known.person.min(), last=known.person.max(),
        papers=known.invoice.nunique() + (known.invoice.isnull().sum()),
    )  # fmt: skip
    twice = twice.filter((twice.number > 1) & (twice.papers > 1))
    found = known.join(twice, parts)
    key = _joined(found.day, found.recipient, found.form, found.amount)
    return _hits(
        "same_content", found, key=key, person=found["first"], measure=found.number, expected=ibis.literal(1.0),
        other=(found["first"] != found["last"]).ifelse(found["last"], ibis.null()),
        strength=ibis.ifelse(found["first"] != found["last"], 0.45, 0.35),
    )  # fmt: skip


def split(lines: ir.Table, settings: Settings) -> ir.Table:
    """Find lines below the limit, close together for one recipient, that exceed it in all."""
    small = lines.filter((lines.amount < settings.split_limit) & lines.recipient.notnull())
    whose = ("person", "recipient", "form")
    in_order = ibis.window(group_by=whose, order_by=["day", "line"])
    # Days as numbers: the same on every engine.
    dated = small.mutate(number=small.day.epoch_seconds() // 86400)
    gaps = dated.mutate(
        is_first=(dated.number - dated.number.lag(1).over(in_order) > settings.split_days).fill_null(True).cast("int64")
    )
    rows = ibis.window(group_by=whose, order_by=["day", "line"], preceding=None, following=0)
    runs = gaps.mutate(run=gaps.is_first.sum().over(rows))
    together = ibis.window(group_by=(*whose, "run"))
    summed = runs.mutate(
        total=runs.amount.sum().over(together), parts=runs.count().over(together),
        begun=runs.day.min().over(together),
    )  # fmt: skip
    found = summed.filter((summed.parts > 1) & (summed.total >= settings.split_limit))
    key = _joined(found.person, found.recipient, found.form.fill_null(""), found.begun)
    return _hits(
        "split", found, key=key, measure=found.total, expected=ibis.literal(settings.split_limit),
        # The closer the parts lie to the limit, the less chance explains them.
        strength=0.2 + 0.75 * found.total / found.parts / settings.split_limit,
    )  # fmt: skip


def round_amounts(lines: ir.Table, settings: Settings) -> ir.Table:
    """Find people whose amounts are round far more often than those of others."""
    known = lines.filter(lines.amount.notnull())
    return _habit("round_amounts", known, known.amount % settings.round_to == 0, settings)


def off_days(lines: ir.Table, settings: Settings, days: Sequence[date] = ()) -> ir.Table:
    """Find people whose meals fall on days off far more often than those of others."""
    meals = lines.filter((lines.form == MEAL).fill_null(True))
    is_off = meals.day.isin(list(days)) if days else meals.day.day_of_week.index() >= 5
    return _habit("off_days", meals, is_off, settings)


def night_entries(lines: ir.Table, settings: Settings) -> ir.Table:
    """Find people who enter lines at night far more often than others."""
    known = lines.filter(lines.entered_at.notnull())
    hour = known.entered_at.hour()
    start, end = settings.night_from, settings.night_to
    is_night = (hour >= start) | (hour < end) if start > end else (hour >= start) & (hour < end)
    return _habit("night_entries", known, is_night, settings)


def _habit(detector: str, lines: ir.Table, condition: Any, settings: Settings) -> ir.Table:
    """Return the lines that meet a condition, of people who meet it beyond what is usual (normal approximation).

    What is usual leaves nobody out: with a hundred people one of them hardly moves it.
    """
    marked = lines.mutate(met=condition.cast("int64"))
    people = marked.group_by("person").aggregate(number=marked.count(), met_often=marked.met.sum())
    everybody = ibis.window()
    rated = people.mutate(rate=people.met_often.sum().over(everybody) / people.number.sum().over(everybody))
    spread = (rated.number * rated.rate * (1 - rated.rate)).sqrt()
    scored = rated.mutate(deviation=(rated.met_often - rated.number * rated.rate) / spread.nullif(0))
    odd = scored.filter((scored.number >= settings.least_lines) & (scored.deviation >= settings.deviation))
    found = marked.filter(marked.met == 1).join(odd, "person")
    # The share of the lines beyond the usual: of those that meet the condition, so many are not explained by habit.
    unexplained = 1 - found.rate * found.number / found.met_often
    return _hits(
        detector, found, key=found.person, measure=found.met_often / found.number, expected=found.rate,
        strength=unexplained * found.deviation / (found.deviation + settings.deviation),
    )  # fmt: skip


def impossible_days(lines: ir.Table, settings: Settings) -> ir.Table:
    """Find days on which somebody was in places too far apart, or in too many cities."""
    placed = lines.filter(lines.latitude.notnull() & lines.longitude.notnull() | lines.city.notnull())
    days = placed.group_by("person", "day").aggregate(
        north=placed.latitude.max(), south=placed.latitude.min(), east=placed.longitude.max(),
        west=placed.longitude.min(), cities=placed.city.nunique(),
    )  # fmt: skip
    days = days.mutate(kilometres=_apart(days).fill_null(0.0))
    odd = days.filter((days.kilometres > settings.most_kilometres) | (days.cities >= settings.most_cities))
    usual = placed.group_by("person", "city").aggregate(visits=placed.count())
    usual = usual.mutate(habit=usual.visits / usual.visits.sum().over(ibis.window(group_by="person")))
    found = placed.join(odd, ["person", "day"]).left_join(usual, ["person", "city"])
    far = found.kilometres > settings.most_kilometres
    # Where somebody is every week is the least strange part of such a day.
    is_usual = ((found.habit >= USUAL) & (found.visits >= USUAL_LINES)).fill_null(False)
    return _hits(
        "impossible_days", found, key=_joined(found.person, found.day),
        measure=ibis.ifelse(far, found.kilometres, found.cities.cast("float64")),
        expected=ibis.ifelse(far, float(settings.most_kilometres), float(settings.most_cities)),
        strength=ibis.ifelse(is_usual, 0.25, 1.0)
        * ibis.ifelse(far, found.kilometres / (found.kilometres + settings.most_kilometres / 4), 0.8),
    )  # fmt: skip


def _apart(days: ir.Table) -> Any:
    """Return the great-circle distance in kilometres between the corners of what was visited (haversine)."""
    half = (days.north - days.south).radians() / 2, (days.east - days.west).radians() / 2
    sine = half[0].sin() ** 2 + days.north.radians().cos() * days.south.radians().cos() * half[1].sin() ** 2
    return 2 * EARTH_KILOMETRES * sine.clip(0, 1).sqrt().asin()


def unusual_pairs(lines: ir.Table, settings: Settings) -> ir.Table:
    """Find people who spend a great part on one of many recipients."""
    known = lines.filter(lines.recipient.notnull())
    pairs = known.group_by("person", "recipient").aggregate(spent=known.amount.sum(), number=known.count())
    own = ibis.window(group_by="person")
    shared = pairs.mutate(
        share=pairs.spent / pairs.spent.sum().over(own), recipients=pairs.count().over(own),
        lines_in_all=pairs.number.sum().over(own),
    )  # fmt: skip
    odd = shared.filter(
        (shared.share >= settings.pair_share) & (shared.recipients >= settings.pair_recipients)
        & (shared.lines_in_all >= settings.least_lines) & (shared.number > 1)
    )  # fmt: skip
    found = known.join(odd, ["person", "recipient"])
    usual = 1 / found.recipients.cast("float64")
    return _hits(
        "unusual_pairs", found, key=_joined(found.person, found.recipient), measure=found.share,
        expected=usual, strength=(found.share - usual) / (found.share + usual),
    )  # fmt: skip


def spend_against_value(lines: ir.Table, values: ir.Table, settings: Settings) -> ir.Table:
    """Find institutions where far more is spent than their value explains.

    `values` has `institution` and `value`, at least 0. One without value counts as a hundredth of the mean.
    """
    known = lines.filter(lines.institution.notnull())
    spent = known.group_by("institution").aggregate(spent=known.amount.sum())
    worth = values.select(
        institution=values.institution.cast(known.institution.type()), value=values.value.cast("float64")
    )
    both = spent.left_join(worth, "institution").select("institution", "spent", "value")
    everybody = ibis.window()
    mean = both.value.mean().over(everybody)
    both = both.mutate(weight=ibis.greatest(both.value.fill_null(0.0), mean / 100))
    both = both.mutate(expected=both.weight / both.weight.sum().over(everybody) * both.spent.sum().over(everybody))
    odd = both.filter((both.spent >= settings.value_least) & (both.spent > settings.value_times * both.expected))
    found = known.join(odd.select("institution", "spent", "expected"), "institution")
    times = found.spent / found.expected
    return _hits(
        "spend_against_value", found, key=found.institution, measure=found.spent, expected=found.expected,
        strength=times / (times + 2 * settings.value_times),
    )  # fmt: skip


def coincidences(lines: ir.Table) -> ir.Table:
    """Return pairs of lines of two people that lie closer than chance allows: invoices in a row of the same series."""
    digits = lines.invoice.re_extract(r"(\d{4,9})$", 1).nullif("")
    known = lines.mutate(number=digits.cast("int64")).filter(digits.notnull())
    known = known.mutate(series=known.invoice.substr(0, known.invoice.length() - known.number.cast("string").length()))
    in_row = ibis.window(group_by="series", order_by=["number", "line"])
    both = known.mutate(
        after=known.person.lead(1).over(in_row), after_line=known.line.lead(1).over(in_row),
        gap=known.number.lead(1).over(in_row) - known.number,
    )  # fmt: skip
    found = both.filter((both.gap == 1) & (both.person != both.after))
    return found.select(
        first=ibis.least(found.person, found.after), second=ibis.greatest(found.person, found.after),
        line=found.line, after_line=found.after_line,
    )  # fmt: skip


Detector = Callable[..., ir.Table]
DETECTORS: Final[dict[str, Detector]] = {
    "same_invoice": same_invoice,
    "same_content": same_content,
    "split": split,
    "round_amounts": round_amounts,
    "off_days": off_days,
    "night_entries": night_entries,
    "impossible_days": impossible_days,
    "unusual_pairs": unusual_pairs,
    "spend_against_value": spend_against_value,
    "ring": coincidences,
}
"""By the name that findings carry. `ring` gives pairs, which `sweeping` joins into groups."""
