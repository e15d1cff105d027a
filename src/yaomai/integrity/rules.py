"""Pure rules of this room: what the words of a contract lack or say too much, and samples that nobody can choose."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

CLAUSES: Final[dict[str, str]] = {
    "bribery": r"反(?:商业)?贿赂|反腐败|廉洁",
    "privacy": r"个人信息|隐私|数据保护",
    "audit": r"审计|核查权|检查权",
    "payment": r"银行转账|对公账户|公对公",
    "delivery": r"交付|验收|成果|服务内容",
    "end": r"终止|解除",
    "open": r"公开|公示|入账",
    "independent": r"不(?:得)?(?:干预|影响|参与).{0,12}(?:内容|讲者|议程|学术)|独立",
}
"""What a clause is recognised by."""
ALWAYS: Final = ("bribery", "audit", "payment", "delivery", "end")
NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "service": (*ALWAYS, "privacy"),
    "cooperation": (*ALWAYS, "privacy"),
    "sponsorship": ("bribery", "payment", "open", "independent"),
    "rebate": ("bribery", "open"),
    "referral": ("bribery", "payment"),
    "support": ("bribery", "independent"),
    "other": ("bribery",),
}
FORBIDDEN: Final = r"回扣|好处费|提成|返点|处方量|用药量|统方|礼品卡|购物卡|现金支付|按.{0,4}销量.{0,6}(?:付|奖)"
BEFORE: Final = r"(?:不得|不与|不以|不按|不向|禁止|严禁|杜绝)[^。；;\n]{0,16}$"
AFTER: Final = r"[^。；;，,\n]{0,8}(?:无关|不挂钩)"
"""What rules a word out, before it and after it."""
PATIENT: Final = r"患者(?:姓名|身份证|电话|病历号)|病历原件|住院号"


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with the words of a contract: a clause is missing, or words stand there that may not."""

    kind: str
    """missing, forbidden, patient."""
    what: str
    """The code of the clause, or the words."""


def reviewed(kind: str, text: str) -> list[Flaw]:
    """Return what is wrong with the words of a contract of a kind; the gravest first."""
    found = [Flaw("forbidden", words) for words in dict.fromkeys(affirmed(FORBIDDEN, text))]
    found += [Flaw("patient", words) for words in dict.fromkeys(re.findall(PATIENT, text))]
    found += [Flaw("missing", code) for code in NEEDED[kind] if not re.search(CLAUSES[code], text)]
    return found


def affirmed(pattern: str, text: str) -> list[str]:
    """Return what a pattern finds where the text does not rule it out, as in “不得按处方量…” or “与处方量无关”."""
    return [
        found[0]
        for found in re.finditer(pattern, text)
        if not re.search(BEFORE, text[: found.start()]) and not re.match(AFTER, text[found.end() :])
    ]


def by_money(amounts: Sequence[Decimal], size: int, seed: int) -> list[int]:
    """Draw positions so that each yuan has the same chance (monetary unit sampling with a random start).

    A line larger than the interval is drawn for certain; fewer positions come back when one line is met several times.

    Source: AICPA Audit Sampling Guide, fixed-interval selection.
    """
    total = sum((abs(amount) for amount in amounts), Decimal(0))
    if not amounts or total == 0:
        return []
    interval = total / size
    mark = interval * Decimal(_fraction(seed))
    drawn, reached = [], Decimal(0)
    for position, amount in enumerate(amounts):
        reached += abs(amount)
        if reached > mark:
            drawn.append(position)
            while mark < reached:
                mark += interval
    return drawn


def alike(number: int, size: int, seed: int) -> list[int]:
    """Draw positions with the same chance for each, without replacement; ordered."""
    order = sorted(range(number), key=lambda position: _fraction(seed * 1_000_003 + position))
    return sorted(order[:size])


def of_everybody(people: Sequence[int | None], size: int, seed: int) -> list[int]:
    """Draw one position of everybody, then the rest with the same chance for each; ordered.

    More than `size` come back where there are more people than that.
    """
    order = sorted(range(len(people)), key=lambda position: _fraction(seed * 1_000_003 + position))
    first: dict[int | None, int] = {}
    for position in order:
        first.setdefault(people[position], position)
    chosen = set(first.values())
    rest = [position for position in order if position not in chosen]
    return sorted(chosen | set(rest[: max(size - len(chosen), 0)]))


def _fraction(seed: int) -> float:
    """Return a number from 0 to below 1 that follows from the seed on every machine (splitmix64)."""
    state = (seed * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) & (2**64 - 1)
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & (2**64 - 1)
    return ((state ^ (state >> 31)) >> 11) / 2**53


def wrong_share(amounts: Sequence[Decimal], wrong: Sequence[Decimal], total: Decimal, interval: Decimal) -> Decimal:
    """Return the most likely wrong amount of the population: taints of lines below the interval count per interval."""
    told = Decimal(0)
    for amount, part in zip(amounts, wrong, strict=True):
        told += part if amount >= interval or amount == 0 else part / amount * interval
    return min(told, total)
