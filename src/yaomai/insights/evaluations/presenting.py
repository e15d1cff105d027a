"""Evaluations and improvements as people read them."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yaomai.customers import profile
from yaomai.insights.evaluations import rules
from yaomai.insights.evaluations.measuring import ALL, UNTIERED, competitors, scheme
from yaomai.insights.evaluations.policies import EvaluationPolicy, StrategyPolicy
from yaomai.insights.models import EffectStudy, Evaluation, Improvement, ImprovementCheck, PolicyImpact
from yaomai.kit.explain import CutOff, Explanation, Input, PolicyReference
from yaomai.kit.memo import once_a_page
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.ui import formats

Measure = Improvement.Measure
STATE_TONES = {"open": "warn", "planned": "info", "done": "info", "worked": "good", "no_action": ""}
VERDICT_TONES = {"better": "good", "same": "warn", "worse": "bad", "unclear": ""}
NEEDS = {("institution", "tags"), ("professional", "academic_needs")}


@once_a_page
def tier_names() -> Mapping[str, str]:
    """Return the tiers of the leading scheme by name, in the reader's language."""
    leading = scheme()
    found = {tier.name: leading.tier_label(tier.name) for tier in leading.spec.tiers} if leading is not None else {}
    return {ALL: _("All customers"), **found, UNTIERED: _("Without a tier")}


def tier_name(tier: str) -> str:
    """Return a tier as it is read."""
    return tier_names().get(tier, tier)


def shown(measure: str, value: float | None) -> str:
    """Return a figure with its unit."""
    if value is None:
        return "–"
    if measure in (Measure.PURCHASES, Measure.VALUE):
        return formats.short_money(value)
    if measure == Measure.LOST:
        return formats.percent(value, 1)
    return formats.grouped(value, {Measure.VISITS.value: 2, Measure.SATISFACTION.value: 1}.get(measure, 0))


def moved(measure: str, now: float | None, before: float | None) -> str:
    """Return by how much a figure moved, with its sign; nothing where that cannot be said."""
    change = rules.moved(measure, now, before)
    if change is None:
        return ""
    if measure not in rules.POINTS:
        return formats.change(change)
    points = round(change * 100 if measure == Measure.LOST else change, 1)
    said = f"{points:+.1f}".replace("-", "−") if points else "±0"
    return _("%(points)s points") % {"points": said} if measure == Measure.LOST else said


def tone(measure: str, now: float | None, before: float | None) -> str:
    """Return whether a move is good or bad; one that is too small to be written is neither."""
    worse = rules.worsened(measure, rules.moved(measure, now, before))
    if worse is None or "±0" in moved(measure, now, before):
        return ""
    return "bad" if worse > 0 else "good"


def period(evaluation: Evaluation) -> str:
    """Return the period of an evaluation in words."""
    begin = evaluation.begins_on
    if evaluation.level == Evaluation.Level.MONTH:
        return formats.month(begin)
    if evaluation.level == Evaluation.Level.QUARTER:
        return _("Quarter %(quarter)s of %(year)s") % {"quarter": (begin.month + 2) // 3, "year": begin.year}
    return _("Year %(year)s") % {"year": begin.year}


def span_text(begin: str, end: str) -> str:
    """Return a half-open period: 2026-10, or 2026-08 – 2026-10."""
    first, last = begin[:7], f"{date.fromisoformat(end) - timedelta(days=1):%Y-%m}"
    return first if first == last else f"{first} – {last}"


def title(evaluation: Evaluation) -> str:
    """Return what a page and a document are called."""
    return {
        Evaluation.Level.MONTH: _("Monthly evaluation"),
        Evaluation.Level.QUARTER: _("Quarterly evaluation"),
        Evaluation.Level.YEAR: _("Yearly evaluation"),
    }[Evaluation.Level(evaluation.level)]


def found_text(measure: str, found: Mapping[str, Any]) -> str:
    """Return a figure with what it is held against: 0.8 (before 1.2, −33%; last year 1.1, −27%)."""
    value = found.get("value")
    if value is None:
        return _("not known")
    told = []
    for name, words in (("before", _("period before %(value)s")), ("year", _("last year %(value)s"))):
        if (other := found.get(name)) is not None:
            change = moved(measure, value, other)
            said = words % {"value": shown(measure, other)}
            told.append(f"{said}, {change}" if change else said)
    if (goal := found.get("goal")) is not None:
        told.append(_("goal %(value)s") % {"value": shown(measure, goal)})
    separator = "；" if formats.language() == "zh" else "; "
    inside = separator.join(dict.fromkeys(told))
    return (
        _("%(value)s (%(against)s)") % {"value": shown(measure, value), "against": inside}
        if told
        else shown(measure, value)
    )


def state(improvement: Improvement) -> str:
    """Return the step at which an improvement stands; a review that is open is to be decided."""
    if improvement.state == Improvement.State.OPEN and improvement.trigger in Improvement.STRATEGIC:
        return pgettext("strategy", "To be decided")
    return improvement.get_state_display()


def problem(improvement: Improvement) -> str:
    """Return what is wrong, or what a review is to decide."""
    if improvement.problem:
        return improvement.problem
    if improvement.trigger == Improvement.Trigger.POLICY:
        return _("Does our strategy still hold after %(event)s?") % {"event": improvement.event}
    if improvement.trigger == Improvement.Trigger.COMPETITOR and improvement.month is not None:
        return _("Competitors gained in %(month)s: does our strategy still hold?") % {
            "month": formats.month(improvement.month)
        }
    return _("%(tier)s: %(measure)s %(found)s") % {
        "tier": tier_name(improvement.tier), "measure": improvement.get_measure_display(),
        "found": found_text(improvement.measure, improvement.found),
    }  # fmt: skip


def tables(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Return the figures as one table per measure; a measure without any record says so."""
    from yaomai.insights.evaluations.measuring import MEASURES

    figures = evaluation.figures
    by_measure: dict[str, list[dict[str, Any]]] = {}
    for row in figures["rows"]:
        by_measure.setdefault(row["measure"], []).append(row)
    made = []
    for name in MEASURES[evaluation.level]:
        measure, rows = str(name), by_measure.get(str(name), [])
        known = [row for row in rows if row["value"] is not None]
        made.append({
            "measure": measure,
            "label": Measure(measure).label,
            "note": note(measure, figures),
            "nothing": "" if known else nothing(measure),
            "has_goal": any(row["goal"] is not None for row in rows),
            "rows": [_row(row) for row in rows] if known else [],
        })  # fmt: skip
    return made


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    measure, value = row["measure"], row["value"]
    return {
        "tier": tier_name(row["tier"]),
        "customers": row["customers"],
        "value": shown(measure, value),
        "before": shown(measure, row["before"]),
        "before_moved": moved(measure, value, row["before"]),
        "before_tone": tone(measure, value, row["before"]),
        "year": shown(measure, row["year"]),
        "year_moved": moved(measure, value, row["year"]),
        "year_tone": tone(measure, value, row["year"]),
        "goal": shown(measure, row["goal"]) if row["goal"] is not None else "",
        "odd": row["odd"],
        "raw": row,
    }


def note(measure: str, figures: Mapping[str, Any]) -> str:
    """Return in a sentence how a figure is counted."""
    return {
        Measure.PURCHASES: _("Sales flow of the period, in yuan."),
        Measure.VISITS: _("Visits that were found valid, by customer and month."),
        Measure.LOST: _("Of the customers that ordered in the %(months)s months before the period: those without an order in the %(months)s months up to its end.")
        % {"months": figures["silent"]},
        Measure.SATISFACTION: _("Mean of what was assessed in the period, 0 to 100; the latest of each customer."),
        Measure.NEEDS: _("Customers with needs on record, of their own or of their people, without a valid visit in the period."),
        Measure.VALUE: _("Lifetime value as of %(day)s against the year before; the goal is %(goal)s.")
        % {"day": figures["value_as_of"] or "–", "goal": formats.change(figures["value_goal"])},
    }[Measure(measure)]  # fmt: skip


def nothing(measure: str) -> str:
    """Return why a figure is not there."""
    return {
        Measure.PURCHASES: _("The sales flow of this period has not come in."),
        Measure.VISITS: _("No valid visit is on record in this period."),
        Measure.LOST: _("The sales flow does not reach back far enough to tell who stayed away."),
        Measure.SATISFACTION: _("No satisfaction was assessed in this period yet."),
        Measure.NEEDS: _("No needs of these customers are on record yet."),
        Measure.VALUE: _("No lifetime value has been computed yet."),
    }[Measure(measure)]


def need_words(figures: Mapping[str, Any]) -> list[str]:
    """Return which needs nobody followed up, most first."""
    labels: dict[str, Any] = {}
    for entity, code in sorted(NEEDS):
        field = profile.field(entity, code)  # type: ignore[arg-type]
        labels |= dict(field.choices) if field is not None else {}
    return [f"{labels.get(need, need)} {count}" for need, count in figures["needs"]]


def studies(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what effect studies of the year found (J12)."""
    return [
        {
            "pk": each["id"],
            "name": each["name"],
            "change": EffectStudy.Change(each["change"]).label,
            "since": date.fromisoformat(each["since"]),
            "verdict": EffectStudy.Verdict(each["verdict"]).label,
            "customers": each["customers"],
            "effect": ""
            if each["effect"] is None
            else formats.money(round(each["effect"]))
            if each["measure"] == EffectStudy.Measure.AMOUNT
            else formats.grouped(each["effect"], 1),
        }
        for each in figures["studies"]
    ]


def finding(evaluation: Evaluation, improvements: Sequence[Improvement]) -> str:
    """Return in one sentence how the period was."""
    rows = evaluation.figures["rows"]
    whole = next((row for row in rows if row["measure"] == Measure.PURCHASES and row["tier"] == ALL), None)
    odd = sum(row["odd"] for row in rows)
    unanswered = sum(each.state == Improvement.State.OPEN for each in improvements)
    told = []
    if whole is not None and whole["value"] is not None:
        told.append(_("Purchases: %(found)s.") % {"found": found_text(Measure.PURCHASES, whole)})
    told.append(
        _("%(count)s figures are odd; %(open)s still wait for an answer.") % {"count": odd, "open": unanswered}
        if odd or unanswered
        else _("Nothing is odd.")
    )
    return ("" if formats.language() == "zh" else " ").join(told)


def reference(evaluation: Evaluation) -> PolicyReference:
    """Return who decided what is odd."""
    version = (evaluation.figures or {}).get("inputs", {}).get("policies", {}).get(EvaluationPolicy.name)
    return PolicyReference(
        name=EvaluationPolicy.name, label=str(EvaluationPolicy.label), version=version, origin="J10–J13",
        url=reverse("policies:policy_detail", args=[EvaluationPolicy.name]),
    )  # fmt: skip


def alternatives(improvement: Improvement) -> list[dict[str, str]]:
    """Return what a strategy review weighs, with the origin of each (J14)."""
    policy, _version = policy_on(StrategyPolicy, on=timezone.localdate(improvement.created_at))
    occasion = improvement.event.kind if improvement.event is not None else "competitor"
    return [
        {"text": each.text.in_language(formats.language()), "origin": formats.origin(each.origin)}
        for each in policy.of(occasion)
    ]


def affected(improvement: Improvement, *, most: int = 20) -> list[dict[str, Any]]:
    """Return the customers in view that a strategy review is about, the most money first."""
    from yaomai.customers.models import Institution

    if improvement.trigger == Improvement.Trigger.POLICY:
        rows = PolicyImpact.objects.filter(
            event=improvement.event_id, institution__territory__path__startswith=improvement.territory.path
        ).select_related("institution")
        return [
            {"name": row.institution.name, "url": reverse("insights:policyimpact_detail", args=[row.pk]),
             "note": _("%(money)s at risk") % {"money": formats.short_money(row.at_risk)}}
            for row in rows.order_by("-at_risk", "pk")[:most]
        ]  # fmt: skip
    found = Institution.objects.filter(pk__in=competitors(improvement.territory, improvement.month))
    return [
        {"name": row.name, "url": reverse("customers:institution_detail", args=[row.pk]), "note": ""}
        for row in found.order_by("name")[:most]
    ]


def check_text(improvement: Improvement, check: ImprovementCheck) -> str:
    """Return in one sentence what a re-check measured."""
    again = check.result
    words = {
        "measure": improvement.get_measure_display(), "then": found_text(improvement.measure, improvement.found),
        "now": found_text(improvement.measure, again), "span": span_text(again["from"], again["to"]),
    }  # fmt: skip
    if again.get("reason") == "early":
        return _("Too early: %(span)s is not a whole period after it was carried out. %(measure)s: %(now)s.") % words
    if again.get("reason") == "unknown":
        return _("There is no figure of %(span)s, or none of before, to compare with.") % words
    return _("%(measure)s in %(span)s: %(now)s; when it was found: %(then)s.") % words


def explained(improvement: Improvement, check: ImprovementCheck) -> Explanation:
    """Return why a re-check says better, the same or worse."""
    measure, found, again = improvement.measure, improvement.found, check.result
    policy, version = policy_on(EvaluationPolicy, on=check.checked_on)
    has_year = found.get("year") is not None and again.get("year") is not None
    limit = policy.recheck_points if measure == Measure.LOST else policy.recheck_least
    return Explanation(
        sentence=_("The moves against the same period of the year before are compared, so that a season plays no part.")
        if has_year
        else _("The figures themselves are compared: of the year before there is none."),
        inputs=(
            Input(label=pgettext("re-check", "When it was found"), value=found_text(measure, found)),
            Input(label=pgettext("re-check", "Measured again"), value=found_text(measure, again)),
        ),
        cutoffs=(
            CutOff(label=_("Better or worse from a difference of"), value=formats.percent(limit, 0),
                   reached=check.verdict in ("better", "worse")),
        ),
        policy=PolicyReference(
            name=EvaluationPolicy.name, label=str(EvaluationPolicy.label),
            version=version.number if version is not None else None, origin="J13",
            url=reverse("policies:policy_detail", args=[EvaluationPolicy.name]),
        ),
        as_of=check.checked_on,
    )  # fmt: skip
