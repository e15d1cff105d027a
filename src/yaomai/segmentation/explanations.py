"""Why a customer has its tier: the engine's answer as the card that every screen shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yaomai.engine.explain import Measured, Reason, TierExplanation
from yaomai.engine.explain import explain as explain_tier
from yaomai.engine.inputs import METRICS, Label, Unit
from yaomai.engine.scorecards import SchemeSpec
from yaomai.engine.wording import lift_text, value_text
from yaomai.kit.explain import Contribution, CutOff, Explanation, Input, PolicyReference
from yaomai.kit.ui.formats import listed
from yaomai.segmentation import results, selectors
from yaomai.segmentation.attributes import BY_CODE
from yaomai.segmentation.inputs import MEASURES
from yaomai.segmentation.models import Subject

MONEY: tuple[Unit, ...] = ("money",)


def explanation(
    *, run_id: int, subject: str, scheme: str, customer: int, policy: PolicyReference | None, shows_purchases: bool
) -> Explanation:
    """Return why a customer has its tier in a run.

    Without `shows_purchases` everything from which purchases could be told is left out: values of the sales flow's
    metrics and what they add, scores, ranks, cut-offs and lifts that contain them, rules that read them. What else
    speaks for the tier stays, in words.

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
    return card(found, policy=policy, shows_purchases=shows_purchases)


def evidence(*, spec: SchemeSpec, subject: str, customer: int, as_of: date) -> Explanation | None:
    """Return what stands behind a scheme's inputs, with source, date and who entered it, as far as the reader sees it."""
    read = set(spec.input_names())
    inputs: list[Input] = []
    if subject == Subject.PROFESSIONAL:
        for measure in MEASURES:
            if read & set(measure.names):
                inputs.extend(measure.inputs(customer, as_of=as_of))
    for code, row in selectors.assessments(subject, customer).items():
        if code in read and code in BY_CODE and BY_CODE[code].unit != "money":
            told = (row.source, str(row.recorded_by or ""))
            inputs.append(
                Input(
                    label=str(BY_CODE[code].label),
                    value=", ".join(row.value) if isinstance(row.value, list) else Decimal(str(row.value)),
                    source=" · ".join(filter(None, told)),
                    as_of=row.assessed_on,
                )
            )
    return Explanation(sentence=_("What stands behind it"), inputs=tuple(inputs)) if inputs else None


def card(found: TierExplanation, *, policy: PolicyReference | None, shows_purchases: bool) -> Explanation:
    """Write an engine's explanation in the reader's language."""
    return _Card(found, shows_purchases, get_language() or "zh-hans").written(policy)


def _reads_purchases(inputs: Iterable[str]) -> bool:
    return any(name in METRICS for name in inputs)


@dataclass(frozen=True, slots=True)
class _Card:
    found: TierExplanation
    shows_purchases: bool
    language: str

    def _is_hidden(self, measured: Measured) -> bool:
        return not self.shows_purchases and (_reads_purchases([measured.input]) or measured.unit in MONEY)

    @property
    def _hides(self) -> bool:
        """Tell whether anything is left out: then no sum may be shown that contains it."""
        return any(map(self._is_hidden, self.found.measured))

    def _said(self, label: Label | None) -> str:
        return label.in_language(self.language) if label is not None else ""

    def written(self, policy: PolicyReference | None) -> Explanation:
        found = self.found
        shown = [measured for measured in found.measured if not self._is_hidden(measured)]
        is_product = found.combine == "multiply"
        total = (
            Decimal(100) if is_product else sum((abs(each.contribution) for each in shown), Decimal(0)) or Decimal(1)
        )
        return Explanation(
            sentence=self._sentence(),
            value=self._said(found.tier_label),
            inputs=tuple(map(self._input, found.measured)),
            contributions=tuple(
                Contribution(
                    label=capfirst(self._said(measured.label)),
                    value=round(measured.contribution, 1),
                    share=float(measured.contribution / total),
                    note=self._note(measured),
                )
                for measured in shown
            ),
            cutoffs=tuple(
                CutOff(
                    label=capfirst(self._said(line.label)),
                    value=None if line.lowest_score is None or self._hides else round(line.lowest_score, 1),
                    reached=line.reached,
                    current=line.current,
                )
                for line in found.lines
            ),
            lift=self._lifts(),
            sources=tuple(dict.fromkeys(filter(None, (found.origin, *(m.origin for m in found.measured))))),
            policy=policy,
            as_of=found.as_of,
            children=tuple(self._reasons()),
        )

    def _sentence(self) -> str:
        tier = capfirst(self._said(self.found.tier_label))
        if self._hides:
            return _("%(tier)s. Purchases count too; their figures are not shown to you.") % {"tier": tier}
        if self.found.rank is None and self._wanting:
            return _("%(tier)s for now: not ranked while this is unknown: %(missing)s") % {
                "tier": tier,
                "missing": listed(self._wanting),
            }
        if self.found.rank is None:
            return _("%(tier)s: has bought nothing and was never assessed, so it is not ranked") % {"tier": tier}
        return _("%(tier)s: %(score)s points, rank %(rank)s of %(population)s") % {
            "tier": tier,
            "score": f"{round(self.found.score, 1).normalize():f}",
            "rank": f"{self.found.rank:,}",
            "population": f"{self.found.population:,}",
        }

    @property
    def _wanting(self) -> list[str]:
        """The factors without which a product says nothing."""
        if self.found.combine != "multiply":
            return []
        return [self._said(each.label) for each in self.found.missing if each.missing == "zero" and each.weight]

    def _input(self, measured: Measured) -> Input:
        hidden = self._is_hidden(measured)
        return Input(
            label=capfirst(self._said(measured.label)),
            value=_("not shown") if hidden else value_text(measured.value, measured.unit, self.language),
            source=measured.origin,
            as_of=self.found.as_of,
            missing=measured.missing is not None and not hidden,
        )

    def _note(self, measured: Measured) -> str:
        if measured.missing:
            return {
                "neutral": _("unknown: taken as average"),
                "zero": _("unknown: taken as 0"),
                "leave_out": _("unknown: left out"),
            }[measured.missing]
        if self.found.combine == "multiply":
            return _("%(value)s is a factor of %(factor)s %%") % {
                "value": value_text(measured.value, measured.unit, self.language),
                "factor": f"{round(measured.contribution, 1).normalize():f}",
            }
        return _("%(value)s gives %(points)s points, weight %(weight)s %%") % {
            "value": value_text(measured.value, measured.unit, self.language),
            "points": f"{round(measured.points, 1).normalize():f}",
            "weight": f"{round(measured.weight * 100, 1).normalize():f}",
        }

    def _lifts(self) -> tuple[str, ...]:
        found = self.found
        if found.rank is None and self._wanting:
            return (_("It is ranked once these are known: %(missing)s") % {"missing": listed(self._wanting)},)
        if found.next_tier is None or self._hides:
            return ()
        tier = self._said(found.next_tier)
        if not found.lifts and found.rank is None:
            return (_("It is ranked once it has bought or was assessed."),)
        if not found.lifts:
            return (_("To become %(tier)s, several things must rise together.") % {"tier": tier},)
        rules = found.assign == "rules"
        lead = _("To become %(tier)s, all of these:") if rules else _("To become %(tier)s, one of these:")
        return (lead % {"tier": tier}, *(lift_text(lift, self.language) for lift in found.lifts))

    def _rule(self, reason: Reason) -> str:
        if not self.shows_purchases and _reads_purchases(reason.inputs):
            return _("a rule about purchases")
        return self._said(reason.label)

    def _reasons(self) -> Iterable[Explanation]:
        """Yield what else applied: an override, a rule, boosts, and the type hint beside the rank."""
        found = self.found
        if found.override is not None:
            text = _("Lifted by rule: %(rule)s") % {"rule": self._rule(found.override)}
            yield Explanation(sentence=text, sources=(found.override.origin,))
        if found.rule is not None:
            text = _("By rule: %(rule)s") % {"rule": self._rule(found.rule)}
            yield Explanation(sentence=text, sources=(found.rule.origin,))
        for boost in found.boosts:
            text = _("Added: %(rule)s") % {"rule": self._rule(boost)}
            yield Explanation(sentence=text, value=boost.points, sources=(boost.origin,))
        hint = found.hint
        if hint is not None and hint.tier_label is not None:
            text = _("By type it would be %(tier)s: %(rule)s. The rank decides.") % {
                "tier": self._said(hint.tier_label),
                "rule": self._rule(hint),
            }
            yield Explanation(sentence=text, sources=(hint.origin,))
