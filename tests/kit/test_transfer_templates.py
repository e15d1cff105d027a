"""H1: every import has a template that people can fill in, and recognises how they head their columns."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.kit.header_spellings import SPELLINGS

from yaomai.kit.access import acting, system_actor
from yaomai.kit.transfer.headers import guess
from yaomai.kit.transfer.registry import Importer, importers_for
from yaomai.kit.transfer.template import write_template

ACTOR = system_actor("test", "looking at templates")
HAN = range(0x4E00, 0x9FFF)


def importers() -> dict[str, Importer]:
    return {each.name: each for each in importers_for(ACTOR) if type(each).__module__.startswith("yaomai.")}


def template(importer: Importer, folder: Path) -> Path:
    path = folder / f"{importer.name}.xlsx"
    with path.open("wb") as file:
        write_template(file, tuple(importer.columns), title=str(importer.label))
    return path


def test_twenty_spellings_of_each_import_are_recognised(figure: Callable[[str, str], None]) -> None:
    assert set(SPELLINGS) == set(importers())
    missed: dict[str, list[str]] = {}
    total = 0
    for name, importer in importers().items():
        expected = SPELLINGS[name]
        assert len(expected) >= 20, name
        found = {header: [each.column for each in guess([header], importer.columns)] for header in expected}
        missed[name] = [
            f"{header}→{found[header] or '?'}" for header, column in expected.items() if found[header] != [column]
        ]
        total += len(expected)
        assert len(missed[name]) <= 0.05 * len(expected), missed[name]
    wrong = sum(map(len, missed.values()))
    figure("H1", f"{total} spellings of headers of {len(SPELLINGS)} imports: {1 - wrong / total:.1%} recognised")


@pytest.mark.django_db
def test_every_import_has_a_template_with_drop_downs_an_example_and_notes(tmp_path: Path) -> None:
    with acting(ACTOR):
        for importer in importers().values():
            book = openpyxl.load_workbook(template(importer, tmp_path))
            sheet, notes, lists = (book[name] for name in book.sheetnames)
            headers = [str(cell.value) for cell in sheet[1]]
            assert [header.lstrip("*") for header in headers] == [str(column.label) for column in importer.columns]
            assert [header.startswith("*") for header in headers] == [column.required for column in importer.columns]
            assert all(any(ord(letter) in HAN for letter in header) for header in headers), (importer.name, headers)
            examples = [str(cell.value) for cell in sheet[2] if cell.value is not None]
            assert len(examples) >= min(2, len(importer.columns)), importer.name
            closed = [column for column in importer.columns if column.choices or column.kind.value == "boolean"]
            rules = {next(iter(rule.sqref.ranges)).min_col: rule for rule in sheet.data_validations.dataValidation}
            for column in closed:
                assert importer.columns.index(column) + 1 in rules, (importer.name, column.name)
            assert lists.sheet_state == "hidden"
            explained = {row[0].value: row[3].value for row in notes.iter_rows(min_row=5)}
            assert list(explained) == [str(column.label) for column in importer.columns]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.django_db
def test_a_template_filled_and_saved_by_libreoffice_still_imports(tmp_path: Path) -> None:
    from yaomai.customers.models import Institution
    from yaomai.kit.transfer.command import import_file
    from yaomai.organization.models import Person, Territory
    from yaomai.organization.services import role_sync

    from .acts_examples import NOW

    rows: dict[str, tuple[list[dict[str, Any]], Any]] = {
        "organization.territory": (
            [{"code": "C", "name": "安衡药业", "level": "公司", "valid_from": "2026-01-01"},
             {"code": "E", "name": "华东大区", "level": "大区", "parent": "C", "valid_from": "2026年1月1日"}],
            Territory,
        ),
        "organization.person": (
            [{"name": "王芳", "username": "wangfang", "employee_number": "00012", "email": "wf@example.com"}], Person,
        ),
        "customers.institution": (
            [{"code": "H0009", "name": "江城市第一医院（江城总医院）", "kind": "医院", "grade": "三级甲等", "beds": 1200,
              "territory": "E", "phone": "0551-1234567"}],
            Institution,
        ),
    }  # fmt: skip
    with acting(ACTOR):
        role_sync(actor=ACTOR, now=NOW)
        for name, (lines, model) in rows.items():
            importer = importers()[name]
            path = template(importer, tmp_path)
            fill(path, importer, lines)
            saved = resaved(path, tmp_path / "saved")
            done = import_file(actor=ACTOR, now=NOW, path=saved, importer=name)
            assert (done.created_count, done.refused_count) == (len(lines), 0), (name, done.result["problems"])
            assert model.unscoped.count() == len(lines)
    assert Person.unscoped.get().employee_number == "00012"
    assert Institution.unscoped.get().beds == 1200


def fill(path: Path, importer: Importer, lines: list[dict[str, Any]]) -> None:
    """Write rows below the example row, as a person does."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    for row, line in enumerate(lines, 3):
        for index, column in enumerate(importer.columns, 1):
            if column.name in line:
                sheet.cell(row, index, line[column.name])
    book.save(path)


def resaved(path: Path, folder: Path) -> Path:
    """Open and save a workbook in LibreOffice, without a screen."""
    command = [
        "soffice",
        f"-env:UserInstallation=file://{folder}/profile",
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
    ]
    subprocess.run([*command, "--outdir", str(folder), str(path)], check=True, capture_output=True, timeout=120)
    return folder / path.name
