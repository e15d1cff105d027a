"""Programs act in a person's name: with that person's rights, over the API only, as long as the token holds."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from yaomai.kit.access import Actor
from yaomai.kit.audit.models import Entry
from yaomai.kit.errors import Conflict, Invalid, Missing
from yaomai.organization.models import AccessToken
from yaomai.organization.services import person_deactivate, token_create, token_revoke
from yaomai.organization.services.sessions import session_end_all

from .conftest import NOW, TODAY, Company

PEOPLE = "/api/v1/organization/people/"


@pytest.fixture(autouse=True)
def now() -> Any:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def person(company: Company) -> Any:
    return company.person("王芳", "system_administrator", username="wangfang")


def made(person: Any, *, is_read_only: bool = False, days: int = 30) -> Any:
    actor = Actor(person_id=person.pk, label=person.name)
    return token_create(
        actor=actor, now=NOW, name="数据仓库", expires_on=TODAY + timedelta(days=days), is_read_only=is_read_only
    )


def call(secret: str, path: str = PEOPLE, method: str = "get", body: Any = None) -> Any:
    # A browser's forged form has cookies and no token of the form; a program has neither.
    client = Client(enforce_csrf_checks=True)
    headers = {"Authorization": f"Bearer {secret}"}
    if method == "get":
        return client.get(path, headers=headers)
    return client.post(path, body, content_type="application/json", headers=headers)


def test_a_program_has_the_rights_of_its_person(person: Any, company: Company) -> None:
    secret = made(person).secret
    answer = call(secret)
    assert answer.status_code == 200
    assert [each["username"] for each in answer.json()["items"]] == ["wangfang"]
    created = call(secret, method="post", body={"name": "李明", "username": "liming"})
    assert created.status_code == 201
    assert Entry.unscoped.filter(code="organization.person:create").latest("pk").actor_id == person.pk
    rep = made(company.person("张敏", "representative", territory="上海")).secret
    assert call(rep, method="post", body={"name": "赵强", "username": "zhaoqiang"}).status_code in (403, 404)


def test_what_only_reads_writes_nothing(person: Any) -> None:
    secret = made(person, is_read_only=True).secret
    assert call(secret).status_code == 200
    refused = call(secret, method="post", body={"name": "李明", "username": "liming"})
    assert refused.status_code == 403
    assert refused.json()["code"] == "token_read_only"


def test_it_opens_no_page(person: Any) -> None:
    secret = made(person).secret
    for page in ("/organization/me/", "/organization/me/tokens/new", "/organization/people/"):
        assert call(secret, page).status_code == 302


@pytest.mark.parametrize(
    "header", ["Bearer ", "Bearer yaomai_wrong", "Basic d2FuZw==", "Bearer", "Token x", "Bearer \x00"]
)
def test_what_is_no_token_opens_nothing(person: Any, header: str) -> None:
    client = Client()
    client.force_login(person, backend="yaomai.organization.sign_in.Backend")
    answer = client.get(PEOPLE, headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json()["code"] == "token_refused"


def test_it_ends_with_its_day_its_owner_and_when_taken_back(person: Any, company: Company) -> None:
    boss = company.boss
    short = made(person, days=1)
    with time_machine.travel(NOW + timedelta(days=1), tick=True):
        assert call(short.secret).status_code == 401
    token, secret = made(person)
    other = Actor(person_id=company.person("张敏").pk, label="张敏")
    with pytest.raises(Missing):
        token_revoke(actor=other, pk=token.pk, now=NOW)
    assert call(secret).status_code == 200
    token_revoke(actor=Actor(person_id=person.pk, label=person.name), pk=token.pk, now=NOW)
    assert call(secret).status_code == 401
    second, third = made(person).secret, company.person("钱进", "audit_administrator")
    session_end_all(actor=boss, pk=person.pk, now=NOW)
    assert call(second).status_code == 401
    left = made(third).secret
    person_deactivate(actor=boss, pk=third.pk, now=NOW)
    assert call(left).status_code == 401


def test_days_and_numbers_are_bounded(person: Any) -> None:
    for days in (0, -1, 366):
        with pytest.raises(Invalid):
            made(person, days=days)
    for _number in range(10):
        made(person)
    with pytest.raises(Conflict):
        made(person)


def test_only_its_digest_is_kept_and_the_trail_does_not_know_it(person: Any) -> None:
    token, secret = made(person)
    row = AccessToken.unscoped.get(pk=token.pk)
    assert secret not in (row.digest, row.hint, row.name)
    assert not Entry.unscoped.filter(content__contains=secret).exists()
    call(secret)
    row.refresh_from_db()
    assert row.last_used_on == TODAY


def test_it_is_made_and_revoked_on_ones_own_page(client: Client, person: Any) -> None:
    client.force_login(person, backend="yaomai.organization.sign_in.Backend")
    until = TODAY + timedelta(days=30)
    answer = client.post(
        reverse("organization:token_new"), {"name": "数据仓库", "expires_on": until, "is_read_only": "on"}
    )
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    [secret] = set(re.findall(r"yaomai_[\w-]{43}", answer.content.decode()))
    assert call(secret).status_code == 200
    page = client.get(reverse("organization:me")).content.decode()
    assert "数据仓库" in page
    assert secret not in page
    client.post(reverse("organization:token_revoke", args=[AccessToken.unscoped.get().pk]))
    assert call(secret).status_code == 401
    assert "数据仓库" not in client.get(reverse("organization:me")).content.decode()


def test_first_passwords_come_once_in_a_workbook(client: Client, company: Company) -> None:
    boss = company.person("彭实", "system_administrator", username="pengshi")
    new = [company.person(f"新人{n}", username=f"new{n}") for n in range(3)]
    old = company.person("老王", username="laowang")
    old.set_password("correct-horse-battery-7")
    old.save(update_fields=["password"])
    client.force_login(boss, backend="yaomai.organization.sign_in.Backend")
    url, chosen = reverse("organization:people_passwords"), [each.pk for each in (*new, old, boss)]
    waiting = f"{reverse('organization:person_list')}?no_way_in=1"
    today = client.get(reverse("inbox:today")).content.decode()
    assert "3 人还无法登录" in today and waiting in today
    listed = client.get(waiting).content.decode()
    assert "new2" in listed and "laowang" not in listed
    shown = client.post(url, {"selected": chosen})
    assert "3" in shown.content.decode()
    assert 'data-after="passwords-made"' in shown.content.decode()
    answer = client.post(url, {"selected": chosen, "confirmed": "1"})
    book = load_workbook(BytesIO(b"".join(answer.streaming_content)))
    heads, *rows = book.active.iter_rows(values_only=True)
    assert heads[0] == "姓名"
    assert [row[2] for row in rows] == ["new0", "new1", "new2"]
    signed = Client().post(reverse("account_login"), {"login": "new1", "password": rows[1][3]})
    assert signed.status_code == 302
    old.refresh_from_db()
    assert old.check_password("correct-horse-battery-7")
    again = client.post(url, {"selected": chosen, "confirmed": "1", "again": "on"})
    assert len(list(load_workbook(BytesIO(b"".join(again.streaming_content))).active.rows)) == 5
    old.refresh_from_db()
    assert not old.check_password("correct-horse-battery-7")
    boss.refresh_from_db()
    assert not boss.must_change_password
