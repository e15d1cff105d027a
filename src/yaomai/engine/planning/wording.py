"""What a plan says in plain words, in Chinese and English."""

from typing import Final

from .advice import FULL, Advice, Remedy, Unplaced
from .problem import HALVES, Problem, Slot
from .replanning import Move, Replanned
from .solving import Progress

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "summary": (
        "已安排 {placed:,}/{duties:,} 次拜访，用时 {seconds:.1f} 秒；得分 {points:,.1f}，理论上限 {bound:,.1f}，差距 {gap:.2%}；全程 {kilometres:,.0f} 公里",
        "{placed:,} of {duties:,} visits planned in {seconds:.1f} s; {points:,.1f} points, no plan has more than {bound:,.1f}, gap"
        " {gap:.2%}; {kilometres:,.0f} km in all",
    ),
    "full": (
        "{tier} 有 {count} 次排不下：可去的半天都满了（{names}）",
        "{count} visits of tier {tier} do not fit: every half-day they could take is full ({names})",
    ),
    "no_half_day": (
        "{tier} 有 {count} 次无处可排：期限内没有一个可去的半天（{names}）。原因：{because}",
        "{count} visits of tier {tier} have no half-day at all within their window ({names}). Because: {because}",
    ),
    "clinic": ("没有出诊 {count} 个半天", "no clinic ({count} half-days)"),
    "surgery": ("手术 {count} 个半天", "surgery ({count} half-days)"),
    "visiting": ("医院不接待 {count} 个半天", "the hospital receives nobody ({count} half-days)"),
    "closed": ("机构关闭 {count} 个半天", "the institution is closed ({count} half-days)"),
    "away": ("客户外出 {count} 个半天", "the customer is away ({count} half-days)"),
    "day_off": ("休息日 {count} 个半天", "days off ({count} half-days)"),
    "rounds": ("查房或科室会 {count} 个半天", "rounds or a department meeting ({count} half-days)"),
    "colleague": ("同事已约同一客户 {count} 个半天", "a colleague is with the same customer ({count} half-days)"),
    "not_permitted": ("备案或机构同意不满足 {count} 个半天", "filing or consent does not allow it ({count} half-days)"),
    "own_time": ("本人休假或开会 {count} 个半天", "own leave or meetings ({count} half-days)"),
    "fewer": ("少排 {fits} 次{tier}拜访，其余就都能排下", "{fits} visits fewer{tier}, and the rest fits"),
    "another_person": ("增加一名代表，可再排下 {fits} 次", "one more person: {fits} more fit"),
    "longer_day": ("每个半天多排一次，可再排下 {fits} 次", "one visit more each half-day: {fits} more fit"),
    "more_clinics": (
        "在其他半天也能见到 {names}，可再排下 {fits} 次",
        "meeting {names} on other half-days too: {fits} more fit",
    ),
    "replanned": (
        "重排用时 {seconds:.1f} 秒：{forced} 次原时间去不成，共移动 {moves} 次，其中本可不动的 {others} 次",
        "planned again in {seconds:.1f} s: {forced} visits cannot stay, {moves} move, {others} of them could have stayed",
    ),
    "moved": ("- {name}：{before} → {after}（{why}）", "- {name}: {before} → {after} ({why})"),
    "why_own": ("本人没空", "own time is taken"),
    "why_customer": ("客户或机构没空", "the customer or the institution is not available"),
    "why_new": ("新增", "new"),
    "why_room": ("为其他拜访让出时间", "makes room for another visit"),
    "why_full": ("那天装不下", "the day does not hold it"),
    "nowhere": ("排不下", "no place"),
    "am": ("上午", "morning"),
    "pm": ("下午", "afternoon"),
    "remedies": ("怎样能排下：", "What would help:"),
    "provisional": (
        "{years} 年的节假日安排尚未公布，暂按周末和固定节日计算",
        "the holidays of {years} are not announced yet: only weekends and fixed holidays are known",
    ),
}
_MOST_NAMES: Final = 5


def summary_text(progress: Progress, kilometres: float, language: str) -> str:
    """Say how good a plan is."""
    return _say(
        "summary",
        language,
        placed=progress.placed,
        duties=progress.duties,
        seconds=progress.seconds,
        points=progress.points,
        bound=progress.bound,
        gap=progress.gap,
        kilometres=kilometres,
    )


def advice_lines(advice: Advice, problem: Problem, language: str) -> list[str]:
    """Say what does not fit and what would make it fit, a sentence each."""
    lines = [_unplaced(one, problem, language) for one in advice.unplaced]
    if advice.remedies:
        lines.append(_say("remedies", language))
        lines += [f"- {_remedy(one, language)}" for one in advice.remedies]
    return lines


def replanned_text(found: Replanned, seconds: float, language: str) -> str:
    """Say how much moves."""
    return _say(
        "replanned", language, seconds=seconds, forced=len(found.forced), moves=len(found.moves), others=found.others
    )


def move_text(found: Replanned, move: Move, language: str) -> str:
    """Say one move, and why."""
    problem = found.plan.problem
    return _say(
        "moved",
        language,
        name=problem.duties[move.duty].name,
        before=_half_day(problem, move.before, language),
        after=_half_day(problem, move.after, language),
        why=_say(_why(found, move), language),
    )


def _half_day(problem: Problem, slot: Slot | None, language: str) -> str:
    if slot is None:
        return _say("nowhere", language)
    return f"{problem.day(slot)} {_say(HALVES[slot % 2], language)}"


def _why(found: Replanned, move: Move) -> str:
    problem = found.plan.problem
    if move.before is None:
        return "why_new"
    if move.before not in problem.open_slots:
        return "why_own"
    if move.before not in problem.duties[move.duty].slots:
        return "why_customer"
    return "why_full" if move.duty in found.forced else "why_room"


def provisional_text(years: frozenset[int], language: str) -> str:
    """Say that holidays are not known yet."""
    return _say("provisional", language, years="、".join(str(year) for year in sorted(years)))


def _unplaced(one: Unplaced, problem: Problem, language: str) -> str:
    names = _names([problem.duties[index].name for index in one.duties], language)
    comma = "，" if language.startswith("zh") else ", "
    because = comma.join(_say(reason, language, count=count) for reason, count in one.because)
    kind = "full" if one.reason == FULL else "no_half_day"
    return _say(kind, language, tier=one.tier, count=len(one.duties), names=names, because=because)


def _remedy(one: Remedy, language: str) -> str:
    tier = one.tier if language.startswith("zh") or not one.tier else f" of tier {one.tier}"
    return _say(one.kind, language, fits=one.fits, tier=tier, names=_names(list(one.customers), language))


def _names(names: list[str], language: str) -> str:
    unique = list(dict.fromkeys(names))
    zh = language.startswith("zh")
    text = ("、" if zh else ", ").join(unique[:_MOST_NAMES])
    more = len(unique) - _MOST_NAMES
    return text + ((f"等 {len(unique)} 人" if zh else f" and {more} more") if more > 0 else "")


def _say(word: str, language: str, /, **params: object) -> str:
    return _WORDS[word][0 if language.startswith("zh") else 1].format(**params)
