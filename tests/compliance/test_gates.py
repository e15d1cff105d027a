"""The wall at every entrance: files in all their corners, and the texts of acts."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from yaomai.compliance.models import Consent
from yaomai.customers.models import Professional
from yaomai.kit.access import acting, system_actor
from yaomai.kit.attachments.models import Attachment
from yaomai.kit.audit.models import Entry
from yaomai.kit.errors import Refused
from yaomai.kit.transfer import files, services
from yaomai.kit.transfer.models import Import

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
BOSS = system_actor("test", "attack the wall")
FLOW = ["日期", "医院名称", "产品", "数量"]
LINES = [["2026-10-08", "江城市第一医院", "安衡平", "12"], ["2026-10-09", "江城市第二医院", "安衡平", "9"]]
Rows = Sequence[Sequence[str]]

pytestmark = pytest.mark.django_db


def workbook(path: Path, sheets: dict[str, Rows], merged: dict[str, str] | None = None) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            for area, text in (merged or {}).items():
                sheet.merge_range(area, text)
    return path


def upload(path: Path, importer: str = "commerce.flow") -> Import:
    row: Import = services.import_upload(actor=BOSS, now=NOW, importer=importer, path=path, file_name=path.name)
    return row


CORNERS: dict[str, Callable[[Path], Path]] = {
    "name of the file": lambda folder: workbook(folder / "医生处方统计.xlsx", {"1": [FLOW, *LINES]}),
    "name of the sheet": lambda folder: workbook(folder / "a.xlsx", {"统方": [FLOW, *LINES]}),
    "title above": lambda folder: workbook(folder / "a.xlsx", {"1": [["10月各医师用药排名"], FLOW, *LINES]}),
    "note beneath": lambda folder: workbook(folder / "a.xlsx", {"1": [FLOW, *LINES, [], ["备注：医生处方统计明细见附件"]]}),
    "a second sheet": lambda folder: workbook(
        folder / "a.xlsx", {"流向": [FLOW, *LINES], "附": [["医生", "药品", "盒数"], ["张伟", "安衡平", "12"]]}
    ),
    "merged headings": lambda folder: workbook(
        folder / "a.xlsx",
        {"1": [["日期", "医院名称", "", ""], ["", "", "姓名", "数量"], ["2026-10-08", "第一医院", "张伟", "12"]]},
        {"C1:D1": "处方医生"},
    ),
    "headings of another table far below": lambda folder: workbook(
        folder / "a.xlsx", {"1": [FLOW, *LINES * 300, ["医生", "药品", "规格", "盒数"], ["张伟", "安衡平", "5mg", "12"]]}
    ),
    "a sentence in row 700": lambda folder: workbook(
        folder / "a.xlsx",
        {"1": [[*FLOW, "说明"], *([*line, ""] for line in LINES * 350), [*LINES[0], "张主任每月开120盒"]]},
    ),
    "doctors as buyers, far below": lambda folder: workbook(
        folder / "a.xlsx",
        {"1": [FLOW, *LINES * 300, *([day, f"心内科{name}医生", "安衡平", "3"] for day, name in
               zip(["2026-10-09"] * 5, "张李王陈刘", strict=True))]},
    ),
    "unseen characters": lambda folder: workbook(
        folder / "a.xlsx", {"1": [["日期", "医\u200b生", "产品", "数\u2060量"], *LINES]}
    ),
}  # fmt: skip


@pytest.mark.parametrize("corner", CORNERS)
def test_no_corner_of_a_file_holds_a_count_by_doctor(tmp_path: Path, corner: str) -> None:
    path = CORNERS[corner](tmp_path)
    with acting(BOSS), pytest.raises(Refused) as refusal:
        upload(path)
    assert refusal.value.code == "prescription_count"
    assert not Import.unscoped.exists()
    assert not files.stored(files.digest_of(path)).exists(), "the file itself is not kept either"
    (entry,) = Entry.unscoped.all()
    assert entry.outcome == Entry.Outcome.REFUSED
    said = json.loads(entry.content)
    assert "120" not in json.dumps([said["params"], said["changes"], said["target"]]), "nor is the count in the trail"


def test_a_file_in_the_same_corners_without_doctors_is_taken(tmp_path: Path) -> None:
    rows = [["安衡药业10月流向"], [*FLOW, "说明"], *([*line, "全院月用量约300盒"] for line in LINES * 350)]
    path = workbook(tmp_path / "10月流向.xlsx", {"流向": rows, "说明": [["项目", "内容"], ["来源", "商业公司"]]})
    with acting(BOSS):
        assert upload(path).rows == 700


def test_a_heading_to_be_chosen_later_does_not_lead_around_the_wall(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows(
            [["医院名称", "产品", "数量"], ["第一医院", "安衡平", "1"], ["处方医生", "药品", "盒数"]]
        )
    with acting(BOSS), pytest.raises(Refused):
        upload(path)


# Acts -----------------------------------------------------------------------------------------------------------

COUNT = "张主任每月处方安衡平120盒"


@pytest.fixture
def hospital(db: None) -> Any:
    from yaomai.customers.services import institution_create

    return institution_create(actor=BOSS, now=NOW, name="江城市第一医院", grade="3A")


@pytest.fixture
def doctor(hospital: Any) -> Any:
    from yaomai.customers.services import professional_create

    return professional_create(actor=BOSS, now=NOW, name="张伟", institution=hospital)


def assess(hospital: Any, doctor: Any) -> object:
    from yaomai.segmentation.services import assessment_record

    return assessment_record(
        actor=BOSS, subject="professional", customer=doctor.pk, attribute="willingness", value=50, source="月均开40盒",
        assessed_on=date(2026, 11, 20), now=NOW,
    )  # fmt: skip


def save_view(hospital: Any, doctor: Any) -> object:
    from yaomai.kit.surfaces.services import view_save

    return view_save(
        actor=BOSS, surface="customers.professional", name=COUNT, query="", is_shared=True, now=NOW
    )  # fmt: skip


def add_alias(hospital: Any, doctor: Any) -> object:
    from yaomai.customers.services import institution_name_add

    return institution_name_add(actor=BOSS, pk=hospital.pk, name=COUNT, now=NOW)


def rename(hospital: Any, doctor: Any) -> object:
    from yaomai.customers.services import professional_update

    return professional_update(actor=BOSS, pk=doctor.pk, changes={"specialty": "心内，月处方60盒"}, now=NOW)


def institution_fact(hospital: Any, doctor: Any) -> object:
    from yaomai.customers.services import institution_fact_record

    return institution_fact_record(
        actor=BOSS, pk=hospital.pk, field="product_preference", value=COUNT, source="拜访", now=NOW
    )


def department(hospital: Any, doctor: Any) -> object:
    from yaomai.customers.services import department_create

    return department_create(actor=BOSS, now=NOW, institution=hospital, name="心内科（李医生月用量50盒）")


def propose_policy(hospital: Any, doctor: Any) -> object:
    from yaomai.kit.policies.services import version_propose

    return version_propose(actor=BOSS, name="segmentation.service", document={}, reason=COUNT, now=NOW)


# What is about a doctor need not name one: each of these is told of somebody, or of what belongs to somebody.

UNNAMED = "近来每月开120盒"


def call_back(hospital: Any, doctor: Any) -> object:
    from yaomai.planning.services import callback_record

    return callback_record(
        actor=BOSS, institution=hospital, professional=doctor, outcome="wish", words=UNNAMED, now=NOW
    )


def ask_for_service(hospital: Any, doctor: Any) -> object:
    from yaomai.support.services import request_take

    return request_take(
        actor=BOSS,
        institution=hospital,
        professional=doctor,
        kind="question",
        words=UNNAMED,
        channel="hotline",
        now=NOW,
    )


def take_a_stance(hospital: Any, doctor: Any) -> object:
    from yaomai.listing.services import stance_record

    return stance_record(
        actor=BOSS, process=1, professional=doctor, value="supports", source="拜访", reason=UNNAMED, now=NOW
    )


def report_a_visit(hospital: Any, doctor: Any) -> object:
    from yaomai.engagement.services import visit_report

    return visit_report(
        actor=BOSS, institution=hospital, contacts=Professional.unscoped.filter(pk=doctor.pk), started_at=NOW,
        content_type="core_message", content=UNNAMED, now=NOW,
    )  # fmt: skip


def note_an_office(hospital: Any, doctor: Any) -> object:
    from yaomai.influence.services import office_create

    return office_create(actor=BOSS, professional=doctor, note=UNNAMED, now=NOW)


def change_an_office(hospital: Any, doctor: Any) -> object:
    from yaomai.influence.models import Office
    from yaomai.influence.services import office_create, office_update

    office_create(
        actor=BOSS, professional=doctor, society="江城医学会", level="city", role="member", source="公示",
        valid_from=date(2025, 1, 1), now=NOW,
    )  # fmt: skip
    return office_update(actor=BOSS, pk=Office.unscoped.get().pk, changes={"note": UNNAMED}, now=NOW)


def answer_a_request(hospital: Any, doctor: Any) -> object:
    from yaomai.support.models import ServiceRequest
    from yaomai.support.services import request_resolve, request_take

    request_take(
        actor=BOSS, institution=hospital, professional=doctor, kind="complaint", words="想了解随访工具", channel="hotline",
        now=NOW,
    )  # fmt: skip
    return request_resolve(actor=BOSS, pk=ServiceRequest.unscoped.get().pk, resolution=UNNAMED, now=NOW)


@pytest.mark.parametrize(
    "entrance",
    [
        assess, save_view, add_alias, rename, institution_fact, department, propose_policy, call_back, ask_for_service,
        take_a_stance, report_a_visit, note_an_office, change_an_office,
        answer_a_request,
    ],
)  # fmt: skip
def test_no_act_takes_a_text_with_a_count(hospital: Any, doctor: Any, entrance: Callable[..., object]) -> None:
    with pytest.raises(Refused) as refusal:
        entrance(hospital, doctor)
    assert refusal.value.code == "prescription_count"
    assert refusal.value.citations
    entry = Entry.unscoped.latest("pk")
    assert entry.outcome == Entry.Outcome.REFUSED
    said = json.loads(entry.content) | {"at": ""}
    assert "120" not in str(said)


def attached(to: Any, content: bytes) -> Any:
    from yaomai.kit.attachments import keep

    return keep(actor=BOSS, now=NOW, row=to, name="附件", content=content)


def word(*texts: str, table: list[list[str]] | None = None) -> bytes:
    from docx import Document

    document, written = Document(), io.BytesIO()
    for text in texts:
        document.add_paragraph(text)
    if table:
        made = document.add_table(len(table), len(table[0]))
        for line, values in zip(made.rows, table, strict=True):
            for cell, value in zip(line.cells, values, strict=True):
                cell.text = value
    document.save(written)
    return written.getvalue()


BY_DOCTOR = [["医生", "药品", "盒数"], ["张伟主任", "安衡平", "120"], ["李芳医生", "安衡平", "80"]]


@pytest.mark.parametrize("kind", ["workbook", "a table in Word", "a sentence in Word"])
def test_no_attachment_holds_a_count_by_doctor(hospital: Any, tmp_path: Path, settings: Any, kind: str) -> None:
    settings.DATA = tmp_path
    content = {
        "workbook": lambda: workbook(tmp_path / "a.xlsx", {"1": BY_DOCTOR}).read_bytes(),
        "a table in Word": lambda: word("会议纪要", table=BY_DOCTOR),
        "a sentence in Word": lambda: word("会议纪要", COUNT),
    }[kind]()
    consent = Consent.unscoped.create(
        institution=hospital, document="同意书", valid_from=date(2026, 1, 1), created_at=NOW, updated_at=NOW
    )
    with acting(BOSS), pytest.raises(Refused) as refusal:
        attached(consent, content)
    assert refusal.value.code == "prescription_count"
    assert not Attachment.unscoped.exists()
    with acting(BOSS):
        assert attached(
            consent, word("会议纪要", "科室月用量 300 盒", table=[["科室", "参会人数"], ["心内科", "12"]])
        ).pk


def test_what_is_about_no_physician_may_say_how_much(hospital: Any) -> None:
    from yaomai.customers.services import professional_create
    from yaomai.planning.models import Callback
    from yaomai.planning.services import callback_record

    pharmacist = professional_create(actor=BOSS, now=NOW, name="陈药师", institution=hospital, profession="pharmacist")
    for asked, words in ((None, "科室近来每月用120盒"), (pharmacist, "近来每月用120盒"), (None, UNNAMED)):
        callback_record(
            actor=BOSS, institution=hospital, professional=asked, outcome="wish", words=words, now=NOW
        )  # fmt: skip
    assert Callback.unscoped.count() == 3
    stand_in = Professional(pk=professional_create(actor=BOSS, now=NOW, name="李医生", institution=hospital).pk)
    with pytest.raises(Refused):
        callback_record(actor=BOSS, institution=hospital, professional=stand_in, outcome="wish", words=UNNAMED, now=NOW)


def test_what_an_institution_uses_may_be_said(hospital: Any, doctor: Any) -> None:
    from yaomai.customers.services import professional_fact_record

    made = professional_fact_record(
        actor=BOSS, pk=doctor.pk, field="clinical_strengths", value="心衰；科室月用量300盒", source="拜访", now=NOW
    )
    assert made is not None
