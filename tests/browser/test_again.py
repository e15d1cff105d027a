"""Somebody writes for half an hour, and presses Save when the session has ended: nothing of it is lost."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from tests.browser.conftest import SCREENS, Visitor

from yaomai.customers.models import Institution, InstitutionFact

pytestmark = pytest.mark.django_db(transaction=True)
Visit = Callable[..., Visitor]
INSTITUTIONS = "/customers/institutions/"
NAME = "江城市第九人民医院"


def sign_in_in_another_tab(visitor: Visitor, person: Any) -> None:
    """Sign in anew: the session and the secret behind the tokens are others then."""
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[-1])
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    fresh = {settings.SESSION_COOKIE_NAME: cookie, settings.CSRF_COOKIE_NAME: "b" * 32}
    visitor.page.context.add_cookies(
        [{"name": name, "value": value, "url": visitor.address} for name, value in fresh.items()]
    )


def write(visitor: Visitor) -> None:
    page = visitor.open(f"{INSTITUTIONS}new")
    page.locator("input[name=name]").fill(NAME)


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_who_signed_in_anew_sends_the_same_words_again(
    visit: Visit,
    company: Any,
    width: int,
    theme: str,
) -> None:
    visitor = visit(person=company[0], width=width, theme=theme)
    visitor.expects(403)
    write(visitor)
    sign_in_in_another_tab(visitor, company[0])
    page = visitor.page
    page.locator("main form[method=post] button.btn-primary").click()
    again = page.get_by_role("button", name="再次提交")
    again.wait_for()
    assert not Institution.unscoped.filter(name=NAME).exists()
    assert NAME in page.locator(".ym-again-written").inner_text()
    visitor.check_accessible()
    visitor.check_fits()
    again.click()
    page.get_by_role("heading", name=NAME).wait_for()
    assert Institution.unscoped.filter(name=NAME).count() == 1


@pytest.mark.parametrize("scripts", [True, False])
def test_whose_session_ended_signs_in_and_sends_the_same_words_again(
    visit: Visit,
    company: Any,
    scripts: bool,
) -> None:
    visitor = visit(person=company[0], scripts=scripts)
    visitor.expects(401, 403)
    write(visitor)
    Session.objects.all().delete()
    page = visitor.page
    page.locator("main form[method=post] button.btn-primary").click()
    sign_in = page.get_by_role("link", name="在新标签页登录")
    sign_in.wait_for()
    if scripts:
        visitor.check_accessible()
        visitor.check_fits()
    with page.context.expect_page() as tab:
        sign_in.click()
    assert "/accounts/login/" in tab.value.url
    sign_in_in_another_tab(visitor, company[0])
    page.get_by_role("button", name="再次提交").click()
    page.get_by_text("您写的内容都还在").wait_for()
    page.get_by_role("button", name="再次提交").click()
    page.get_by_role("heading", name=NAME).wait_for()
    assert Institution.unscoped.filter(name=NAME).count() == 1


def test_a_field_that_is_edited_in_place_keeps_its_words(visit: Visit, company: Any) -> None:
    person, hospital = company
    visitor = visit(person=person)
    visitor.expects(401, 403)
    page = visitor.open(f"{INSTITUTIONS}{hospital.pk}/")
    edit = page.locator("[id^=fact-] a[hx-get]").first
    place = edit.get_attribute("hx-target")
    edit.click()
    field = page.locator(f"{place} form [name=value]")
    field.wait_for()
    fill = "select_option" if field.evaluate("(e) => e.tagName") == "SELECT" else "fill"
    wanted = field.evaluate("(e) => e.tagName === 'SELECT' ? [...e.options].find((o) => o.value).value : '1200'")
    getattr(field, fill)(wanted)
    page.locator(f"{place} form [name=source]").fill("院办电话告知")
    save = page.locator(f"{place} form button.btn-primary")
    Session.objects.all().delete()
    save.click()
    page.locator(".ym-toast", has_text="请在另一个标签页登录后再保存").wait_for()
    assert field.input_value() == wanted
    sign_in_in_another_tab(visitor, person)
    save.click()
    page.locator(".ym-toast", has_text="请再点一次“保存”").wait_for()
    assert not InstitutionFact.unscoped.filter(institution=hospital).exists()
    save.click()
    page.locator(f"{place} form").wait_for(state="detached")
    assert InstitutionFact.unscoped.filter(institution=hospital).count() == 1
    # htmx itself says refusals in the console.
    visitor.problems = [problem for problem in visitor.problems if "Response Status Error Code 40" not in problem]


def test_a_form_of_another_site_finds_nothing_to_press(company: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(company[0], backend=settings.AUTHENTICATION_BACKENDS[-1])
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        answer = client.post(f"{INSTITUTIONS}new", {"name": NAME}, headers=headers)
        assert answer.status_code == 403
        assert NAME not in answer.content.decode()
    answer = client.post(f"{INSTITUTIONS}new", {"name": NAME}, headers={"Sec-Fetch-Site": "same-origin"})
    assert NAME in answer.content.decode()


def test_a_password_is_never_carried_on(company: Any) -> None:
    answer = Client(enforce_csrf_checks=True).post(
        "/accounts/login/", {"login": "x", "password": "geheim-1234"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 403
    assert "geheim" not in answer.content.decode()
