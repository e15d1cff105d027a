"""What a text says that it should not: promises, absolute claims, patients, adverse events. Suggests, never blocks."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yaomai.kit.policies import Policy, figure

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏"
    "韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤施"
)
PATIENTS = (
    re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{9}[\dXx](?!\d)"),
    re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)"),
    re.compile(
        rf"(?:患者|病人|患儿)(?:姓名)?[：: ]?[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}(?=[，,、；;（( ]|男|女|今年|\d)"
    ),
    re.compile(r"(?:住院号|病历号|门诊号|病案号|床号)[：: ]?[A-Za-z]*\d+"),
)
"""How a patient is named: identity number, mobile, name after the word patient, number of a record."""
_ORIGIN = "assumed（D17、MR6、广告法第十六条）"


class WordingPolicy(Policy):
    """Words that a text is looked through for while somebody writes it."""

    name: ClassVar[str] = "compliance.wording"
    label: ClassVar[Promise | str] = _("Wording")
    help: ClassVar[Promise | str] = _(
        "What is found is shown with a suggestion while somebody types. Nothing is blocked."
    )

    benefit: tuple[str, ...] = figure(
        ("回扣", "返点", "返利", "好处费", "提成", "奖励您", "感谢费", "购物卡", "红包", "赠送旅游", "每开一盒"),
        label=_("Promises of a benefit"), origin=_ORIGIN,
    )  # fmt: skip
    off_label: tuple[str, ...] = figure(
        ("超说明书", "超适应症", "适应症外", "说明书以外", "虽未获批", "尚未获批", "也可用于"), label=_("Outside the label"),
        origin=_ORIGIN,
    )  # fmt: skip
    absolute: tuple[str, ...] = figure(
        ("最好", "最佳", "第一", "唯一", "根治", "治愈率", "百分之百", "100%", "零风险", "无副作用", "无毒副作用", "绝对安全", "安全无忧",
         "保证有效", "包治", "药到病除", "首选", "国家级"),
        label=_("Absolute claims"), origin=_ORIGIN,
    )  # fmt: skip
    adverse: tuple[str, ...] = figure(
        ("不良反应", "副作用", "过敏", "皮疹", "晕厥", "休克", "呼吸困难", "肝功能异常", "出血", "停药后", "住院治疗", "死亡"),
        label=_("Signs of an adverse event"), origin="assumed（PV7：第一时间上报）",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found: its category, the words, and what to do instead."""

    category: str
    label: str
    words: tuple[str, ...]
    suggestion: str


SUGGESTIONS: dict[str, tuple[Promise, Promise]] = {
    "benefit": (_("Promises of a benefit"), _("Leave it out: nothing may be promised for use or purchase (AUCL Art. 8).")),
    "off_label": (_("Outside the label"), _("Stay within the indications of the label, or pass the question to medical.")),
    "absolute": (_("Absolute claims"), _("State the result with its study, population and limitation instead (D17).")),
    "patient": (_("Identity of a patient"), _("Write “a patient” with age group only: who it was may not stand here.")),
    "adverse": (_("Signs of an adverse event"), _("If a patient was harmed, report it today; the clock began when you heard of it (PV7).")),
}  # fmt: skip


def scan(text: str, policy: WordingPolicy, *, skip: Collection[str] = ()) -> list[Hit]:
    """Return what stands in a text, one hit for each category, in the order of gravity."""
    found = []
    for category, (label, suggestion) in SUGGESTIONS.items():
        if category in skip:
            continue
        if category == "patient":
            words = [match.group() for pattern in PATIENTS for match in pattern.finditer(text)]
        else:
            words = [word for word in getattr(policy, category) if word in text]
        if words:
            found.append(Hit(category, str(label), tuple(dict.fromkeys(words)), str(suggestion)))
    return found
