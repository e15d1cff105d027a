"""What a log does not allow to be said, and what must be said with the numbers, in Chinese and English."""

from collections.abc import Iterable
from typing import Any, Final

from yaomai.engine.files.problems import InputProblem

_MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "few_repeats": (
        "截至 {until} 只有 {found} 个客户在首次订货之后的另一天又订过货，至少要有 {needed} 个才能推断。请给出更长时间的记录",
        "Up to {until} only {found} customers have ordered again on a later day; at least {needed} are needed to conclude"
        " anything. Give a longer log",
    ),
    "one_day": (
        "所有订货都在同一天（{day}），看不出间隔，无法推断。请给出更长时间的记录；若日期有误请更正",
        "All orders are on one day ({day}), so no interval can be seen. Give a longer log, or mend the dates",
    ),
    "holdout_beyond": (
        "留出期要在 {until} 之后有记录，而记录到 {last} 为止。请把 --until 提前，或去掉 --holdout-days",
        "The days held out come after {until}, but the log ends on {last}. Give an earlier --until, or leave out"
        " --holdout-days",
    ),
    "until": (
        "“{text}”不是日期。请写成 --until 2026-06-30",
        "“{text}” is not a date. Write it like --until 2026-06-30",
    ),
    "model_unknown": (
        "没有模型“{name}”。可用：{names}",
        "There is no model “{name}”. Known: {names}",
    ),
    "holdout_needed": (
        "--model best 要比较各模型，需要留出期。请加 --holdout-days 90",
        "--model best compares the models, for which days must be held out. Add --holdout-days 90",
    ),
}

_NAMES: Final[dict[str, tuple[str, str]]] = {
    "r": ("订货快慢", "how often they order"),
    "alpha": ("订货快慢", "how often they order"),
    "a": ("停止订货的倾向", "how readily they stop"),
    "b": ("停止订货的倾向", "how readily they stop"),
}
"""What the parameters of the models are about."""


def said(names: Iterable[str], language: str) -> str:
    """Return in plain words what parameters are about."""
    is_chinese = language.startswith("zh")
    return ("和" if is_chinese else " and ").join(dict.fromkeys(_NAMES[name][0 if is_chinese else 1] for name in names))


_WARNINGS: Final[dict[str, tuple[str, str]]] = {
    "none_stop": (
        "记录中看不出有客户停止订货：流失概率几乎处处为 0，不可据此认为没有流失",
        "The log does not show that customers stop: the chance of loss is nearly 0 everywhere, which does not prove that"
        " none are lost",
    ),
    "at_bound": (
        "记录不足以看出各客户的{names}相差多少：单个客户的数字只供排序",
        "The log does not show how far customers differ in {names}: use the numbers of single customers for ranking only",
    ),
    "few": (
        "只有 {found} 个客户重复订货：数字很粗略",
        "Only {found} customers ordered again: the numbers are rough",
    ),
    "horizon": (
        "预测 {days} 天，长于记录本身的 {span} 天：越远越不可靠",
        "It looks {days} days ahead, longer than the log itself ({span} days): the farther the less reliable",
    ),
    "outlier": (
        "客户 {customer} 每次订货金额是中位数的 {times} 倍：请核对是否录错，其价值由此决定",
        "The mean order of customer {customer} is {times} times the median: check it for a slip; its value rests on it",
    ),
    "correlated": (
        "订货次数与每次金额相关（{correlation}）：价值按两者无关计算，会有偏差",
        "How often and how much are correlated ({correlation}): the value is computed as if they were not",
    ),
    "no_mean": (
        "金额过于分散，没有可靠的均值：没有重复订货的客户不给出价值",
        "Amounts spread so widely that no mean exists: customers without a repeated order get no value",
    ),
    "no_spending": (
        "没有足够的重复订货金额，不给出价值",
        "There are too few amounts of repeated orders: no value is given",
    ),
    "no_holdout": (
        "记录不足 {days} 天的两倍，无法检验预测是否可靠",
        "The log is shorter than twice {days} days: how right the numbers are cannot be checked",
    ),
    "short_holdout": (
        "记录在留出期结束前即到 {last} 为止：按 {days} 天检验",
        "The log ends on {last}, before the days held out do: {days} days are judged",
    ),
    "skipped": (
        "略过 {rows} 行：没有客户、日期或金额",
        "Left out {rows} rows without customer, date or amount",
    ),
}


class LogProblem(InputProblem):
    """A log that allows no conclusion."""

    messages = _MESSAGES


def warning(code: str, language: str, **params: Any) -> dict[str, str]:
    """Give what must be said with the numbers: `code` and `text`; `language` is "zh" or "en"."""
    chinese, english = _WARNINGS[code]
    return {"code": code, "text": (chinese if language.startswith("zh") else english).format(**params)}
