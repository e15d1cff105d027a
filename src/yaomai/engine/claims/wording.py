"""Findings in words, for files; screens say it with an explanation of their own."""

from collections.abc import Mapping
from typing import Any, Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "same_invoice": ("一张发票 {measure:.0f} 次报销", "one invoice proves {measure:.0f} lines"),
    "same_content": (
        "同日、同一对象、同样形式和金额出现 {measure:.0f} 次，发票不同",
        "the same day, recipient, form and amount {measure:.0f} times, with other invoices",
    ),
    "split": (
        "几天内对同一对象分笔支出，合计 {measure:,.2f} 元，每笔都低于 {expected:,.0f} 元",
        "parts within days for one recipient, {measure:,.2f} in all, each below {expected:,.0f}",
    ),
    "round_amounts": (
        "{measure:.0%} 的金额是整数，公司一般为 {expected:.0%}",
        "{measure:.0%} of the amounts are round, usually {expected:.0%}",
    ),
    "off_days": (
        "{measure:.0%} 的餐费发生在休息日，公司一般为 {expected:.0%}",
        "{measure:.0%} of the meals are on days off, usually {expected:.0%}",
    ),
    "night_entries": (
        "{measure:.0%} 的明细在夜间录入，公司一般为 {expected:.0%}",
        "{measure:.0%} of the lines were entered at night, usually {expected:.0%}",
    ),
    "impossible_days": (
        "一天之内到过相距太远的地方（{measure:,.0f}，界限 {expected:,.0f}）",
        "places too far apart on one day ({measure:,.0f}, limit {expected:,.0f})",
    ),
    "unusual_pairs": (
        "支出的 {measure:.0%} 用于同一对象，平均为 {expected:.0%}",
        "{measure:.0%} of the spending goes to one recipient, {expected:.0%} on average",
    ),
    "spend_against_value": (
        "在该机构支出 {measure:,.0f} 元，按其价值应约 {expected:,.0f} 元",
        "{measure:,.0f} spent there, its value would explain {expected:,.0f}",
    ),
    "ring": ("几个人的发票号首尾相连，共 {measure:.0f} 处", "invoices of several people follow one another, {measure:.0f} times"),
}  # fmt: skip


def sentence(finding: Mapping[str, Any], language: str = "zh") -> str:
    """Say in one sentence what a finding says."""
    chinese, english = SENTENCES[finding["detector"]]
    told = {"measure": finding["measure"] or 0.0, "expected": finding["expected"] or 0.0}
    return (chinese if language.startswith("zh") else english).format(**told)
