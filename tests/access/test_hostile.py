"""What nobody does on purpose, or does to harm: strange values, two people in one form, one form sent twice.

An address with values that nobody types by accident gets an answer that says what is wrong, never a fault of ours (S4).
Nobody's words are overwritten unseen: the second to save is told, shown what changed, and keeps what they wrote.
Whatever is sent again (double click, back button, replay) is done once and leads to where it led the first time.
"""

import html
import random
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django import forms
from django.db import transaction
from django.urls import reverse

from yaomai.kit.access import acting
from yaomai.kit.audit.models import Entry
from yaomai.kit.surfaces import meanwhile, surfaces
from yaomai.kit.surfaces.filters import parameters, resolve_filter
from yaomai.kit.surfaces.forms import form_class
from yaomai.kit.surfaces.surface import Surface
from yaomai.organization.models import Role

from .crawl import Cell, Crawler
from .hostile import PARAMETERS, VALUES
from .table import SURFACES
from .world import NEAR, World

REQUESTS = 100
"""`tests/assure/test_hostile.py` makes many more."""
SURE = (
    ("commerce:review_first", "name", "²"),
    ("commerce:review_first", "passed", "1,²,٣," + "9" * 40),
    ("customers:institution_list", "cursor", next(value for value in VALUES if value.startswith("W1tbW1tb"))),
    ("catalog:indication_list", "cursor", "WzAsICJhXHUwMDAwYiIsIDFd"),
    ("commerce:sourcename_list", "cursor", "WzAsICIxZTk5OTk5OSIsIDFd"),
    ("transfer:import_list", "before", "²"),
)
"""What once broke."""


@pytest.fixture(scope="module")
def crawler(world: World) -> Crawler:
    return Crawler(world)


@pytest.fixture(scope="module")
def cells(crawler: Crawler) -> list[Cell]:
    return screens(crawler)


def screens(crawler: Crawler) -> list[Cell]:
    """Return every screen that somebody who sees much may look at."""
    return [cell for cell in crawler.cells(["sales_director"], verbs=["get"], queries=0) if not cell.is_api]


def test_no_value_in_an_address_breaks_a_page(crawler: Crawler, cells: list[Cell]) -> None:
    sure = [(cell, *rest) for name, *rest in SURE for cell in cells if cell.row.name == name]
    assert broken_by(crawler, [*drawn(cells, REQUESTS), *sure]) == []


def test_every_filter_of_a_list_answers(crawler: Crawler, cells: list[Cell]) -> None:
    lists = {cell.row.name: cell for cell in cells}
    asked = []
    for surface in surfaces():
        cell = lists.get(f"{surface.room()}:{surface.model._meta.model_name}_list")
        for item in [resolve_filter(surface.model, each) for each in surface.filters] if cell else []:
            values = {"flag": ("1", "0"), "range": ("2026-01-01",) if item.is_date else ("1",)}.get(item.kind, ())
            asked += [(cell, name, value) for name in parameters(item) for value in values]
    assert len(asked) > 150
    assert broken_by(crawler, asked) == []


def drawn(cells: list[Cell], count: int) -> list[tuple[Cell, str, str]]:
    """Draw so many cells, each with a parameter and a value."""
    chosen = random.Random(20261121)
    choices = (chosen.choices(of, k=count) for of in (cells, PARAMETERS, VALUES))
    return list(zip(*choices, strict=True))


def broken_by(crawler: Crawler, asked: list[tuple[Cell, str, str]]) -> list[tuple[int, str, str, str]]:
    """Return the answers that are faults of ours: status, address, parameter and value."""
    broken = []
    for cell, parameter, value in asked:
        query = f"?{urlencode({parameter: value})}"
        answer = crawler.ask(Cell(cell.who, cell.row, "get", cell.sample, is_api=False, query=query))
        if answer.status >= 500 or "X-Evil" in answer.response.headers or b"<svg onload" in answer.body:
            broken.append((answer.status, cell.row.name, parameter, value[:60]))
    return broken


# Two people in one form ------------------------------------------------------------------------------------

FIELDS = 2
"""How many fields of each form are tried: one mechanism serves all."""
FIRST, SECOND = "先到者所写", "后到者所写"
EDITED = [each for each in surfaces() if "update" in each.services]
CREATED = {each.entity: each for each in SURFACES if each.new and "new" in each.screens.split()}


@pytest.fixture
def undone(world: World) -> Iterator[None]:
    """Undo what a test does."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def who_may(crawler: Crawler, right: str, sample: Any = None) -> str:
    """Return somebody who holds a right everywhere, or on a sample."""
    for who, actor in crawler.actors.items():
        if actor is not None and actor.may(right):
            reach = actor.reach(right)
            if reach is None or (sample is not None and sample.territory in reach):
                return who
    raise AssertionError(f"nobody may {right}")


def sample_of(world: World, surface: type[Surface]) -> Any:
    declared = next(each for each in SURFACES if each.entity == surface.model._meta.label_lower)
    found = world.samples[declared.sample]
    return found.get(NEAR) or next(iter(found.values()))


def hidden(page: str, name: str) -> str:
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)
    assert found, f"the form carries no {name}"
    return html.unescape(found[1])


def sent_form(page: str, shown: dict[str, list[str]]) -> dict[str, Any]:
    """Return what a browser would send from an edit form that nobody touched."""
    return {"version": hidden(page, "version"), "seen": hidden(page, "seen"), **shown}


def two_values(field: forms.Field, present: list[str]) -> tuple[str, str] | None:
    """Return two values that a field takes besides its present one."""
    if isinstance(field, forms.DateField):
        return "2026-03-04", "2026-05-06"
    if isinstance(field, forms.IntegerField | forms.DecimalField):
        digits = "." + "0" * field.decimal_places if getattr(field, "decimal_places", None) else ""
        return f"7{digits}", f"9{digits}"
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        several = [str(value) for value, _label in field.choices if str(value) and [str(value)] != present]
        return (several[0], several[1]) if len(several) > 1 and not field.widget.allow_multiple_selected else None  # type: ignore[attr-defined]
    if type(field) is forms.CharField:
        longest = field.max_length or 100
        return FIRST[:longest], SECOND[:longest]
    return None


@pytest.mark.usefixtures("undone")
@pytest.mark.parametrize("surface", EDITED, ids=lambda each: each.model._meta.label_lower)
def test_the_second_of_two_editors_is_told_and_shown_what_changed(
    crawler: Crawler, world: World, surface: type[Surface]
) -> None:
    sample = sample_of(world, surface)
    who = who_may(crawler, surface.right("edit"), sample)
    client, address = crawler.clients[who], surface.url("edit", sample.keys["pk"])

    def row() -> Any:
        return surface.model.unscoped.get(pk=sample.keys["pk"])

    with acting(crawler.actors[who]):
        form = form_class(surface.model, surface.form)(instance=row())
        before = {name: list(texts) for name, texts in meanwhile.shown(form).items()}
    page = client.get(address).content.decode()
    told = 0
    for name, field in form.fields.items():
        values = two_values(field, before[name])
        if values is None or told == FIELDS:
            continue
        with transaction.atomic():
            first = client.post(address, sent_form(page, before) | {name: values[0]})
            if first.status_code != 302:
                transaction.set_rollback(True)
                continue
            second = client.post(address, sent_form(page, before) | {name: values[1]})
            answer = second.content.decode()
            assert second.status_code == 412, (name, second.status_code)
            with acting(crawler.actors[who]):
                now = meanwhile.shown(form_class(surface.model, surface.form)(instance=row()))
                kept = form_class(surface.model, surface.form)(second.context["form"].data)
            assert list(now[name]) == [values[0]], "the first one's words stay"
            assert list(meanwhile.sent(kept)[name]) == [values[1]], "the second one's words stay in the form"
            assert 'class="ym-diff"' in answer and "正在编辑" in answer
            shown = dict(getattr(field, "choices", ())).get(values[0], values[0])
            assert html.escape(str(shown)) in answer, "the second one sees what the first one wrote"
            # Having seen it, the second one decides.
            again = client.post(address, sent_form(answer, dict(meanwhile.sent(kept))))
            assert again.status_code == 302, (name, again.content.decode()[-3000:])
            with acting(crawler.actors[who]):
                now = meanwhile.shown(form_class(surface.model, surface.form)(instance=row()))
            assert list(now[name]) == [values[1]]
            told += 1
            transaction.set_rollback(True)
    assert told, "no field of the form could be changed"


def test_what_the_second_left_alone_takes_the_new_value(crawler: Crawler, world: World, undone: None) -> None:
    surface = next(each for each in EDITED if each.model._meta.label_lower == "customers.institution")
    who = who_may(crawler, surface.right("edit"), sample_of(world, surface))
    client, address = crawler.clients[who], surface.url("edit", sample_of(world, surface).keys["pk"])
    with acting(crawler.actors[who]):
        row = surface.model.objects.get(pk=sample_of(world, surface).keys["pk"])
        before = dict(meanwhile.shown(form_class(surface.model, surface.form)(instance=row)))
    page = client.get(address).content.decode()
    assert client.post(address, sent_form(page, before) | {"address": FIRST}).status_code == 302
    # A mistake elsewhere may not make the page forget what it was shown with.
    wrong = client.post(address, sent_form(page, before) | {"phone": SECOND, "beds": "many"})
    assert (wrong.status_code, hidden(wrong.content.decode(), "version")) == (422, hidden(page, "version"))
    second = client.post(address, sent_form(wrong.content.decode(), before) | {"phone": SECOND})
    assert second.status_code == 412
    kept = second.context["form"].data
    assert (kept["address"], kept["phone"]) == (FIRST, SECOND)
    assert not second.context["form"].errors


@pytest.mark.usefixtures("undone")
def test_two_people_edit_a_role(crawler: Crawler, world: World) -> None:
    who = who_may(crawler, "organization.role:edit")
    client = crawler.clients[who]
    role = Role.unscoped.get(code="area_manager")
    address = reverse("organization:role_edit", args=[role.pk])
    page = client.get(address).content.decode()
    mine, theirs = sorted(set(role.rights))[:2]
    base = {"version": hidden(page, "version"), "seen": hidden(page, "seen"), "reach": role.reach}
    assert client.post(address, base | {"rights": [r for r in role.rights if r != theirs]}).status_code == 302
    second = client.post(address, base | {"rights": [r for r in role.rights if r != mine]})
    answer = second.content.decode()
    assert second.status_code == 412 and "刚刚取消的权限" in answer
    ticked = set(re.findall(r'value="([^"]+)" checked', answer))
    assert ticked & {mine, theirs} == set()
    role.refresh_from_db()
    assert mine in role.rights and theirs not in role.rights


@pytest.mark.usefixtures("undone")
def test_two_people_record_a_fact(crawler: Crawler, world: World) -> None:
    keys = next(each.keys for place, each in world.samples["institution_fact"].items() if place == NEAR)
    client = crawler.clients[who_may(crawler, "customers.institution:edit", world.samples["institution"][NEAR])]
    address = reverse("customers:fact_edit", kwargs=keys)
    page = client.get(address)
    field = page.context["form"].fields["value"]
    values = two_values(field, []) or (FIRST, SECOND)
    seen = {"seen": hidden(page.content.decode(), "seen"), "source": "拜访"}
    assert client.post(address, seen | {"value": values[0]}).status_code == 302
    second = client.post(address, seen | {"value": values[1]})
    assert "他人刚刚记录为" in second.content.decode()
    again = client.post(address, seen | {"value": values[1], "seen": hidden(second.content.decode(), "seen")})
    assert again.status_code == 302


# One person, twice -----------------------------------------------------------------------------------------


TOKEN = {"csrfmiddlewaretoken": "a" * 64}


def acts_since(last: int) -> list[str]:
    found = Entry.unscoped.filter(pk__gt=last, outcome=Entry.Outcome.DONE)
    return list(found.order_by("pk").values_list("code", flat=True))


def last_entry() -> int:
    return int(Entry.unscoped.order_by("-pk").values_list("pk", flat=True).first() or 0)


def done_once(client: Any, address: str, body: dict[str, Any]) -> tuple[bool, str]:
    """Send a form twice; tell whether the first was done, and what was wrong with the second."""
    cookies = dict(client.cookies)
    with transaction.atomic():
        last = last_entry()
        first = client.post(address, body | TOKEN)
        was_done = first.status_code == 302 and bool(acts_since(last))
        last = last_entry()
        second = client.post(address, body | TOKEN) if was_done else first
        doubled = acts_since(last)
        transaction.set_rollback(True)
    client.cookies.clear()
    client.cookies.update(cookies)
    if not was_done:
        return False, f"{first.status_code} {getattr(first.context and first.context.get('form'), 'errors', '')}"
    where, there = first.headers["Location"], (second.status_code, second.headers.get("Location"))
    return True, f"done again: {doubled}" if doubled else "" if there == (302, where) else f"{where}, then {there}"


@pytest.mark.parametrize("declared", CREATED.values(), ids=lambda each: each.entity)
def test_a_new_row_is_made_once_however_often_its_form_is_sent(crawler: Crawler, declared: Any) -> None:
    surface = next(each for each in surfaces() if each.model._meta.label_lower == declared.entity)
    who = who_may(crawler, surface.right("create"), crawler.world.samples["institution"][NEAR])
    body = {name.removesuffix("_id"): crawler._resolved(value) for name, value in declared.new.items()}
    with acting(crawler.actors[who]):
        form = form_class(surface.model, surface.form)()
        body = {name: texts for name, texts in meanwhile.shown(form).items() if texts} | body
    assert done_once(crawler.clients[who], surface.url("new"), body) == (True, "")


def test_the_same_words_on_another_page_are_meant(crawler: Crawler, undone: None) -> None:
    client = crawler.clients[who_may(crawler, "catalog.indication:create")]
    address = reverse("catalog:indication_new")
    assert client.post(address, {"name": FIRST} | TOKEN).status_code == 302
    assert client.post(address, {"name": FIRST, "csrfmiddlewaretoken": "b" * 64}).status_code == 422
    assert client.post(address, {"name": SECOND} | TOKEN).status_code == 302, "the back button, and another name"
