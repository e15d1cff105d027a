"""Gates that law puts in front of acts."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.compliance.rules import prescription_counts
from yaomai.kit.errors import Refused

FILING_MEASURES = "《医药代表备案管理办法（试行）》第十三条：不得参与统计医生个人开具的药品处方数量"
NINE_PROHIBITIONS = "《加强医疗卫生行风建设“九不准”》：不准为商业目的统方"


class PrescriptionCount(Refused):
    """The table counts prescriptions by individual doctors (统方)."""

    code = "prescription_count"
    message = _(
        "This table counts what individual doctors prescribe (columns: %(columns)s). The law forbids to collect, "
        "count or use such figures, so nothing was taken in. Delete these columns, or ask for figures of the whole "
        "hospital or department."
    )

    def __init__(self, columns: Sequence[str]) -> None:
        super().__init__(citations=[FILING_MEASURES, NINE_PROHIBITIONS, "MR4", "X1"], columns="、".join(columns))


def prescription_count_guard(_importer: Any, headings: Sequence[str], _sample: Any = ()) -> Refused | None:
    """Refuse every import whose headings make it a count of prescriptions by doctor."""
    found = prescription_counts(headings)
    return PrescriptionCount(found) if found else None
