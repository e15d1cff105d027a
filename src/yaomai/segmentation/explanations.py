"""Why a customer has its tier: the engine's answer as the card that every screen shows."""

from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yaomai.engine.explain import Measured, TierExplanation, TierLine
from yaomai.engine.explain import explain as explain_tier
from yaomai.engine.inputs import Label, Unit
from yaomai.engine.wording import lift_text, value_text
from yaomai.kit.explain import Contribution, CutOff, Explanation, Input, PolicyReference
from yaomai.segmentation import results

MONEY_INPUTS: tuple[Unit, ...] = ("money",)


def explanation(
    *, run_id: int, subject: str, scheme: str, customer: int, policy: PolicyReference | None, shows_money: bool
) -> Explanation:
    """Return why a customer has its tier in a run.

    `shows_money` is false for those who may not see purchases: amounts are left out, the reasoning stays.

    Raises:
        Missing: the customer was not in the run.
    """
    stored = results.scheme(run_id, subject, scheme)
    found = explain_tier(
        stored.spec,
        stored.cutoffs,
        results.row(run_id, subject, scheme, customer),
        results.row(run_id, subject, "inputs", customer),
    )
    return card(found, policy=policy, shows_money=shows_money)


def card(found: TierExplanation, *, policy: PolicyReference | None, shows_money: bool) -> Explanation:
    """Write an engine's explanation in the reader's language."""
    language = get_language() or "zh-hans"
    total = sum((abs(measured.contribution) for measured in found.measured), Decimal(0)) or Decimal(1)
    return Explanation(
        sentence=_sentence(found, language),
        value=found.tier_label.in_language(language),
        inputs=tuple(_input(measured, language, found, shows_money) for measured in found.measured),
        contributions=tuple(
            Contribution(
                label=measured.label.in_language(language),
                value=round(measured.contribution, 1),
                share=float(measured.contribution / total),
                note=_note(measured, language, shows_money),
            )
            for measured in found.measured
        ),
        cutoffs=tuple(_cutoff(line, language) for line in found.lines),
        lift=_lifts(found, language, shows_money),
        sources=tuple(dict.fromkeys(filter(None, (found.origin, *(m.origin for m in found.measured))))),
        policy=policy,
        as_of=found.as_of,
        children=_reasons(found, language),
    )


def _sentence(found: TierExplanation, language: str) -> str:
    text = _("%(tier)s: %(score)s points, rank %(rank)s of %(population)s")
    return text % {
        "tier": found.tier_label.in_language(language),
        "score": f"{round(found.score, 1).normalize():f}",
        "rank": f"{found.rank:,}",
        "population": f"{found.population:,}",
    }


def _shown(value: object, unit: Unit, language: str, shows_money: bool) -> str:
    if unit in MONEY_INPUTS and not shows_money:
        return _("not shown")
    return value_text(value, unit, language)  # type: ignore[arg-type]


def _input(measured: Measured, language: str, found: TierExplanation, shows_money: bool) -> Input:
    return Input(
        label=measured.label.in_language(language),
        value=_shown(measured.value, measured.unit, language, shows_money),
        source=measured.origin,
        as_of=found.as_of,
        missing=measured.missing is not None,
    )


def _note(measured: Measured, language: str, shows_money: bool) -> str:
    if measured.missing:
        return {
            "neutral": _("unknown: taken as average"),
            "zero": _("unknown: taken as 0"),
            "leave_out": _("unknown: left out"),
        }[measured.missing]
    return _("%(value)s gives %(points)s points, weight %(weight)s %%") % {
        "value": _shown(measured.value, measured.unit, language, shows_money),
        "points": f"{round(measured.points, 1).normalize():f}",
        "weight": f"{round(measured.weight * 100, 1).normalize():f}",
    }


def _cutoff(line: TierLine, language: str) -> CutOff:
    score = None if line.lowest_score is None else round(line.lowest_score, 1)
    return CutOff(label=line.label.in_language(language), value=score, reached=line.reached, current=line.current)


def _lifts(found: TierExplanation, language: str, shows_money: bool) -> tuple[str, ...]:
    if found.next_tier is None:
        return ()
    lifts = [lift for lift in found.lifts if shows_money or lift.unit not in MONEY_INPUTS]
    tier = found.next_tier.in_language(language)
    if not lifts:
        return (_("To become %(tier)s, several things must rise together.") % {"tier": tier},)
    lead = _("To become %(tier)s, all of these:") if found.assign == "rules" else _("To become %(tier)s, one of these:")
    return (lead % {"tier": tier}, *(lift_text(lift, language) for lift in lifts))


def _reasons(found: TierExplanation, language: str) -> tuple[Explanation, ...]:
    """Return what else applied: an override, a rule, boosts, and the type hint beside the rank."""

    def said(label: Label | None) -> str:
        return label.in_language(language) if label is not None else ""

    parts = []
    if found.override is not None:
        parts.append(Explanation(sentence=_("Lifted by rule: %(rule)s") % {"rule": said(found.override.label)},
                                 sources=(found.override.origin,)))  # fmt: skip
    if found.rule is not None:
        parts.append(Explanation(sentence=_("By rule: %(rule)s") % {"rule": said(found.rule.label)},
                                 sources=(found.rule.origin,)))  # fmt: skip
    parts += [
        Explanation(
            sentence=_("Added: %(rule)s") % {"rule": said(boost.label)}, value=boost.points, sources=(boost.origin,)
        )
        for boost in found.boosts
    ]
    if found.hint is not None and found.hint.tier_label is not None:
        parts.append(
            Explanation(
                sentence=_("By type it would be %(tier)s: %(rule)s. The rank decides.")
                % {"tier": said(found.hint.tier_label), "rule": said(found.hint.label)},
                sources=(found.hint.origin,),
            )
        )
    return tuple(parts)
