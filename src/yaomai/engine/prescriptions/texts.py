"""Sentences: how much somebody prescribes, said in words, figures, Chinese numerals or percentages."""

import re
from typing import Final

from yaomai.engine.prescriptions.words import AGAINST, DOCTOR, HAN, plain

_NUMERAL: Final = r"(?:\d[\d,.]*|[〇零一二两三四五六七八九十百千几数半壹贰叁肆伍陆柒捌玖拾佰仟]{1,6})"
_NUMBER: Final = rf"(?:{_NUMERAL}[余多来几万千]{{0,2}}(?:[-~—–到至→]+{_NUMERAL}[余多来几万千]{{0,2}})?)"
_PACKS: Final = r"(?:盒|支|瓶|袋|板|件|箱|包|boxes|packs?|bottles?|he\b)"
_BOXES: Final = r"(?:盒|瓶|支(?![队笔部持撑付])|箱|boxes\b|packs?\b|bottles?\b|vials?\b)"
_PIECES: Final = r"(?:片|粒|颗|units?)"
_FORMS: Final = r"(?:[张笔单份例](?!床)|人次|(?:个|位|名)?(?:病人|患者)|scripts?|prescriptions?|rx)"
_PERIOD: Final = (
    r"(?:每个?[日天周月季年]|[日月周年]均|[一整]个?[日天周月年]|[日天周月]|[本上这去今]个?[周月季年]度?|全年|\d{1,2}月[:：]?|\d+个月"
    r"|(?:a|per|each|every)[ -]?(?:day|week|month|year)|/ ?(?:day|week|wk|month|mo)|daily|weekly|monthly)"
)
_STRONG: Final = (
    r"(?:处方(?!药|权|集|点评|审核|流转|外流|习惯|偏好|类型|资格|有效|需|前|时|笺)|开药|开方|方子|用药(?:金额|量|额)|药品金额"
    r"|\b[tn]?b?rx\b|\bscripts?\b|prescri(?:bes?|bed|ptions?)\b|chufang|\bwr(?:ites?|ote)\b)"
)
_WEAK: Final = (
    r"(?:开(?!展|发|会|始|设|放|车|诊|业|题|学|通|创|拓|口|庭|场|课)|[用出走销拿消](?!院|诊|席|差|发|版)|用量|上量|产出|贡献|消化|消耗|出货|需求|单产|写|做到|完成"
    r"|处方|volume|潜力)"
)
_NEAR: Final = r"[^。；;\n]{0,10}?"
_CLOSE: Final = r"[^。；;,，\n\d]{0,6}?"
_END: Final = rf"(?![\d.]|\s*(?:[{HAN}a-z%]))"

_COUNTS: Final = re.compile(
    "|".join(
        (
            rf"{AGAINST}统方{_NEAR}{_NUMBER}",
            # 处方 120 盒, 开了几十张方, 处方量：120, 处方占比 60%, Rx 30
            rf"{_STRONG}{_NEAR}{_NUMBER}\s*(?:{_PACKS}|{_PIECES}|{_FORMS}|%|成)",
            rf"处方(?:张|笔|总)?[数量额]{_CLOSE}{_NUMBER}",
            rf"(?:\b[tn]b?rx\b|\brx\b|\bscripts?\b|prescriptions){_CLOSE}{_NUMBER}{_END}",
            rf"(?:\b[tn]b?rx\b|\brx\b|\bscripts?\b|prescriptions)\s?\S{{0,8}}\s?[:：=]\s?{_NUMBER}{_END}",
            rf"(?:处方|用药)(?:占比|份额|比例){_NEAR}{_NUMBER}\s*(?:%|成)",
            rf"(?:处方|用药|开药|药品){_CLOSE}{_NUMBER}\s*(?:万|元|k\b)",
            rf"(?:开药|用药|药品)(?:金额|额|费){_NEAR}{_NUMBER}",
            # 三十张处方, 40 scripts
            rf"(?<![每单])(?!一张|1张)(?<![\d.]){_NUMBER}\s*(?:[张笔份单]|new )?(?:处方(?!药|权|集|点评|审核|笺)|方子|scripts?\b|prescriptions?\b(?! review))",
            # 用了 50 盒, 走 100 盒, volume is 80 boxes
            rf"{_WEAK}{_NEAR}(?<![每一]){_NUMBER}\s*{_PACKS}",
            rf"{_WEAK}{_CLOSE}{_NUMBER}\s*(?:张方|笔\b|笔$|片$|片[,，])",
            rf"开单{_CLOSE}{_NUMBER}",
            rf"(?:产出|贡献|给(?:我们?|公司)做|帮(?:我们?|公司)做)了?{_CLOSE}{_NUMBER}\s*(?:万(?!字)|元|k\b)",
            rf"[日月周年季]处方[约近达超至]{{0,2}}{_NUMBER}{_END}",
            rf"处方(?!后|前|时|点评|审核|药|权|集)(?:频次|频率)?{_CLOSE}{_NUMBER}次",
            rf"(?:开方|开药|\b方)[数量]{_CLOSE}{_NUMBER}",
            rf"{_WEAK}{_CLOSE}(?<!第){_NUMBER}[张笔份]?(?:单|方)",
            # share of patients or sales
            rf"(?:销量|份额|我们|产品){_CLOSE}(?:占比|份额|占){_CLOSE}{_NUMBER}\s*(?:%|成)",
            rf"{_NUMBER}\s*(?:%|成)的?(?:病人|患者)[^。；;,，]{{0,4}}用(?:我|本|该)",
            rf"(?:用药|处方)(?:的)?(?:人数|患者|病人|人次){_NEAR}{_NUMBER}",
            rf"(?:(?:患者|病人){_CLOSE}|[每日天周月]{{2}})用药{_CLOSE}{_NUMBER}\s*[例人]",
            rf"{_NUMBER}\s*张{_CLOSE}处方(?!药|权|集|点评|审核|笺)",
            rf"处方{_CLOSE}{_NUMBER}{_END}",
            # any number of boxes that is neither a price nor a gift
            rf"(?<![元每第])(?<!元/)(?!一{_BOXES}){_NUMBER}\s*{_BOXES}",
            r"prescrib\w+\s(?:about |approx\.? |around |~ ?)?\d+",
            r"\d\+?\s*(?:rx|scripts?|prescriptions?)\b(?! review)",
            r"\b[tn]?b?rx\b[^。\d]{0,10}\d",
            # 120 盒/月, 每月大概几十盒, 5月：20盒
            rf"(?!一{_PACKS}){_NUMBER}\s*{_PACKS}[^。；;,，\n吃服用]{{0,4}}{_PERIOD}",
            rf"{_PERIOD}[^。；;,，\n\d]{{0,8}}?(?<![每])(?<![元])(?!一{_PACKS}){_NUMBER}\s*{_PACKS}",
        )
    )
)
_BARE: Final = re.compile(
    # 张主任 150, 李医生：80/月; neither a year, a time, a room, an age, a telephone number, nor a figure with a unit of its own
    rf"(?<![科院部名位个几])(?:{DOCTOR}|(?<=[{HAN}])主任)\s?[:：=,，、-]?\s?(?!(?:19|20)\d\d(?!\d))(?:[1-9]\d{{1,3}})"
    rf"(?=\s*(?:$|[,，、]|/ ?(?:月|周|天|日|季|年|month|week)))"
)
"""A number right behind a doctor's name that says of itself what it counts: nothing."""
_DOSE: Final = re.compile(
    r"(?:每[次日天]|一[次日天]|qd|bid|tid|qn|once|twice|daily)[^。；;\n]{0,6}[\d一二两三四半]\s*(?:片|粒|支|袋|包|颗|tablets?|capsules?)"
)
_ORDINARY: Final = re.compile(
    r"[床楼室层岁届]|门诊|年龄|电话|分机|短号|内线|工号|房间|编号|评分|排名|会议|论文|学分|人数|参会|签到|邮编|积分|报销|餐费|元"
)
"""What a bare number beside a name is a number of."""
_ORDERED: Final = re.compile(r"订[的了货单购]|下单|到货|还没有?到|送货|发货|配送|追加|调换|换货|退货|近效期|补货|随货")
"""Goods that a customer ordered, wants, or sends back: what people say on the hotline."""
_USED: Final = re.compile(r"[开用走销]|处方")
_REGULAR: Final = re.compile(r"每个?[天日周月季年]|[日周月季年]均|平均|[盒瓶支]/[天日周月]")
"""Month after month is no order but a rate, whatever it is called."""
_GIVEN: Final = re.compile(r"[元价赠寄送礼]|自付|限价|price|sample|样品")
_PRESCRIBED: Final = re.compile(r"[开出走销]|处方|月|周|年|month|week")
_BODY: Final = re.compile(
    r"全院|医院|科室|科里|科内|本科|全科|院内|本院|药房|药剂科|药店|门店|库存|进货|采购|市场|全市|全省|全国|公司|hospital|department|pharmacy"
)
_SINGLE: Final = re.compile(
    rf"{DOCTOR}|主任|[他她]|个人|本人|自己|\b(?:he|she|his|her|doctor|dr|physician|prescriber|hcp)\b"
)
_CLAUSE: Final = re.compile(r"[。；;\n]+")


def states_count(text: str, *, about_doctor: bool) -> bool:
    """Tell whether a text states how much a doctor prescribes.

    `about_doctor`: it stands with one doctor, so that it needs not name one. Amounts of a hospital, department or
    pharmacy pass unless the sentence speaks of a person as well; so do doses.

    >>> states_count("张主任每月开120盒", about_doctor=False), states_count("科室月用量300盒", about_doctor=True)
    (True, False)
    >>> states_count("每次2粒，一日3次", about_doctor=True)
    False
    """
    return any(_states(clause, about_doctor) for clause in _CLAUSE.split(plain(text)) if clause)


def _states(clause: str, about_doctor: bool) -> bool:
    is_personal = bool(_SINGLE.search(clause))
    if is_personal and _BARE.search(clause) and not _ORDINARY.search(clause):
        return True
    if not (about_doctor or is_personal) or not _COUNTS.search(clause):
        return False
    if _BODY.search(clause) and not is_personal:
        return False
    if _ORDERED.search(clause) and not (is_personal or _USED.search(clause) or _REGULAR.search(clause)):
        return False
    is_harmless = _DOSE.search(clause) or _GIVEN.search(clause)
    return not (is_harmless and not _PRESCRIBED.search(clause))
