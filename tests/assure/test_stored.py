"""What people typed, shown on every screen and in every export: never markup of a page, never a formula of a sheet (S4).

Every text of the world that a person can write is given a hostile ending; then every page and every export is asked for.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, models, transaction
from tests.access.conftest import made_world
from tests.access.crawl import Cell, Crawler
from tests.access.table import SCREEN_TABLE
from tests.access.world import NEAR, World

from yaomai.kit.transfer.registry import importers_for
from yaomai.kit.vault import EncryptedTextField

MARKUP = "'\"><ym-mark onload=x>{{7*191}}"
FORMULA = "=2+5+cmd|'/C calc'!A0"
PEOPLE = (
    "sales_director", "commerce_manager", "compliance_officer", "system_administrator", "security_administrator",
    "audit_administrator", "owner",
)  # fmt: skip
MEANING = {
    "path", "password", "sha256", "fingerprint", "importer", "natural_key", "code", "surface", "query", "attribute",
    "field", "scheme", "tier", "table", "place", "username", "key", "handler", "entity", "room", "engine_version",
    "location", "language", "reason_key", "status", "kind", "file", "url",
}  # fmt: skip
"""Names of columns that the system writes and reads, not people."""


@pytest.fixture(scope="module")
def world(own_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with made_world(tmp_path_factory.mktemp("stored")) as made:
        yield made


@pytest.fixture(scope="module")
def crawler(world: World) -> Crawler:
    return Crawler(world, PEOPLE)


def typed() -> Iterator[tuple[type[models.Model], str, int]]:
    """Yield the columns that hold what people typed, with their lengths."""
    for app in settings.ROOMS + settings.KIT:
        if app in ("yaomai.kit.audit", "yaomai.kit.once"):
            continue
        for model in apps.get_app_config(app.rpartition(".")[2]).get_models():
            for field in model._meta.concrete_fields:
                is_text = isinstance(field, models.CharField | models.TextField) and not field.choices
                is_text = is_text and not isinstance(field, EncryptedTextField)
                if (
                    is_text
                    and field.name not in MEANING
                    and not (model._meta.label == "policies.Version" and field.name == "name")
                ):
                    yield model, str(field.column), field.max_length or 2000


def spoil(ending: str, *, first: bool = False) -> int:
    """Put a text at the end (or the beginning) of everything that people typed; return how many columns took it."""
    taken = 0
    for model, column, longest in typed():
        table, name = connection.ops.quote_name(model._meta.db_table), connection.ops.quote_name(column)
        joined = f"%s || {name}" if first else f"{name} || %s"
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"UPDATE {table} SET {name} = left({joined}, {longest}) WHERE {name} <> ''", [ending])
                taken += cursor.rowcount > 0
        except DatabaseError:
            continue  # a rule of the database keeps it: nobody can type it either
    return taken


@pytest.fixture
def undone(world: World) -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def screens(crawler: Crawler) -> Iterator[Cell]:
    """Yield every page once, as somebody who sees it."""
    for who in PEOPLE:
        for cell in crawler.cells([who], verbs=["get"], queries=0):
            first = next((each for each in PEOPLE if crawler.is_allowed(replace(cell, who=each))), None)
            is_one_of_many = cell.sample is not None and cell.sample.place not in (NEAR, "company", "")
            if first == who and not is_one_of_many and not cell.is_api and not cell.row.name.endswith("_export"):
                yield cell


def test_no_text_becomes_markup_on_any_page(crawler: Crawler, undone: None) -> None:
    assert spoil(MARKUP) > 40
    marked = 0
    broken = []
    for cell in screens(crawler):
        answer = crawler.ask(cell)
        if answer.status >= 500:
            broken.append((str(cell), answer.status))
        elif answer.is_html:
            marked += b"&lt;ym-mark" in answer.body
            if (at := max(answer.body.find(b"<ym-mark"), answer.body.find(b"1337"))) >= 0:
                broken.append((str(cell), answer.body[max(0, at - 120) : at + 40].decode(errors="replace")))
    assert broken == []
    assert marked > 40


def formulas(name: str, body: bytes) -> list[str]:
    """Return what a spreadsheet would run when it opens a file."""
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            sheets = {part: archive.read(part) for part in archive.namelist() if part.startswith("xl/worksheets/")}
        return [f"{name} {part}" for part, text in sheets.items() if re.search(rb"<f[ >]", text)]
    rows = csv.reader(io.StringIO(body.decode("utf-8-sig")))
    return [
        f"{name}: {cell}" for row in rows for cell in row if re.match(r"[=+\-@\t\r]", cell) and not _is_number(cell)
    ]


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[\d.]+", text) is not None


def exports(crawler: Crawler) -> Iterator[tuple[str, bytes]]:
    """Yield every export of a list, in each of its forms, as those who may make it get it."""
    for row in SCREEN_TABLE:
        if not row.name.endswith("_export"):
            continue
        who = next((each for each in PEOPLE if crawler.is_allowed(Cell(each, row, "get", None, is_api=False))), None)
        assert who is not None, f"nobody of {PEOPLE} may {row.name}"
        model = row.name.partition("_export")[0].replace(":", ".")
        actor = crawler.actors[who]
        assert actor is not None
        models_of = {each.name: getattr(each, "model", None) for each in importers_for(actor)}
        again = [each for each, made in models_of.items() if made is not None and made._meta.label_lower == model]
        for query in ("?format=csv", "?format=xlsx", *(f"?format=xlsx&for={name}" for name in again)):
            answer = crawler.ask(Cell(who, row, "get", None, is_api=False, query=query))
            if answer.status == 200:
                yield f"{row.name}{query}", answer.body


def test_no_export_holds_a_formula(crawler: Crawler, undone: None) -> None:
    assert spoil(FORMULA, first=True) > 40
    found: list[str] = []
    names = set()
    held = 0
    for name, body in exports(crawler):
        names.add(name.partition("?")[0])
        found += formulas(name, body)
        held += b"calc" in body or body.startswith(b"PK")
    assert found == []
    assert names == {row.name for row in SCREEN_TABLE if row.name.endswith("_export")}
    assert held > 20
