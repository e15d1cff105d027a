"""Explanations in Chinese and English, as one paragraph each, for files and for logs."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from yaomai.engine.explain import Measured, TierExplanation
from yaomai.engine.inputs import Unit
from yaomai.engine.lifts import Lift, Value

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "head": (
        "{tier}：得分 {score}，排名 {rank}/{population}（截至 {as_of}）",
        "{tier}: score {score}, rank {rank} of {population} (as of {as_of})",
    ),
    "head_unranked": (
        "{tier}：没有采购记录，也没有评估，不参与排名（截至 {as_of}）",
        "{tier}: has bought nothing and was never judged, so it is not ranked (as of {as_of})",
    ),
    "measured": ("依据：{parts}", "Because: {parts}"),
    "part": (
        "{label} {value}，得 {points} 分 × {weight}",
        "{label} {value} gives {points} points × {weight}",
    ),
    "factor": (
        "{label} {value}，乘以 {factor}",
        "{label} {value} multiplies by {factor}",
    ),
    "boost": ("加分：{label} +{points}", "Added: {label} +{points}"),
    "override": ("按规则直接列为{tier}：{label}", "Lifted to {tier} by rule: {label}"),
    "rule": ("符合规则：{label}", "By rule: {label}"),
    "hint": ("类型提示：{tier}（{label}）", "Type hint: {tier} ({label})"),
    "missing": ("缺少数据：{labels}", "Missing: {labels}"),
    "share_line": (
        "分界：前 {last_rank} 名为{tier}，最低 {lowest} 分",
        "Cut-off: the first {last_rank} are {tier}, from {lowest} points",
    ),
    "score_line": ("分界：{tier}不低于 {lowest} 分", "Cut-off: {tier} from {lowest} points"),
    "lift_any": ("升为{tier}，下列任一即可：{lifts}", "To become {tier}, any one of: {lifts}"),
    "lift_one": ("升为{tier}：{lifts}", "To become {tier}: {lifts}"),
    "lift_all": ("升为{tier}，须同时满足：{lifts}", "To become {tier}, all of: {lifts}"),
    "lift_none": (
        "升为{tier}：任何单项改善都不够，须多项一起提高",
        "To become {tier}: no single change is enough, several must rise together",
    ),
    "lift_unranked": (
        "有采购或评估后参与排名",
        "It is ranked once it has bought or was judged",
    ),
    "more": ("{label}增加 {difference}（达到 {needed}）", "{label} + {difference} (to {needed})"),
    "at_least": ("{label}达到 {needed}", "{label} at least {needed}"),
    "at_most": ("{label}降到 {needed} 以内", "{label} {needed} or less"),
    "one_of": ("{label}为“{needed}”", "{label} is “{needed}”"),
    "neutral": ("（按中性值）", " (taken as average)"),
    "zero": ("（按0分）", " (taken as 0)"),
    "leave_out": ("（不计入）", " (left out)"),
    "unknown": ("未知", "unknown"),
    "days": (" 天", " days"),
    "months": (" 个月", " months"),
    "stop": ("。", ". "),
    "comma": ("；", "; "),
}


def explanation_text(explanation: TierExplanation, language: str = "zh") -> str:
    """Say an explanation in one paragraph; `language` is "zh" or "en"."""
    stop = _word("stop", language)
    return (stop.join(_sentences(explanation, language)) + stop).strip()


def value_text(value: Value, unit: Unit, language: str = "zh") -> str:
    """Write a value with its unit: ¥1,234.50, 12.3 %, 45 天."""
    if value is None:
        return _word("unknown", language)
    if isinstance(value, str | date) or unit in ("text", "tags", "date"):
        return str(value)
    if unit == "money":
        return f"¥{Decimal(str(value)):,.2f}".removesuffix(".00")
    if unit == "ratio":
        return f"{_trimmed(round(Decimal(str(value)) * 100, 1))}%"
    text = _trimmed(round(Decimal(str(value)), 2))
    return text + _word(unit, language) if unit in ("days", "months") else text


def _sentences(explanation: TierExplanation, language: str) -> Iterator[str]:
    comma = _word("comma", language)
    yield _word("head_unranked" if explanation.rank is None else "head", language).format(
        tier=explanation.tier_label.in_language(language),
        score=_trimmed(round(explanation.score, 2)),
        rank=f"{explanation.rank or 0:,}",
        population=f"{explanation.population:,}",
        as_of=explanation.as_of.isoformat(),
    )
    if explanation.override and explanation.override.tier_label:
        yield _word("override", language).format(
            tier=explanation.override.tier_label.in_language(language),
            label=explanation.override.label.in_language(language) if explanation.override.label else "",
        )
    if explanation.rule and explanation.rule.label:
        yield _word("rule", language).format(label=explanation.rule.label.in_language(language))
    known = [
        _part(measured, explanation.combine, language) for measured in explanation.measured if not measured.missing
    ]
    if known and explanation.rank is not None:
        yield _word("measured", language).format(parts=comma.join(known))
    for boost in explanation.boosts:
        label = boost.label.in_language(language) if boost.label else ""
        yield _word("boost", language).format(label=label, points=boost.points)
    if explanation.missing and explanation.rank is not None:
        labels = (
            part.label.in_language(language) + _word(part.missing or "neutral", language)
            for part in explanation.missing
        )
        yield _word("missing", language).format(labels=comma.join(labels))
    if explanation.hint and explanation.hint.tier_label and explanation.hint.label:
        yield _word("hint", language).format(
            tier=explanation.hint.tier_label.in_language(language),
            label=explanation.hint.label.in_language(language),
        )
    yield from _next(explanation, language)


def _next(explanation: TierExplanation, language: str) -> Iterator[str]:
    if explanation.next_tier is None:
        return
    tier = explanation.next_tier.in_language(language)
    line = next(line for line in explanation.lines if line.label == explanation.next_tier)
    if line.lowest_score is not None and explanation.assign != "rules":
        yield _word(f"{explanation.assign.removesuffix('s')}_line", language).format(
            tier=tier,
            last_rank=f"{line.last_rank or 0:,}",
            lowest=_trimmed(round(line.lowest_score, 2)),
        )
    lifts = [lift_text(lift, language) for lift in explanation.lifts]
    kind = "lift_all" if explanation.assign == "rules" else "lift_any"
    if not lifts:
        kind = "lift_none" if explanation.rank is not None else "lift_unranked"
    elif len(lifts) == 1:
        kind = "lift_one"
    yield _word(kind, language).format(tier=tier, lifts=_word("comma", language).join(lifts))


def lift_text(lift: Lift, language: str = "zh") -> str:
    """Say one change that would lift a customer."""
    counted = lift.unit in ("money", "count", "months", "days")
    more = lift.kind == "at_least" and lift.difference is not None and counted
    return _word("more" if more else lift.kind, language).format(
        label=lift.label.in_language(language),
        needed=value_text(lift.needed, lift.unit, language),
        difference=value_text(lift.difference, lift.unit, language),
    )


def _part(measured: Measured, combine: str, language: str) -> str:
    return _word("factor" if combine == "multiply" else "part", language).format(
        label=measured.label.in_language(language),
        value=value_text(measured.value, measured.unit, language),
        points=_trimmed(round(measured.points, 1)),
        weight=f"{_trimmed(round(measured.weight * 100, 1))}%",
        factor=f"{_trimmed(round(measured.contribution, 1))}%",
    )


def _word(name: str, language: str) -> str:
    return _WORDS[name][0 if language.startswith("zh") else 1]


def _trimmed(number: Decimal) -> str:
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
