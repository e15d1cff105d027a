"""What a page fetches once it is there: it comes, by mouse and by keyboard; without script a link leads to the same."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route
from tests.browser.conftest import SCREENS, Visitor

pytestmark = pytest.mark.django_db(transaction=True)
Visit = Callable[..., Visitor]
INSTITUTIONS = "/customers/institutions/"


def names_in(page: Page) -> set[str]:
    """Return the names of the hospitals that a list shows."""
    return {name for name in page.locator("tbody tr a").all_inner_texts() if "医院" in name}


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_both_parts_of_the_customers_page_come(visit: Visit, company: Any, width: int, theme: str) -> None:
    person, hospital = company
    visitor = visit(person=person, width=width, theme=theme)
    page = visitor.open(f"{INSTITUTIONS}{hospital.pk}/")
    page.locator("#cu-happened").get_by_text("事件", exact=True).wait_for()
    page.locator(".cu-below #profile").wait_for()
    assert page.locator(".cu-right details, .cu-right section").count() > 0
    assert page.locator(".ym-skeleton").count() == 0
    visitor.check_accessible()
    visitor.check_fits()


def test_a_link_to_something_that_comes_later_leads_there(visit: Visit, company: Any) -> None:
    person, hospital = company
    page = visit(person=person, width=390).open(f"{INSTITUTIONS}{hospital.pk}/#profile")
    page.locator(".cu-below #profile").wait_for()
    page.wait_for_function("() => document.getElementById('profile').getBoundingClientRect().top < innerHeight")


def test_the_fetched_parts_of_the_customers_page_are_reached_by_keyboard(visit: Visit, company: Any) -> None:
    person, hospital = company
    page = visit(person=person).open(f"{INSTITUTIONS}{hospital.pk}/")
    fold = page.locator("#cu-happened summary")
    fold.wait_for()
    before = page.locator("#cu-happened details").get_attribute("open")
    for _press in range(150):
        page.keyboard.press("Tab")
        if fold.evaluate("(element) => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    assert page.locator("#cu-happened details").get_attribute("open") != before


def test_a_part_that_does_not_come_leaves_a_link(visit: Visit, company: Any) -> None:
    person, hospital = company
    visitor = visit(person=person)
    visitor.expects(503)
    visitor.page.route("**/beside", lambda route: route.fulfill(status=503, body=""))
    page = visitor.open(f"{INSTITUTIONS}{hospital.pk}/")
    link = page.locator(".cu-right").get_by_role("link", name="更多信息")
    link.wait_for()
    assert not page.locator(".cu-right .ym-skeleton").is_visible()
    page.unroute("**/beside")
    link.click()
    page.wait_for_url("**/beside")
    assert page.get_by_role("heading", name=hospital.name).is_visible()
    # htmx itself says it in the console.
    visitor.problems = [problem for problem in visitor.problems if "Status Error Code 503" not in problem]


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_the_filter_menu_opens_filters_and_keeps(visit: Visit, company: Any, width: int, theme: str) -> None:
    visitor = visit(person=company[0], width=width, theme=theme)
    page = visitor.open(f"{INSTITUTIONS}?sort=-name")
    menu = page.locator(".ym-filters-more")
    menu.locator("summary").click()
    field = menu.locator("[name=grade]").first
    field.wait_for(state="attached")
    visitor.check_accessible(".ym-filters")
    choose_grade(menu, "2A")
    menu.get_by_role("button", name="应用").click()
    page.wait_for_url("**grade=2A**")
    assert names_in(page) == {"江城市中医院", "云台县人民医院"}
    assert "sort=-name" in page.url
    sentence = page.locator(".ym-sentence")
    assert "二级甲等" in sentence.inner_text()
    # Kept: the menu says it again, and the next filter is added to it.
    menu.locator("summary").click()
    assert chosen_grades(menu) == ["2A"]
    visitor.check_fits()
    page.keyboard.press("Escape")
    sentence.get_by_role("link").first.click()
    page.wait_for_url(lambda url: "grade" not in url)
    assert len(names_in(page)) == 3


def test_the_filter_menu_is_used_by_keyboard(visit: Visit, company: Any) -> None:
    page = visit(person=company[0]).open(INSTITUTIONS)
    menu, summary = page.locator(".ym-filters-more"), page.locator(".ym-filters-more > summary")
    summary.focus()
    page.keyboard.press("Enter")
    menu.locator("[name=grade]").first.wait_for(state="attached")
    page.keyboard.press("Tab")
    assert menu.evaluate("(element) => element.contains(document.activeElement)")
    # The first press may close the choices of a field.
    for _press in range(2):
        if menu.get_attribute("open") is not None:
            page.keyboard.press("Escape")
            page.wait_for_timeout(100)
    assert menu.get_attribute("open") is None
    assert summary.evaluate("(element) => element === document.activeElement")
    page.keyboard.press("Enter")
    choose_grade(menu, "2A")
    button = menu.get_by_role("button", name="应用")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**grade=2A**")
    assert names_in(page) == {"江城市中医院", "云台县人民医院"}


def test_who_is_quicker_than_the_fields_does_not_leave_the_menu(visit: Visit, company: Any) -> None:
    page = visit(person=company[0]).open(INSTITUTIONS)
    held: list[Route] = []
    page.route("**/filters?*", lambda route: held.append(route))
    menu, summary = page.locator(".ym-filters-more"), page.locator(".ym-filters-more > summary")
    summary.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('.ym-filters-more').open")
    page.keyboard.press("Tab")
    page.wait_for_timeout(200)
    held[0].continue_()
    menu.locator("[name=grade]").first.wait_for(state="attached")
    assert menu.get_attribute("open") is not None
    page.keyboard.press("Tab")
    assert menu.evaluate("(element) => element.contains(document.activeElement)")


@pytest.mark.parametrize("width", [1440, 390])
def test_a_fetched_dialog_says_its_title_once(visit: Visit, company: Any, width: int) -> None:
    person, hospital = company
    visitor = visit(person=person, width=width)
    page = visitor.open(f"{INSTITUTIONS}{hospital.pk}/")
    page.locator("a[data-dialog].cu-add").first.click()
    dialog = page.locator("dialog[open]")
    dialog.wait_for()
    headings = dialog.get_by_role("heading").all_inner_texts()
    assert headings == [dialog.get_attribute("aria-label")]
    assert dialog.locator(".ym-back").count() == 0, "closing leads back"
    assert hospital.name in dialog.inner_text(), "what it is about stays"
    visitor.check_accessible("dialog[open]")
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0


def test_without_script_the_same_is_a_link_away(visit: Visit, company: Any) -> None:
    person, hospital = company
    visitor = visit(person=person, scripts=False)
    page = visitor.open(f"{INSTITUTIONS}?sort=-name")
    page.locator(".ym-filters-more > summary").click()
    assert not page.locator(".ym-filters-more .ym-skeleton").is_visible()
    page.get_by_role("link", name="在单独页面中筛选").click()
    page.wait_for_url("**/filters?**")
    page.locator("select[name=grade]").select_option("2A")
    page.get_by_role("button", name="应用").click()
    page.wait_for_url("**grade=2A**")
    assert "sort=-name" in page.url
    assert names_in(page) == {"江城市中医院", "云台县人民医院"}
    page.goto(f"{visitor.address}{INSTITUTIONS}{hospital.pk}/")
    assert not page.locator(".cu-right .ym-skeleton").is_visible()
    page.get_by_role("link", name="更多信息：等级、团队和事件").click()
    page.wait_for_url("**/beside")
    assert "事件" in page.locator("main").inner_text()
    page.go_back()
    page.get_by_role("link", name="更多信息：人员与档案").click()
    page.wait_for_url("**/below")
    assert "专业人士" in page.locator("main").inner_text()


def test_without_script_it_is_english_for_who_reads_english(visit: Visit, company: Any) -> None:
    person, hospital = company
    page = visit(person=person, scripts=False, language="en").open(INSTITUTIONS)
    page.locator(".ym-filters-more > summary").click()
    assert page.get_by_role("link", name="Open the filters on a page of their own").is_visible()
    page.goto(f"{page.url}{hospital.pk}/")
    assert page.get_by_role("link", name="More about this customer").first.is_visible()


def choose_grade(menu: Any, grade: str) -> None:
    """Choose a grade in the menu, whether the field is a plain select or the searching one that stands for it."""
    menu.locator("select[name=grade]").evaluate(
        """(select, value) => {
          if (select.tomselect) select.tomselect.addItem(value);
          else for (const option of select.options) option.selected = option.value === value;
        }""",
        grade,
    )


def chosen_grades(menu: Any) -> list[str]:
    """Return the grades that the menu has chosen."""
    found: list[str] = menu.locator("select[name=grade]").evaluate(
        "(select) => [...select.selectedOptions].map((option) => option.value).filter(Boolean)"
    )
    return found
