"""The style guide in a real browser: every component, four ways, by mouse, by keyboard and without script."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Route
from tests.browser.conftest import SCREENS, Visitor, site_without_database

from yaomai.kit.access import Actor, Grant
from yaomai.kit.ui import context, guide, navigation, palette, views
from yaomai.organization.middleware import RequireSignIn

GUIDE = "/ui/guide/"
CHINESE = r"[\u4e00-\u9fff]+"
Visit = Callable[..., Visitor]


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Serve without database and door; the middleware takes its methods when the server starts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RequireSignIn, "process_view", lambda *_arguments: None)
        with site_without_database() as address:
            yield address


@pytest.fixture(autouse=True)
def administrator(monkeypatch: pytest.MonkeyPatch) -> Actor:
    """Let an administrator act, without rows in a database, who reaches the guide and two more screens."""
    actor = Actor(1, "沈怀远", (Grant(frozenset({views.GUIDE_RIGHT})),), "系统管理员")
    for module in (context, views):
        monkeypatch.setattr(module, "current_actor", lambda: actor)
    monkeypatch.setattr(palette, "_providers", {})
    palette.register(palette.actions, order=1)
    palette.register(palette.screens, order=2)
    monkeypatch.setattr(navigation, "_screens", {})
    monkeypatch.setattr(navigation, "_actions", {})
    for section, label, name in (("today", "今日", "ui:palette"), ("customers", "机构", "ui:guide")):
        navigation.register(section=section, label=label, url_name=name)
    navigation.register_action(label="新建机构", url_name="ui:palette", icon="building-hospital")
    return actor


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_every_component_is_accessible_and_fits(visit: Visit, width: int, theme: str) -> None:
    visitor = visit(width=width, theme=theme)
    page = visitor.open(GUIDE)
    draw_all_charts(visitor)
    assert page.locator("html").get_attribute("data-bs-theme") == theme
    visitor.look(f"guide-{width}-{theme}")
    visitor.check_accessible()
    visitor.check_fits()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_narrowest_phone_needs_no_sideways_scrolling(visit: Visit, language: str) -> None:
    visitor = visit(width=360, language=language)
    visitor.open(GUIDE)
    draw_all_charts(visitor)
    visitor.check_fits()


def test_english_is_complete(visit: Visit) -> None:
    page = visit(language="en").open(GUIDE)
    # Message ids are English, so every Chinese word in the source of the samples is a name that was made up.
    names = set(re.findall(CHINESE, Path(guide.__file__).read_text(encoding="utf-8")))
    assert set(re.findall(CHINESE, page.locator("main").inner_text())) <= names
    assert page.locator("html").get_attribute("lang") == "en"


def draw_all_charts(visitor: Visitor) -> None:
    """Scroll through the page, because charts are drawn when they come into view."""
    figures = visitor.page.locator("figure[data-chart]")
    for position in range(figures.count()):
        figures.nth(position).scroll_into_view_if_needed()
        visitor.page.wait_for_selector(f"figure[data-chart] >> nth={position} >> canvas")
    visitor.settle()


def test_the_palette_works_by_keyboard(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open(GUIDE)
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="搜索客户、页面、操作")
    box.fill("jg")
    page.wait_for_selector("#ym-palette-list a[aria-selected=true]")
    page.locator("#ym-palette-list a").nth(2).wait_for(state="detached")
    assert page.locator("#ym-palette-list a").all_inner_texts() == ["新建机构", "机构\n客户"]
    visitor.check_accessible("#ym-palette")
    first = box.get_attribute("aria-activedescendant")
    page.keyboard.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") != first
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{GUIDE}")
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    assert not page.locator("#ym-palette").is_visible()


def test_rows_are_selected_and_the_bulk_bar_asks_first(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open(GUIDE)
    bar = page.get_by_role("group", name="批量操作")
    assert not bar.is_visible()
    boxes = page.locator("input[name=selected]")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    assert bar.locator("[data-count]").inner_text() == "已选 3 项"
    bar.get_by_role("button", name="归档").click()
    question = page.get_by_role("dialog", name="确认")
    assert "归档所选客户" in question.inner_text()
    visitor.check_accessible("dialog[open]")
    question.get_by_role("button", name="取消").click()
    assert page.url.endswith(GUIDE)
    assert page.locator("dialog[open]").count() == 0


def test_columns_are_chosen_and_remembered(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open(GUIDE)
    heading = page.locator("#guide th[data-column=beds]")
    assert heading.count() == 0, "what is not shown is not sent"
    page.locator("summary:has-text('列设置')").click()
    page.get_by_role("checkbox", name="床位数").check()
    heading.wait_for()
    assert page.locator("#guide td[data-column=beds]").first.inner_text() == "2,100"
    # The rows that came now are chosen like those before.
    page.locator("#guide [data-select-all]").check()
    assert page.locator("#guide [data-count]").inner_text() == "已选 5 项"
    visitor.open(GUIDE)
    assert heading.is_visible()
    page.locator("summary:has-text('列设置')").click()
    page.get_by_role("checkbox", name="床位数").uncheck()
    heading.wait_for(state="detached")


def test_the_explanation_opens_in_a_dialog(visit: Visit) -> None:
    visitor = visit(width=390)
    page = visitor.open(GUIDE)
    page.locator("summary[aria-label='为什么：战略客户']").click()
    dialog = page.get_by_role("dialog", name="为什么：战略客户")
    assert "在 128 家客户中排第 11 位" in dialog.inner_text()
    visitor.check_accessible("dialog[open]")
    visitor.check_fits()
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0


def test_a_chart_shows_its_table_and_gives_data_and_picture(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open(GUIDE)
    draw_all_charts(visitor)
    figure = page.locator("figure[data-chart]").first
    with page.expect_download() as picture:
        figure.get_by_role("button", name="保存为图片").click()
    assert picture.value.suggested_filename.endswith(".png")
    figure.get_by_role("button", name="表格").click()
    assert figure.locator("tbody tr").count() == 10
    assert not figure.locator("canvas").is_visible()
    with page.expect_download() as data:
        figure.get_by_role("button", name="下载数据（CSV）").click()
    lines = data.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == '"月份","本客户","同级均值"'
    assert lines[1] == '"2026-01","312000","280000"'
    visitor.check_accessible("figure[data-chart]")


def test_the_theme_is_switched_at_once_and_kept(visit: Visit) -> None:
    visitor = visit(theme="light")
    page = visitor.open(GUIDE)
    page.locator(".ym-top-tools summary[aria-label^='我：']").click()
    with page.expect_response("**/ui/theme"):
        page.locator(".ym-top-tools").get_by_role("button", name="深色").click()
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    visitor.open(GUIDE)
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"


def test_the_language_is_switched(visit: Visit) -> None:
    page = visit().open(GUIDE)
    page.locator(".ym-top-tools summary[aria-label^='我：']").click()
    page.locator(".ym-top-tools").get_by_role("button", name="English").click()
    page.wait_for_selector("h1:text('Style guide')")


def test_a_searching_select_is_used_by_keyboard(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open(GUIDE)
    control = page.locator("#form ~ div .ts-control input, #form + div .ts-control input").first
    control.focus()
    control.type("顾")
    page.keyboard.press("Enter")
    assert page.locator("select#id_owner").input_value() == "2"
    visitor.check_accessible(".ts-wrapper")


def test_a_remote_select_never_offers_what_an_earlier_text_found(visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    found = {"朝": [{"value": "1", "text": "朝东镇"}], "朝阳": [{"value": "2", "text": "朝阳区"}]}

    def answer(route: Route) -> None:
        query = parse_qs(urlsplit(route.request.url).query).get("q", [""])[0]
        route.fulfill(json={"results": found.get(query, [])})

    def remote(route: Route) -> None:
        body = route.fetch().text().replace('id="id_owner"', 'id="id_owner" data-search-url="/trial/options"')
        route.fulfill(body=body, content_type="text/html; charset=utf-8")

    page.route("**/trial/options*", answer)
    page.route(f"**{GUIDE}", remote)
    visitor.open(GUIDE)
    control = page.locator("#form ~ div .ts-control input, #form + div .ts-control input").first
    control.focus()
    control.type("朝")
    page.get_by_role("option", name="朝东镇").wait_for()
    control.type("阳")
    page.keyboard.press("Enter")
    assert page.locator("select#id_owner").input_value() != "1"
    page.get_by_role("option", name="朝阳区").wait_for()
    page.keyboard.press("Enter")
    assert page.locator("select#id_owner").input_value() == "2"


def test_the_phone_reaches_everything_through_its_bar(visit: Visit) -> None:
    visitor = visit(width=390)
    page = visitor.open(GUIDE)
    bar = page.get_by_role("navigation", name="主导航（手机）")
    assert bar.get_by_role("link").all_inner_texts() == ["今日", "客户"]
    bar.locator("summary[aria-label='新建']").click()
    assert bar.get_by_role("link", name="新建机构").is_visible()
    visitor.check_accessible(".ym-phone-bar")
    page.keyboard.press("Escape")
    bar.get_by_text("我", exact=True).click()
    assert bar.get_by_role("button", name="深色").is_visible()
    visitor.check_fits()


def test_everything_can_be_read_and_reached_without_script(visit: Visit) -> None:
    page = visit(scripts=False).open(GUIDE)
    assert page.locator("figure[data-chart] tbody tr").first.is_visible()
    page.locator("summary[aria-label='为什么：战略客户']").click()
    assert page.locator(".ym-why-card").first.is_visible()
    page.locator(".ym-top-new summary").click()
    assert page.get_by_role("link", name="新建机构").first.is_visible()
    page.locator("input[name=q]").first.fill("jg")
    page.keyboard.press("Enter")
    page.wait_for_url("**/palette?q=jg")
    assert page.locator(".ym-palette-page a").count() == 2


def test_print_is_light_and_without_controls(visit: Visit) -> None:
    page = visit(theme="dark").open(GUIDE)
    page.emulate_media(media="print")
    for hidden in (".ym-rail", ".ym-top", ".ym-pager", ".ym-section-bar"):
        assert page.locator(hidden).count() == 0 or not page.locator(hidden).first.is_visible()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("html").get_attribute("data-bs-theme") == "light"


def test_strangers_find_no_guide(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = Actor(2, "顾明舒", (Grant(frozenset()),))
    for module in (context, views):
        monkeypatch.setattr(module, "current_actor", lambda: stranger)
    visitor = visit(width=390)
    visitor.expects(404)
    page = visitor.open(GUIDE)
    assert "404" in page.locator(".ym-error-code").inner_text()
    visitor.check_accessible()
    visitor.check_fits()
