"""The guide inside the product: every screen has its chapter in both languages, and nothing in it needs a network."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from yaomai.kit.ui import handbook, navigation


@pytest.fixture(params=["zh-hans", "en"])
def language(request: Any) -> Any:
    with translation.override(request.param):
        yield request.param


def test_both_languages_have_the_same_chapters() -> None:
    told = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            told.append([(chapter.slug, chapter.explains) for chapter in handbook.chapters()])
    assert told[0] == told[1]
    assert len(told[0]) >= 12


def test_every_screen_of_the_navigation_has_a_chapter_of_its_own(language: str) -> None:
    urls = [screen.url for screen in navigation._screens.values() if screen.url != "/"]
    assert len(urls) > 20
    assert [url for url in urls if handbook.chapter_for(url).slug == "start"] == []
    assert handbook.chapter_for("/commerce/review/product/").slug == "review"
    assert handbook.chapter_for("/commerce/flowbatches/").slug == "flow"
    assert handbook.chapter_for("/").slug == "start"


def test_chapters_are_written_as_pages_and_name_no_outside_address(language: str) -> None:
    for chapter in handbook.chapters():
        assert "<p>" in chapter.html or "<ul>" in chapter.html
        assert not re.search(r"&lt;!--|https?://|src=", chapter.html), chapter.slug


def test_a_chapter_opens_as_a_page_and_as_a_part(db: None) -> None:
    from yaomai.organization.models import Person

    client = Client()
    address = reverse("ui:help", args=["review"])
    assert client.get(address).status_code == 302, "not before signing in"
    client.force_login(Person.unscoped.create(username="li", name="李"), backend="yaomai.organization.sign_in.Backend")
    page, part = client.get(address), client.get(address, headers={"HX-Request": "true"})
    assert "撤销刚才的回答" in page.content.decode() and 'aria-current="page"' in page.content.decode()
    assert "撤销刚才的回答" in part.content.decode() and "<html" not in part.content.decode()
    assert client.get(reverse("ui:help", args=["nothing"])).status_code == 404
