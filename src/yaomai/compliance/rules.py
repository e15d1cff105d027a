"""Rules of law as pure functions."""

import re
import unicodedata
from collections.abc import Sequence

# A count of what one doctor prescribes, said by one heading alone.
_COUNT_PER_DOCTOR = re.compile(
    r"统方|(医生|医师|大夫|处方者|开方人?|专家|个人)[^,，]{0,8}(处方|开单|开方|开药|用药|用量)(数|量|笔|张|次|金额|盒|支|$)"
    r"|(处方|开单|开方)(数量|笔数|张数|量|数)[^,，]{0,4}(医生|医师|大夫|个人)"
    r"|(prescri\w*|rx)[ _-]*(count|volume|quantity|number|total)s?\b.*(doctor|physician|prescriber|hcp)"
    r"|(doctor|physician|prescriber|hcp)\w*[ _-]*(prescription|rx)",
    re.IGNORECASE,
)
# A heading under which single doctors are named …
_DOCTOR = re.compile(
    r"(处方|开单|开方|主治|经治|接诊|责任|就诊)?(医生|医师|大夫)(姓名|名称|工号|编号|编码|代码)?$|^(处方者|开方人|开单人|医生|医师)|"
    r"^(prescriber|doctor|physician|hcp)(\b|_|$)",
    re.IGNORECASE,
)
# … and a heading that measures what was prescribed, used or sold.
_MEASURE = re.compile(
    r"处方|用量|用药量|开药量|销量|销售(数量|额|金额)|数量|盒数|支数|片数|瓶数|金额|ddds?|"
    r"\b(rx|trx|nrx|quantity|qty|amount|volume|boxes|units?)\b|prescription",
    re.IGNORECASE,
)
_PATIENTS = re.compile(r"患者(数|人数|人群)|门诊量|床位")


def prescription_counts(headings: Sequence[str]) -> list[str]:
    """Return the headings that make a table a count of prescriptions by individual doctors (统方).

    Either one heading says so by itself, or one names doctors while another measures medicine. Empty when the
    table is clean. Source: 医药代表备案管理办法（试行）第十三条; requirements MR4 and X1.
    """
    plain = [unicodedata.normalize("NFKC", heading or "").strip() for heading in headings]
    direct = [heading for heading in plain if _COUNT_PER_DOCTOR.search(heading)]
    if direct:
        return direct
    doctors = [heading for heading in plain if _DOCTOR.search(heading)]
    measures = [heading for heading in plain if _MEASURE.search(heading) and not _PATIENTS.search(heading)]
    return [*doctors, *measures] if doctors and measures else []
