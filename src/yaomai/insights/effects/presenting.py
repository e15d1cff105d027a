"""What a study found, so that a manager can act on it: one sentence, a picture, and why."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from yaomai.insights.findings.policies import EffectPolicy
from yaomai.insights.models import EffectCheck, EffectStudy
from yaomai.kit.explain import Contribution, CutOff, Explanation, Input, PolicyReference
from yaomai.kit.ui import formats
from yaomai.kit.ui.charts import Chart, Mark, Series

SUSPICIOUS = 0.025
"""As in `yaomai.engine.effects`, which is not imported here: it is heavy."""
FEWEST_UNITS, FEWEST_BEFORE = 5, 4
TONES = {"helps": "good", "harms": "bad", "none": "info", "unclear": "warn", "fragile": "warn", "incomparable": "bad",
         "few": "warn", "early": "info"}  # fmt: skip
Result = Mapping[str, Any]


def value_text(study: EffectStudy, value: float) -> str:
    """Return a figure of a study with its unit."""
    if study.measure == EffectStudy.Measure.AMOUNT:
        return formats.money(round(value))
    return formats.grouped(value, 0 if abs(value) >= 100 else 1)


def sentence(study: EffectStudy, result: Result, names: Mapping[int, str] = {}) -> str:
    """Return the answer in one sentence."""
    verdict = result["verdict"]
    if verdict == "early":
        return _(
            "Too early: not one whole month has passed since the change. The first answer is possible from %(day)s."
        ) % {"day": formats.day(date.fromisoformat(result["from"]), today=timezone.localdate())}
    if verdict == "few":
        return _("Too few for any claim: %(why)s.") % {"why": _listed(_few(result))}
    found = result["effect"]
    words = {
        "effect": value_text(study, abs(found["mean"])),
        "low": value_text(study, found["low"]),
        "high": value_text(study, found["high"]),
        "share": formats.change(result["relative"]) if result["relative"] is not None else _("share unknown"),
    }
    if verdict == "helps":
        return _("It helped: %(effect)s more per customer and month (between %(low)s and %(high)s; %(share)s).") % words
    if verdict == "harms":
        return _("It harmed: %(effect)s less per customer and month (between %(low)s and %(high)s; %(share)s).") % words
    if verdict == "none":
        return _("No effect worth mentioning: per customer and month it lies between %(low)s and %(high)s.") % words
    if verdict == "incomparable":
        return _apart(result)
    if verdict == "fragile":
        return _resting(study, result, names)
    said = _("Cannot tell yet: per customer and month the effect lies between %(low)s and %(high)s.") % words
    return f"{said} {needed_text(result)}"


def _listed(parts: Sequence[str]) -> str:
    return formats.listed(parts)


def _few(result: Result) -> list[str]:
    found = []
    if result["treated"] < FEWEST_UNITS:
        found.append(_("%(count)s customers had the change and at least %(least)s are needed")
                     % {"count": result["treated"], "least": FEWEST_UNITS})  # fmt: skip
    if not result["pool"]:
        found.append(_("every customer like them in your view had the change, so that there is nobody to compare with"))
    elif result.get("controls", result["pool"]) < FEWEST_UNITS:
        found.append(_("only %(count)s customers to compare with and at least %(least)s are needed")
                     % {"count": result.get("controls", result["pool"]), "least": FEWEST_UNITS})  # fmt: skip
    if result["before"] < FEWEST_BEFORE:
        found.append(_("only %(count)s months of sales flow before the change and at least %(least)s are needed")
                     % {"count": result["before"], "least": FEWEST_BEFORE})  # fmt: skip
    return found


def needed_text(result: Result) -> str:
    """Return what would settle it."""
    customers = ngettext("about %(count)s more customer", "about %(count)s more customers", result["needed"]) % {
        "count": formats.grouped(result["needed"])
    }
    months = result.get("months_needed")
    if not months:
        return _("It would take %(customers)s with the change; months alone would not settle it.") % {
            "customers": customers
        }
    return _("It would take %(customers)s with the change, or about %(months)s more months.") % {
        "customers": customers, "months": months,
    }  # fmt: skip


def _apart(result: Result) -> str:
    way = result["trend"] if result["trend"]["chance"] <= result["placebo"]["chance"] else result["placebo"]
    if way["mean"] > 0:
        return _("Not believable: the customers with the change were already growing faster than the others before it.")
    return _("Not believable: the customers with the change were already falling behind the others before it.")


def _resting(study: EffectStudy, result: Result, names: Mapping[int, str]) -> str:
    held = result["rests_on"]
    without = held["without"]
    return _(
        "Rests on one customer, %(name)s: without it the effect lies between %(low)s and %(high)s, and nothing can be claimed."
    ) % {
        "name": names.get(held["institution"], _("out of your view")),
        "low": value_text(study, without["low"]),
        "high": value_text(study, without["high"]),
    }


def chart(study: EffectStudy, result: Result) -> Chart | None:
    """Return both groups by month, with the change marked; None when there is nothing to compare."""
    means = result.get("means")
    if not means or not means["treated"]:
        return None
    labels = [month[:7] for month in result["months"]]
    series = [Series(_("With the change"), means["treated"], tone="accent")]
    if means["matched"]:
        series.append(Series(pgettext("effect", "Compared with"), means["matched"], tone="muted", is_dashed=True))
    marks = [Mark(labels[result["since"]], _("It began"))] if result["since"] < len(labels) else []
    money = study.measure == EffectStudy.Measure.AMOUNT
    return Chart(
        "line", _finding(study, result), labels, series, unit="money" if money else "number", marks=marks,
        heading=_("Month"),
    )  # fmt: skip


def _finding(study: EffectStudy, result: Result) -> str:
    means, since = result["means"], result["since"]
    if not since or not means["matched"]:
        return _("Per customer and month")
    gaps = [one - two for one, two in zip(means["treated"], means["matched"], strict=True)]
    before, after = sum(gaps[:since]) / since, sum(gaps[since:]) / (len(gaps) - since)
    return _("Distance to those compared with: %(before)s per month before, %(after)s after") % {
        "before": value_text(study, before), "after": value_text(study, after),
    }  # fmt: skip


def reference(check: EffectCheck) -> PolicyReference:
    """Return who decided the figures."""
    return PolicyReference(
        name=EffectPolicy.name, label=str(EffectPolicy.label),
        version=check.inputs.get("policies", {}).get(EffectPolicy.name), origin="assumed",
        url=reverse("policies:policy_detail", args=[EffectPolicy.name]),
    )  # fmt: skip


def explained(study: EffectStudy, check: EffectCheck, names: Mapping[int, str]) -> Explanation:
    """Return why the answer is what it is: what moved, what was held against it, and the tests it had to pass."""
    result = check.result
    tree = Explanation(
        sentence=_why(study, result, names),
        inputs=_inputs(result),
        lift=(needed_text(result),) if result["verdict"] == "unclear" else (),
        sources=(
            _("Difference in differences: the mean after less the mean before, of each customer"),
            _("Compared with the nearest few by level and trend before the change (Ho, Imai, King and Stuart, 2007)"),
            _("Errors robust to unequal variance (HC3: MacKinnon and White, 1985); 95 % interval"),
        ),
        policy=reference(check),
        as_of=check.as_of,
    )
    if "effect" not in result:
        return tree
    return tree.model_copy(
        update={
            "contributions": _contributions(study, result),
            "cutoffs": _cutoffs(study, result),
            "children": (_placebo(study, result), _comparison(study, result)),
        }
    )


def _why(study: EffectStudy, result: Result, names: Mapping[int, str]) -> str:
    if "effect" not in result:
        return sentence(study, result, names)
    found = result["effect"]
    return _("What came on top of those compared with: %(effect)s per customer and month (95 percent interval %(low)s to %(high)s)") % {
        "effect": value_text(study, found["mean"]), "low": value_text(study, found["low"]),
        "high": value_text(study, found["high"]),
    }  # fmt: skip


def _inputs(result: Result) -> tuple[Input, ...]:
    found = [
        Input(label=_("Customers with the change"), value=result["treated"]),
        Input(label=_("Customers like them in view"), value=result["pool"]),
        Input(label=pgettext("effect", "Compared with"), value=result.get("matched", 0)),
        Input(label=_("Months before and after"), value=f"{result['before']} / {result['after']}"),
    ]
    if result["left_out"]:
        found.append(Input(label=_("Left out: the month of the change"), value=result["left_out"][:7]))
    return tuple(found)


def _contributions(study: EffectStudy, result: Result) -> tuple[Contribution, ...]:
    since, means = result["since"], result["means"]

    def moved(name: str) -> float:
        own: list[float] = means[name]
        before, after = own[:since], own[since:]
        return float(sum(after) / len(after) - sum(before) / len(before))

    own, others = moved("treated"), moved("matched")
    adjusted = result["effect"]["mean"] - (own - others)
    largest = max(abs(own), abs(others), abs(adjusted)) or 1.0
    parts = (
        (_("Change of those with it"), own, ""),
        (_("Less: change of those compared with"), -others, _("What would have come anyway")),
        (_("Adjusted for level and trend before"), adjusted, ""),
    )
    return tuple(
        Contribution(label=label, value=value_text(study, value), share=value / largest, note=note)
        for label, value, note in parts
    )


def _cutoffs(study: EffectStudy, result: Result) -> tuple[CutOff, ...]:
    found = result["effect"]
    return (
        CutOff(label=_("The interval lies on one side of zero"),
               value=f"{value_text(study, found['low'])} – {value_text(study, found['high'])}",
               reached=found["low"] > 0 or found["high"] < 0),
        CutOff(label=_("Placebo: no effect halfway through the time before"), value=_chance(result["placebo"]),
               reached=result["placebo"]["chance"] >= SUSPICIOUS),
        CutOff(label=_("The trends before were alike"), value=_chance(result["trend"]),
               reached=result["trend"]["chance"] >= SUSPICIOUS),
        CutOff(label=_("It does not rest on one customer"), value="", reached="rests_on" not in result),
    )  # fmt: skip


def _chance(found: Mapping[str, float]) -> str:
    return f"p = {found['chance']:.3f}"


def _placebo(study: EffectStudy, result: Result) -> Explanation:
    found = result["placebo"]
    passes = found["chance"] >= SUSPICIOUS
    return Explanation(
        sentence=_("Placebo: the same computed for a change that never was, halfway through the time before, gives %(effect)s (%(low)s to %(high)s): %(verdict)s")
        % {
            "effect": value_text(study, found["mean"]), "low": value_text(study, found["low"]),
            "high": value_text(study, found["high"]),
            "verdict": _("nothing, as it must be") if passes else _("an effect where there can be none"),
        },
    )  # fmt: skip


def _comparison(study: EffectStudy, result: Result) -> Explanation:
    rows = alike(study, result)
    return Explanation(
        sentence=_(
            "Compared with the %(count)s customers of the same kinds in view that were nearest by level and trend"
        )
        % {"count": formats.grouped(result["matched"])},
        inputs=tuple(
            Input(label=label, value=_("%(level)s a month, trend %(trend)s") % {"level": level, "trend": trend})
            for label, level, trend in rows
        ),
    )


def alike(study: EffectStudy, result: Result) -> list[tuple[str, str, str]]:
    """Return group, level and trend per month before the change."""
    labels = {
        "treated": _("With the change"),
        "matched": pgettext("effect", "Compared with"),
        "others": _("All others like them"),
    }
    found = result.get("alike") or {}
    return [
        (label, value_text(study, found[name][0]), value_text(study, found[name][1]))
        for name, label in labels.items()
        if name in found
    ]
