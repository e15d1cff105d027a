"""Recognise a count of what single doctors prescribe (统方), however it is written: in tables, texts and labels.

Nobody may collect, count or use such figures (医药代表备案管理办法（试行）; 加强医疗卫生行风建设“九不准”; requirements X1, MR4).
Figures of a whole hospital or department are lawful, and so is what a doctor thinks, in words.

The functions are pure and look at plain values. They err towards refusing where a doctor and a quantity of medicine
stand together; `tests/compliance/spellings.py` holds what they must see and what they must let pass.
"""

from yaomai.engine.prescriptions.tables import Sheet, counts_by_doctor
from yaomai.engine.prescriptions.texts import states_count
from yaomai.engine.prescriptions.words import HINTS, UNSEEN, heads_doctors, is_doctor, names_count

__all__ = [
    "HINTS",
    "UNSEEN",
    "Sheet",
    "counts_by_doctor",
    "heads_doctors",
    "is_doctor",
    "names_count",
    "states_count",
]
