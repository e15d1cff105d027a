"""A17: the key account sheet, blank and filled, in Excel and Word, goes out and comes back; foreign files do not."""

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from yaomai.customers import profile, services, sheet
from yaomai.customers.models import ProfessionalFact
from yaomai.customers.services.profiles import FactChanged
from yaomai.customers.services.sheets import SheetChanged
from yaomai.kit.access import acting
from yaomai.kit.documents import reading
from yaomai.kit.documents.excel import KEYS, workbook
from yaomai.kit.documents.parts import Document, Fields
from yaomai.kit.documents.reading import NotThisForm
from yaomai.kit.documents.word import word
from yaomai.kit.errors import Invalid, Missing

from .conftest import NOW, World

pytestmark = pytest.mark.django_db
Make = Callable[..., Any]
RENDER = {"xlsx": workbook, "docx": word}
ANSWERS: Mapping[str, Any] = {
    "visit_points": "周三下午\n先约科秘",
    "tags": ["price", "supply"],
    "style_type": "academic",
}


@pytest.fixture
def person(world: World, institution: Make, professional: Make) -> Any:
    return professional("王芳", institution=institution("医院", territory=world.district))


def filled(world: World, person: Any, answers: Mapping[str, Any], *, blank: bool = False) -> Document:
    """Return the sheet as somebody filled it."""
    with acting(world.manager):
        document = sheet.document_of(None if blank else person, world.manager, now=NOW)
    (block,) = document.blocks
    assert isinstance(block, Fields)
    fields = tuple(replace(each, value=answers.get(each.key, each.value)) for each in block.form.fields)
    return replace(document, blocks=(Fields(replace(block.form, fields=fields)),))


def read(world: World, person: Any, content: bytes, folder: Path) -> list[sheet.Difference]:
    path = folder / "sheet"
    path.write_bytes(content)
    with acting(world.manager):
        return sheet.differences(person, reading.read(path, sheet.form_of(person)))


@pytest.mark.parametrize("suffix", ["xlsx", "docx"])
@pytest.mark.parametrize("blank", [True, False])
def test_what_is_filled_in_comes_back_and_changes_nothing_twice(
    world: World, person: Any, tmp_path: Path, suffix: str, blank: bool
) -> None:
    content = RENDER[suffix](filled(world, person, ANSWERS, blank=blank))
    found = read(world, person, content, tmp_path)
    assert {each.field.code: each.value for each in found} == ANSWERS
    answers = {each.field.code: (each.value, each.seen) for each in found}
    services.sheet_take(actor=world.east_manager, pk=person.pk, answers=answers, source="档案工具表", now=NOW)
    assert {fact.field: fact.value for fact in ProfessionalFact.unscoped.all()} == ANSWERS
    assert read(world, person, content, tmp_path) == []
    with acting(world.manager):
        again = RENDER[suffix](sheet.document_of(person, world.manager, now=NOW))
    assert read(world, person, again, tmp_path) == []


def test_a_sheet_is_taken_back_as_a_whole(world: World, person: Any) -> None:
    before = services.professional_fact_record(
        actor=world.manager, pk=person.pk, field="leisure", value="阅读", source="拜访", now=NOW
    )
    assert before is not None
    made = services.sheet_take(
        actor=world.manager, pk=person.pk, source="表", now=NOW,
        answers={"leisure": ("跑步", before.pk), "visit_points": ("上午", 0)},
    )  # fmt: skip
    assert services.sheet_undo(actor=world.manager, pk=person.pk, facts=made, now=NOW) == 2
    assert [(fact.value, fact.superseded_at) for fact in ProfessionalFact.unscoped.all()] == [("阅读", None)]
    with pytest.raises(SheetChanged):
        services.sheet_undo(actor=world.manager, pk=person.pk, facts=made, now=NOW)


def test_a_field_that_changed_meanwhile_stops_the_whole_sheet(world: World, person: Any) -> None:
    services.professional_fact_record(
        actor=world.manager, pk=person.pk, field="leisure", value="阅读", source="拜访", now=NOW
    )
    with pytest.raises(FactChanged):
        services.sheet_take(
            actor=world.manager, pk=person.pk, source="表", now=NOW,
            answers={"visit_points": ("上午", 0), "leisure": ("跑步", 0)},
        )  # fmt: skip
    assert [fact.value for fact in ProfessionalFact.unscoped.all()] == ["阅读"]
    with pytest.raises(Missing):
        services.sheet_take(
            actor=world.west_manager, pk=person.pk, source="表", now=NOW, answers={"visit_points": ("上午", 0)}
        )


def test_foreign_and_tampered_files_are_answered(world: World, person: Any, professional: Make, tmp_path: Path) -> None:
    other = professional("李雷", institution=person.institution)
    content = workbook(filled(world, other, ANSWERS))
    with pytest.raises(sheet.OtherSubject):
        read(world, person, content, tmp_path)
    for broken in (b"", b"not a file", content[: len(content) // 2]):
        with pytest.raises(NotThisForm):
            read(world, person, broken, tmp_path)
    with pytest.raises(Invalid) as refused:
        read(world, person, _with_cell(workbook(filled(world, person, ANSWERS)), "土豪"), tmp_path)
    assert list(refused.value.fields) == ["style_type"]
    (text,) = refused.value.fields["style_type"]
    assert text.startswith(f"第 {_row_of(content, 'style_type')} 行 B 列：“土豪”")
    content = workbook(filled(world, person, {"leisure": "长" * (profile.LONGEST_TEXT + 1)}))
    with pytest.raises(Invalid) as refused:
        read(world, person, content, tmp_path)
    assert refused.value.fields["leisure"][0].startswith(f"第 {_row_of(content, 'leisure')} 行 B 列：")
    assert not ProfessionalFact.unscoped.exists()


def _with_cell(content: bytes, text: str) -> bytes:
    """Return the workbook with another text where the style type stands."""
    import zipfile

    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace("学术型专家".encode(), text.encode()))
    return target.getvalue()


def _row_of(content: bytes, key: str) -> int:
    """Return the row of a workbook in which a field stands, as a reader counts."""
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    return next(number for number, row in enumerate(rows, 1) if row[KEYS] == key)
