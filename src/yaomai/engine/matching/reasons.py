"""Why a candidate was accepted, doubted or left out, as codes that a screen can render."""

from dataclasses import dataclass
from typing import Final

_SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "remembered": ("已记住的别名", "a remembered alias"),
    "same_name": ("名称完全一致", "the same name"),
    "same_meaning": ("规范化后名称一致", "the same name once written in full"),
    "alias": ("与别名“{alias}”一致", "the same as the alias “{alias}”"),
    "contained": ("是“{master}”的简称", "a short form of “{master}”"),
    "similar": ("名称相似 {percent}%", "names {percent}% alike"),
    "place_same": ("地区一致：{place}", "the same place: {place}"),
    "place_coarser": ("地区相容：{dirty} 与 {master}", "places agree: {dirty} and {master}"),
    "place_unknown": ("缺少地区，无法核对", "no place to compare"),
    "kind_unsaid": ("简称未写明类别（{kind}）", "the short form leaves out the kind ({kind})"),
    "level_differs": ("同一地区，市县写法不同", "one place, written as city and as county"),
    "ordinal_conflict": ("序号不同：{dirty} 与 {master}", "other ordinals: {dirty} and {master}"),
    "ordinal_unread": ("序号无法辨认：{name}", "the ordinal cannot be read: {name}"),
    "place_conflict": ("地区不同：{dirty} 与 {master}", "other places: {dirty} and {master}"),
    "level_conflict": ("级别不同：{dirty} 与 {master}", "other levels: {dirty} and {master}"),
    "affiliation_conflict": (
        "一方为附属机构，另一方不是",
        "one side is an affiliate (附属), the other is not",
    ),
    "branch_conflict": ("分院或院区不同：{dirty} 与 {master}", "other branches: {dirty} and {master}"),
    "kind_conflict": (
        "机构类别不同：{dirty} 与 {master}",
        "other kinds of institution: {dirty} and {master}",
    ),
    "only_place_tells": (
        "名称只靠地区区分，而地区不足",
        "only the place tells such names apart, and it is missing",
    ),
    "short_without_place": ("名称太短且没有地区", "the name is short and says no place"),
    "short_and_not_same": ("名称较短，差一个字就可能是另一家", "the name is short: one character off may be another"),
    "several_errors": ("不止一个字不同", "more than one character differs"),
    "place_shared": ("有多个地方叫“{place}”", "several places are called “{place}”"),
    "ambiguous": ("与“{other}”同样接近", "“{other}” is as close"),
    "other_name": ("其中的“{name}”与这家机构不符", "its other name “{name}” does not fit this institution"),
    "low_score": ("相似度不足以自动确认", "not alike enough to be certain"),
    "person_same_name": ("姓名相同", "the same name"),
    "person_same_sound": ("姓名读音相同", "names that sound the same"),
    "person_same_institution": ("同一机构", "the same institution"),
    "person_other_institution": ("机构不同", "other institutions"),
    "person_same_specialty": ("专业相同", "the same specialty"),
    "person_other_specialty": ("专业不同", "other specialties"),
    "person_same_phone": ("电话相同", "the same phone"),
    "person_other_phone": ("电话不同", "other phones"),
    "nothing": ("没有相近的机构", "no institution is near"),
}
_NONE: Final = ("无", "none")


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; `params` are (name, value) pairs of its sentence."""

    code: str
    params: tuple[tuple[str, str], ...] = ()

    def render(self, language: str = "zh") -> str:
        """Say it in Chinese ("zh") or English ("en")."""
        index = 0 if language.startswith("zh") else 1
        values = {name: value or _NONE[index] for name, value in self.params}
        return _SENTENCES[self.code][index].format(**values)


def reason(code: str, **params: str) -> Reason:
    """Make a reason."""
    return Reason(code, tuple(params.items()))


def sentence(reasons: tuple[Reason, ...], language: str = "zh") -> str:
    """Join reasons into one line."""
    return ("；" if language.startswith("zh") else "; ").join(one.render(language) for one in reasons)
