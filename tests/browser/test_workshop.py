"""Two people fill one profile at once: answers appear, nobody overwrites anybody, keys do it all; and the portrait."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.utils import timezone
from tests.browser.conftest import Visitor

from yaomai.customers import services
from yaomai.customers.models import ProfessionalFact
from yaomai.kit.access import rights, system_actor
from yaomai.organization.models import Holding, Person, Position, Role, Territory

pytestmark = pytest.mark.django_db(transaction=True)
Visit = Callable[..., Visitor]
DAY = date(2020, 1, 1)


@pytest.fixture
def team() -> tuple[list[Person], Any]:
    """Return two people who may edit one professional, and that professional."""
    territory = Territory.unscoped.create(code="east", name="华东", level="region", path="", valid_from=DAY)
    territory.path = f"/{territory.pk}/"
    territory.save(update_fields=["path"])
    every = sorted(right for right in rights.every_right() if right.startswith("customers."))
    role = Role.unscoped.create(code="manager", name="经理", name_en="manager", reach="territory", rights=every)
    people = []
    for name in ("赵敏", "周芷若"):
        position = Position.unscoped.create(code=name, title="岗位", role=role, territory=territory, valid_from=DAY)
        person = Person.unscoped.create(username=name, name=name)
        Holding.unscoped.create(person=person, position=position, valid_from=DAY)
        people.append(person)
    common = {"actor": system_actor("test", "set up"), "now": timezone.now()}
    hospital = services.institution_create(**common, name="江城市第一人民医院", territory=territory, grade="3A")
    doctor = services.professional_create(
        **common, name="王芳", institution=hospital, title="chief_physician", position="科主任"
    )
    services.type_mark(
        **common, pk=doctor.pk, customer_type="high_influence", source="学会官网", reason="省学会主任委员"
    )
    for field, value in (("style_type", "academic"), ("clinical_questions", "老年高血压合并肾功能不全的用药选择")):
        services.professional_fact_record(**common, pk=doctor.pk, field=field, value=value, source="拜访")
    return people, doctor


def fill(visitor: Visitor, code: str, text: str, *, opens: bool = True) -> None:
    """Open a field with Enter, write, and save with Ctrl Enter."""
    page = visitor.page
    if opens:
        page.locator(f"#fact-{code} a[hx-get]").last.press("Enter")
    page.locator(f"#fact-{code} textarea").fill(text)
    page.locator(f"#fact-{code} textarea").press("Control+Enter")


def test_two_people_fill_one_profile(visit: Visit, team: Any) -> None:
    (first, second), doctor = team
    one, other = visit(person=first), visit(person=second)
    path = f"/customers/professionals/{doctor.pk}/workshop/"
    for visitor in (one, other):
        visitor.page.goto(visitor.address + path)
    fill(one, "leisure", "阅读")
    one.page.locator("#fact-leisure .cu-text", has_text="阅读").wait_for()
    assert one.page.locator("#fact-leisure").count() == 1
    assert ProfessionalFact.unscoped.get(field="leisure").source.endswith("工作坊")
    other.page.locator("#fact-leisure .cu-text", has_text="阅读").wait_for()

    other.page.locator("#fact-visit_points a[hx-get]").last.press("Enter")
    other.page.locator("#fact-visit_points textarea").fill("周三下午")
    fill(one, "visit_points", "周四上午")
    other.page.locator("#fact-visit_points .cu-meanwhile", has_text="赵敏").wait_for()
    other.look("workshop")
    other.page.locator("#fact-visit_points textarea").press("Control+Enter")
    other.page.locator("#fact-visit_points form", has_text="再保存一次").wait_for()
    assert ProfessionalFact.unscoped.get(field="visit_points", superseded_at=None).value == "周四上午"
    assert other.page.locator("#fact-visit_points textarea").input_value() == "周三下午"
    fill(other, "visit_points", "周三下午", opens=False)
    one.page.locator("#fact-visit_points .cu-text", has_text="周三下午").wait_for()
    one.check_accessible(".cu-workshop")


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_the_screens_fit_and_are_accessible(visit: Visit, team: Any, width: int, theme: str) -> None:
    (first, _second), doctor = team
    common = {"actor": system_actor("test", "ask"), "now": timezone.now()}
    services.professional_change_propose(
        **common, pk=doctor.pk, field="clinical_questions", value="心衰患者随访", source="门口通知"
    )
    visitor = visit(width=width, theme=theme, person=first)
    for name, path in (
        ("portrait", f"/customers/professionals/{doctor.pk}/portrait/"),
        ("sheet", f"/customers/professionals/{doctor.pk}/sheet/"),
        ("history", f"/customers/professionals/{doctor.pk}/profile/style_type/history"),
        ("requests", "/customers/requests/"),
        ("archives", "/customers/archives/"),
        ("page", f"/customers/professionals/{doctor.pk}/"),
        ("institution", f"/customers/institutions/{doctor.institution_id}/portrait/"),
    ):
        visitor.open(path)
        visitor.look(f"{name}-{width}-{theme}")
        visitor.check_fits()
        visitor.check_accessible("main")


def test_the_portrait_is_one_page_on_paper(visit: Visit, team: Any) -> None:
    (first, _second), doctor = team
    visitor = visit(person=first)
    page = visitor.open(f"/customers/professionals/{doctor.pk}/portrait/")
    page.emulate_media(media="print")
    visitor.look("portrait-print")
    printed = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    assert not page.get_by_role("button", name="打印").is_visible()
