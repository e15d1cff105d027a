"""The screens of this room, through the browser's eyes."""

import re
from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from tests.influence.acts_examples import call, guideline, office, opened, person, study, tie, work

from yaomai.influence.models import Authorship, Publication

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client: Any) -> Any:
    """Sign somebody in who holds every right in the whole company."""
    from yaomai.kit.access.rights import every_right
    from yaomai.organization.models import Holding, Person, Position, Role, Territory

    territory = Territory.unscoped.create(
        code="CN", name="公司", level="company", path="/", valid_from=date(2020, 1, 1)
    )
    role = Role.unscoped.create(code="r", name="角色", name_en="role", reach="company", rights=sorted(every_right()))
    position = Position.unscoped.create(
        code="p", title="岗位", role=role, territory=territory, valid_from=date(2020, 1, 1)
    )
    somebody = Person.unscoped.create(username="r", name="赵敏")
    Holding.unscoped.create(person=somebody, position=position, valid_from=date(2020, 1, 1))
    client.force_login(somebody, backend="yaomai.organization.sign_in.Backend")
    return client


def page(browser: Any, name: str, *args: Any, **query: Any) -> str:
    answer = browser.get(reverse(name, args=args), query)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return str(answer.content.decode())


def test_a_professional_shows_record_and_ties(browser: Any) -> None:
    who, other = person(), person("李强")
    office(who, evidence="https://example.org/notice"), study(who), guideline(who), tie(who, other)
    row = work(citations=12)
    call("author_add", publication=row.pk, professional=who, role="first")()
    call("network_compute")()
    shown = page(browser, "customers:professional_detail", who.pk)
    for part in ("below", "beside"):
        at = reverse(f"customers:page_{part}", kwargs={"entity": "professional", "pk": who.pk})
        shown += browser.get(at).content.decode()
    for text in ("学术档案", "https://example.org/notice", "https://doi.org/10.1000/ahp.1", "被引 12 次", "尚无证据链接",
                 "影响关系", "李强", "学生", "直接联系 1 人"):  # fmt: skip
        assert text in shown
    for name in ("office_list", "study_list", "guideline_list", "publication_list", "tie_list"):
        page(browser, f"influence:{name}")
    assert "第一作者" in page(browser, "influence:publication_detail", row.pk)


def test_the_network_is_drawn_filtered_and_explained(browser: Any) -> None:
    assert "这些人之间还没有关系" in page(browser, "influence:network")
    people = [person(name) for name in ("甲一", "乙二", "丙三")]
    tie(people[0], people[1]), tie(people[1], people[2], kind="colleague")
    call("network_compute")()
    shown = page(browser, "influence:network")
    for text in ("乙二 的桥梁作用最强", "指标含义", "全部关系", "密切同事", '"kind": "network"'):
        assert text in shown, text
    assert "丙三" not in page(browser, "influence:network", kind="teacher")
    assert "这些人之间还没有关系" in page(browser, "influence:network", profession="nurse")


def test_a_publication_is_added_on_the_page_of_its_author(browser: Any) -> None:
    who = person()
    address = reverse("influence:work_new", args=[who.pk])
    page(browser, "influence:work_new", who.pk)
    said = {
        "title": "新作",
        "year": "2025",
        "role": "first",
        "indexing": "sci",
        "source": "PubMed",
        "evidence": "ftp://x",
    }
    assert browser.post(address, said).status_code == 422
    assert not Publication.unscoped.exists()
    assert browser.post(address, said | {"evidence": "https://example.org/a"}).status_code == 302
    author = Authorship.unscoped.get()
    assert (author.professional_id, author.role) == (who.pk, "first")
    gone = reverse("influence:author_remove", args=[author.publication_id, author.pk])
    assert browser.post(gone).status_code == 302
    assert not Authorship.unscoped.exists()


def test_an_open_author_is_asked_and_decided(browser: Any) -> None:
    assert "您范围内的作者都已确定" in page(browser, "influence:review")
    who = person()
    row = opened(candidates=[[who.pk, 0.6, ["name", "institution"]]])
    shown = page(browser, "influence:review")
    assert "Wang Fang" in shown
    assert "王芳" in shown
    # Somebody else is one answer of several: a browser must not insist on it.
    assert not re.search(r"<select[^>]*required", shown)
    assert browser.post(reverse("influence:author_decide", args=[row.pk]), {"answer": "x"}).status_code == 302
    assert Authorship.unscoped.get().link == "open"
    browser.post(reverse("influence:author_decide", args=[row.pk]), {"answer": str(who.pk)})
    assert Authorship.unscoped.get().professional_id == who.pk
