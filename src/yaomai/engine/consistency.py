"""Whether a scheme makes sense: what is wrong with it, precisely, before it is tried on anybody."""

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

from pydantic import BaseModel, ConfigDict

from yaomai.engine.prescriptions import names_count
from yaomai.engine.scorecards import Choices, Component, Condition, Rule, Scale, SchemeSpec, Steps

MESSAGES: Final[dict[str, str]] = {
    "weights_zero": "All weights are zero: give at least one component a weight",
    "weights_sum": "The weights add up to %(total)s%%; they must add up to 100%%",
    "factor_left_out": "%(component)s is a factor: an unknown value counts as neutral or zero, it cannot be left out",
    "shares_sum": "The shares of the tiers add up to %(total)s%%; they must add up to 100%%",
    "share_absent": "Tier %(tier)s has no share of the customers",
    "tier_empty": "Tier %(tier)s would be empty: give it a share above 0, a rule or an override",
    "threshold_absent": "Tier %(tier)s has no lowest score",
    "threshold_order": "Tier %(tier)s begins at %(at_least)s points, not below the tier above it (%(above)s)",
    "threshold_floor": "Scores below %(at_least)s points belong to no tier: the lowest tier must begin at 0",
    "rules_absent": "The scheme assigns tiers by rules but has none",
    "rule_tier_unknown": "Rule %(rule)s names the tier %(tier)s, which does not exist",
    "rule_unreachable": "Rule %(rule)s can never apply: rule %(by)s already takes all its customers",
    "rules_overlap": "Rules %(rule)s and %(by)s give different tiers to the same customers",
    "condition_empty": "The condition on %(input)s in rule %(rule)s tests nothing",
    "condition_never": "%(input)s in rule %(rule)s can never hold: %(at_least)s is not below %(below)s",
    "value_low": "%(input)s is never below %(least)s: %(value)s in %(rule)s makes no sense",
    "value_high": "%(input)s is never above %(most)s: %(value)s in %(rule)s makes no sense",
    "input_unknown": "%(input)s is neither a metric nor declared as an attribute",
    "input_kind": "%(input)s is %(unit)s and cannot be used that way in %(place)s",
    "prescriptions": "%(input)s counts prescriptions, which no scheme may use (医药代表备案管理办法)",
    "name_repeated": "The name %(name)s is used more than once",
    "steps_order": "The steps of %(component)s must go down from the highest threshold, with fewer points each",
    "scale_empty": "The scale of %(component)s must have its high end above its low end",
}
"""English messages with named placeholders by code."""

CHINESE: Final[dict[str, str]] = {
    "weights_zero": "所有权重都是 0：至少给一个指标权重",
    "weights_sum": "权重合计为 %(total)s%%，应为 100%%",
    "factor_left_out": "指标 %(component)s 是乘数：不知道时只能按中间值或 0 计，不能不计",
    "shares_sum": "各级占比合计为 %(total)s%%，应为 100%%",
    "share_absent": "级别 %(tier)s 没有占比",
    "tier_empty": "级别 %(tier)s 会是空的：请给它大于 0 的占比、一条规则或直接认定条件",
    "threshold_absent": "级别 %(tier)s 没有最低分",
    "threshold_order": "级别 %(tier)s 从 %(at_least)s 分起，没有低于上一级的 %(above)s 分",
    "threshold_floor": "低于 %(at_least)s 分的客户不属于任何级别：最低一级应从 0 分起",
    "rules_absent": "方案按规则定级，但没有规则",
    "rule_tier_unknown": "规则 %(rule)s 写的级别 %(tier)s 不存在",
    "rule_unreachable": "规则 %(rule)s 永远不会生效：规则 %(by)s 已包含它的全部客户",
    "rules_overlap": "规则 %(rule)s 与 %(by)s 重叠，会把同一批客户定为不同级别",
    "condition_empty": "规则 %(rule)s 中对 %(input)s 的条件是空的",
    "condition_never": "规则 %(rule)s 中对 %(input)s 的条件不可能成立：%(at_least)s 不小于 %(below)s",
    "value_low": "%(input)s 不会低于 %(least)s：%(rule)s 中的 %(value)s 没有意义",
    "value_high": "%(input)s 不会高于 %(most)s：%(rule)s 中的 %(value)s 没有意义",
    "input_unknown": "%(input)s 既不是指标，也没有声明为属性",
    "input_kind": "%(input)s 的类型是 %(unit)s，不能这样用于 %(place)s",
    "prescriptions": "%(input)s 是处方量统计（统方），任何方案都不得使用（医药代表备案管理办法）",
    "name_repeated": "名称 %(name)s 重复",
    "steps_order": "指标 %(component)s 的分段应从高到低排列，分值也应逐段降低",
    "scale_empty": "指标 %(component)s 的上限应大于下限",
}
"""The same in Chinese."""

_BY_UNIT: Final[dict[str, tuple[int | None, int | None]]] = {
    "money": (0, None), "days": (0, None), "count": (0, None), "months": (0, None), "points": (0, 100),
    "ratio": (-1, None), "flag": (0, 1),
}  # fmt: skip
_BY_METRIC: Final[dict[str, tuple[int | None, int | None]]] = {
    "margin_12m": (None, None), "margin_rate": (None, 1), "share": (0, 1), "channel_share": (0, 1),
    "active_months_12m": (0, 12), "orders_12m": (0, 366),
}  # fmt: skip
"""Least and most of what an input can be."""


class Problem(BaseModel):
    """One thing that is wrong: a code of `MESSAGES`, its parameters, and where in the spec."""

    model_config = ConfigDict(frozen=True)

    code: str
    place: str = ""
    params: dict[str, str] = {}

    @property
    def message(self) -> str:
        """The English sentence."""
        return self.render("en")

    def render(self, language: str = "zh") -> str:
        """Say it in "zh" or "en"."""
        return (CHINESE if language.startswith("zh") else MESSAGES)[self.code] % self.params


class InconsistentScheme(ValueError):
    """A scheme that cannot be used; `problems` says why."""

    def __init__(self, scheme: str, problems: Sequence[Problem]) -> None:
        self.scheme = scheme
        self.problems = tuple(problems)
        super().__init__(self.render("en"))

    def render(self, language: str = "zh") -> str:
        """Say everything that is wrong, in "zh" or "en"."""
        mark, pause = ("：", "；") if language.startswith("zh") else (": ", "; ")
        return self.scheme + mark + pause.join(problem.render(language) for problem in self.problems)


def require_consistent(spec: SchemeSpec) -> None:
    """Raise `InconsistentScheme` with everything that is wrong with a scheme, or return."""
    problems = scheme_problems(spec)
    if problems:
        raise InconsistentScheme(spec.name, problems)


def scheme_problems(spec: SchemeSpec) -> tuple[Problem, ...]:
    """Find everything that is wrong with a scheme; empty when it can be used."""
    return (
        *_name_problems(spec),
        *_input_problems(spec),
        *_weight_problems(spec),
        *_scoring_problems(spec),
        *_tier_problems(spec),
        *_rule_problems(spec),
    )


def empty_tiers(spec: SchemeSpec, population: int) -> tuple[str, ...]:
    """Name the tiers whose share of so small a population is nobody (overrides and rules aside)."""
    if spec.assign != "shares":
        return ()
    ends = share_ends(spec, population)
    starts = (0, *ends[:-1])
    return tuple(tier.name for tier, start, end in zip(spec.tiers, starts, ends, strict=True) if end <= start)


def share_ends(spec: SchemeSpec, population: int) -> tuple[int, ...]:
    """Give the last rank of each tier: its cumulated share of the population, a part of a customer counted whole."""
    ends, total = [], Decimal(0)
    for tier in spec.tiers:
        total += tier.share or Decimal(0)
        ends.append(min(population, math.ceil(total * population)))
    return (*ends[:-1], population)


def _name_problems(spec: SchemeSpec) -> Iterator[Problem]:
    groups = (spec.components, spec.tiers, spec.attributes)
    for group in groups:
        names = [part.name for part in group]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield Problem(code="name_repeated", params={"name": name})


def _input_problems(spec: SchemeSpec) -> Iterator[Problem]:
    names = dict.fromkeys((*spec.input_names(), *(attribute.name for attribute in spec.attributes)))
    for name in names:
        declared = spec.input(name)
        labels = (declared.label.zh, declared.label.en) if declared else ()
        if any(names_count(text) for text in (name, *labels)):
            yield Problem(code="prescriptions", params={"input": name})
        elif declared is None:
            yield Problem(code="input_unknown", params={"input": name})
    for component in spec.components:
        declared = spec.input(component.input)
        textual = declared is not None and declared.unit in ("text", "tags")
        if declared is not None and (textual != isinstance(component.scoring, Choices) or declared.unit == "date"):
            yield Problem(
                code="input_kind",
                place=f"components.{component.name}",
                params={"input": component.input, "unit": declared.unit, "place": component.name},
            )


def _weight_problems(spec: SchemeSpec) -> Iterator[Problem]:
    total = sum((component.weight for component in spec.components), Decimal(0))
    if total == 0:
        yield Problem(code="weights_zero", place="components")
    elif spec.combine == "multiply":
        for component in spec.components:
            if component.missing == "leave_out":
                yield Problem(
                    code="factor_left_out",
                    place=f"components.{component.name}",
                    params={"component": component.name},
                )
    elif total != 1:
        yield Problem(code="weights_sum", place="components", params={"total": _plain(total * 100)})


def _scoring_problems(spec: SchemeSpec) -> Iterator[Problem]:
    for component in spec.components:
        place, params = f"components.{component.name}", {"component": component.name}
        if isinstance(component.scoring, Steps) and not _descending(component):
            yield Problem(code="steps_order", place=place, params=params)
        if isinstance(component.scoring, Scale) and component.scoring.low >= component.scoring.high:
            yield Problem(code="scale_empty", place=place, params=params)
        yield from _value_problems(spec, component.input, _thresholds(component), component.name, place)


def _thresholds(component: Component) -> tuple[Decimal, ...]:
    match component.scoring:
        case Steps(steps=steps):
            return tuple(step.at_least for step in steps)
        case Scale(low=low, high=high):
            return (low, high)
    return ()


def _value_problems(
    spec: SchemeSpec, name: str, values: Sequence[Decimal | None], rule: str, place: str
) -> Iterator[Problem]:
    """Find figures that the input they are compared with can never reach."""
    declared = spec.input(name)
    least, most = _BY_METRIC.get(name) or _BY_UNIT.get(declared.unit if declared else "", (None, None))
    for value in values:
        params = {"input": name, "rule": rule, "value": _plain(value) if value is not None else ""}
        if value is not None and least is not None and value < least:
            yield Problem(code="value_low", place=place, params={**params, "least": str(least)})
        if value is not None and most is not None and value > most:
            yield Problem(code="value_high", place=place, params={**params, "most": str(most)})


def _descending(component: Component) -> bool:
    assert isinstance(component.scoring, Steps)
    return all(
        above.at_least > step.at_least and above.points > step.points
        for above, step in pairwise(component.scoring.steps)
    )


def _tier_problems(spec: SchemeSpec) -> Iterator[Problem]:
    forced = {rule.tier for rule in (*spec.overrides, *spec.rules)}
    if spec.assign == "shares":
        for tier in spec.tiers:
            if tier.share is None:
                yield Problem(code="share_absent", place=f"tiers.{tier.name}", params={"tier": tier.name})
            elif tier.share == 0 and tier.name not in forced:
                yield Problem(code="tier_empty", place=f"tiers.{tier.name}", params={"tier": tier.name})
        total = sum((tier.share or Decimal(0) for tier in spec.tiers), Decimal(0))
        if total != 1:
            yield Problem(code="shares_sum", place="tiers", params={"total": _plain(total * 100)})
    elif spec.assign == "score":
        yield from _threshold_problems(spec)
    else:
        if not spec.rules:
            yield Problem(code="rules_absent", place="rules")
        for tier in spec.tiers[:-1]:
            if spec.rules and tier.name not in forced:
                yield Problem(code="tier_empty", place=f"tiers.{tier.name}", params={"tier": tier.name})


def _threshold_problems(spec: SchemeSpec) -> Iterator[Problem]:
    above: Decimal | None = None
    for tier in spec.tiers:
        place = f"tiers.{tier.name}"
        if tier.at_least is None:
            yield Problem(code="threshold_absent", place=place, params={"tier": tier.name})
            continue
        if above is not None and tier.at_least >= above:
            params = {"tier": tier.name, "at_least": _plain(tier.at_least), "above": _plain(above)}
            yield Problem(code="threshold_order", place=place, params=params)
        above = tier.at_least
    lowest = spec.tiers[-1].at_least
    if lowest is not None and lowest > 0:
        yield Problem(code="threshold_floor", place="tiers", params={"at_least": _plain(lowest)})


def _rule_problems(spec: SchemeSpec) -> Iterator[Problem]:
    tiers = {tier.name for tier in spec.tiers}
    for kind, rules in (("rules", spec.rules), ("hints", spec.hints), ("overrides", spec.overrides)):
        for number, rule in enumerate(rules, 1):
            name = f"{kind} {number}"
            if rule.tier not in tiers:
                yield Problem(code="rule_tier_unknown", place=name, params={"rule": name, "tier": rule.tier})
            yield from _condition_problems(spec, name, rule.when)
    for number, boost in enumerate(spec.boosts, 1):
        yield from _condition_problems(spec, f"boosts {number}", boost.when)
    for kind, rules in (("rules", spec.rules), ("hints", spec.hints), ("overrides", spec.overrides)):
        yield from _collisions(kind, rules)


def _condition_problems(spec: SchemeSpec, rule: str, conditions: Sequence[Condition]) -> Iterator[Problem]:
    for condition in conditions:
        declared = spec.input(condition.input)
        params = {"input": condition.input, "rule": rule}
        if not condition.numeric and not condition.one_of:
            yield Problem(code="condition_empty", place=rule, params=params)
        if condition.numeric and condition.one_of:
            yield Problem(code="input_kind", place=rule, params={**params, "unit": "number and text", "place": rule})
        elif declared is not None and condition.numeric == (declared.unit in ("text", "tags")):
            yield Problem(code="input_kind", place=rule, params={**params, "unit": declared.unit, "place": rule})
        low, high = condition.at_least, condition.below
        yield from _value_problems(spec, condition.input, (low, high), rule, rule)
        if low is not None and high is not None and low >= high:
            bounds = {"at_least": _plain(low), "below": _plain(high)}
            yield Problem(code="condition_never", place=rule, params={**params, **bounds})


def _collisions(kind: str, rules: Sequence[Rule]) -> Iterator[Problem]:
    """Find rules that an earlier one hides, and rules on the same inputs whose ranges overlap with another tier."""
    for later, rule in enumerate(rules):
        for earlier, other in enumerate(rules[:later]):
            params = {"rule": f"{kind} {later + 1}", "by": f"{kind} {earlier + 1}"}
            if all(any(_within(mine, theirs) for mine in rule.when) for theirs in other.when):
                yield Problem(code="rule_unreachable", place=params["rule"], params=params)
            elif rule.tier != other.tier and _ambiguous(rule, other):
                yield Problem(code="rules_overlap", place=params["rule"], params=params)


def _ambiguous(rule: Rule, other: Rule) -> bool:
    mine = {condition.input: condition for condition in rule.when}
    theirs = {condition.input: condition for condition in other.when}
    return mine.keys() == theirs.keys() and all(_meet(mine[name], theirs[name]) for name in mine)


def _within(inner: Condition, outer: Condition) -> bool:
    """Say whether everything that passes `inner` passes `outer`."""
    if inner.input != outer.input or inner.numeric != outer.numeric:
        return False
    if not inner.numeric:
        return set(inner.one_of) <= set(outer.one_of)
    low = outer.at_least is None or (inner.at_least is not None and inner.at_least >= outer.at_least)
    high = outer.below is None or (inner.below is not None and inner.below <= outer.below)
    return low and high


def _meet(one: Condition, two: Condition) -> bool:
    if one.numeric != two.numeric:
        return False
    if not one.numeric:
        return bool(set(one.one_of) & set(two.one_of))
    lows = [bound for bound in (one.at_least, two.at_least) if bound is not None]
    highs = [bound for bound in (one.below, two.below) if bound is not None]
    return not lows or not highs or max(lows) < min(highs)


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
