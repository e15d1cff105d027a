"""Company identities: WeCom and OIDC sign in whom we know, and nobody else. No network: a fake answers."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.test import Client
from django.urls import reverse

from yaomai.kit.audit.models import Entry

from .conftest import NOW, Company

CORP, SECRET, AGENT = "ww0123456789", "app-secret", "1000002"
WECOM = {"wecom": {"APPS": [{"client_id": CORP, "secret": SECRET, "settings": {"agent_id": AGENT}}]}}
INSIDE = "Mozilla/5.0 (iPhone) AppleWebKit/605.1 wxwork/4.1.20 MicroMessenger/7.0.1"


class Answer:
    """What a fake server answers."""

    def __init__(self, body: Any, status: int = 200) -> None:
        self.body, self.status = body, status

    def raise_for_status(self) -> None:
        if self.status >= 400:
            raise requests.HTTPError(str(self.status))

    def json(self) -> Any:
        if isinstance(self.body, Exception):
            raise self.body
        return self.body


class WeCom:
    """WeCom's two endpoints, with answers that a test may replace."""

    def __init__(self) -> None:
        self.token: Any = {"errcode": 0, "access_token": "TOKEN", "expires_in": 7200}
        self.member: Any = {"errcode": 0, "userid": "wangfang"}
        self.asked: list[tuple[str, dict[str, str]]] = []

    def __enter__(self) -> "WeCom":
        return self

    def __exit__(self, *_error: object) -> None:
        return None

    def get(self, url: str, params: dict[str, str], timeout: float) -> Answer:
        self.asked.append((urlsplit(url).path, params))
        answer = self.token if url.endswith("gettoken") else self.member
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Answer) else Answer(answer)


@pytest.fixture
def wecom(settings: Any, monkeypatch: pytest.MonkeyPatch) -> WeCom:
    settings.SOCIALACCOUNT_PROVIDERS = WECOM
    fake = WeCom()
    monkeypatch.setattr("yaomai.organization.sign_in.SocialAccountAdapter.get_requests_session", lambda self: fake)
    return fake


@pytest.fixture
def person(company: Company) -> Any:
    return company.person("王芳", "area_manager", territory="上海", username="wangfang", employee_number="E0042")


def begin(client: Client, **headers: str) -> tuple[str, dict[str, list[str]]]:
    answer = client.get("/accounts/wecom/login/", headers=headers)
    assert answer.status_code == 302
    return answer.headers["Location"], parse_qs(urlsplit(answer.headers["Location"]).query)


def come_back(client: Client, **values: str) -> Any:
    if "state" not in values:
        _url, query = begin(client)
        values["state"] = query["state"][0]
    return client.get("/accounts/wecom/login/callback/", {"code": "CODE"} | values)


def is_in(client: Client) -> bool:
    return bool(client.get(reverse("organization:me")).status_code == 200)


def test_a_desk_machine_gets_the_qr_page(client: Client, wecom: WeCom, person: Any) -> None:
    url, query = begin(client)
    assert url.startswith("https://login.work.weixin.qq.com/wwlogin/sso/login?")
    assert (query["appid"], query["agentid"], query["login_type"]) == ([CORP], [AGENT], ["CorpApp"])
    assert query["redirect_uri"][0].endswith("/accounts/wecom/login/callback/")
    assert len(query["state"][0]) >= 16


def test_inside_wecom_it_is_silent(client: Client, wecom: WeCom, person: Any) -> None:
    url, query = begin(client, **{"user-agent": INSIDE})
    assert url.startswith("https://open.weixin.qq.com/connect/oauth2/authorize?")
    assert url.endswith("#wechat_redirect")
    assert (query["scope"], query["response_type"], query["agentid"]) == (["snsapi_base"], ["code"], [AGENT])


def test_a_member_is_signed_in_and_connected_once(client: Client, wecom: WeCom, person: Any) -> None:
    assert come_back(client).status_code == 302
    assert is_in(client)
    assert wecom.asked == [
        ("/cgi-bin/gettoken", {"corpid": CORP, "corpsecret": SECRET}),
        ("/cgi-bin/auth/getuserinfo", {"access_token": "TOKEN", "code": "CODE"}),
    ]
    again = Client()
    come_back(again)
    assert is_in(again)
    codes = list(Entry.unscoped.filter(code__regex="identity|session").order_by("pk").values_list("code", flat=True))
    assert codes == ["organization.identity:connect", "organization.session:start", "organization.session:start"]


def test_the_employee_number_is_as_good_as_the_user_name(client: Client, wecom: WeCom, person: Any) -> None:
    wecom.member = {"errcode": 0, "userid": "E0042"}
    come_back(client)
    assert is_in(client)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda fake: setattr(fake, "member", {"errcode": 0, "userid": "stranger"}),
        lambda fake: setattr(fake, "member", {"errcode": 0, "openid": "o-123"}),
        lambda fake: setattr(fake, "member", {"errcode": 0, "userid": ""}),
        lambda fake: setattr(fake, "member", {"errcode": 40029, "errmsg": "invalid code"}),
        lambda fake: setattr(fake, "member", {"errcode": 0, "userid": "wangfang' OR 1=1 --"}),
        lambda fake: setattr(fake, "member", ["wangfang"]),
        lambda fake: setattr(fake, "member", Answer(ValueError("no json"))),
        lambda fake: setattr(fake, "member", Answer({}, 500)),
        lambda fake: setattr(fake, "member", requests.ConnectionError("down")),
        lambda fake: setattr(fake, "token", {"errcode": 40001, "errmsg": f"bad secret {SECRET}"}),
        lambda fake: setattr(fake, "token", requests.Timeout("slow")),
        lambda fake: setattr(fake, "token", Answer({}, 403)),
    ],
)
def test_whoever_is_not_vouched_for_stays_outside(
    client: Client, wecom: WeCom, person: Any, spoil: Callable[[WeCom], None]
) -> None:
    from yaomai.organization.models import Person

    spoil(wecom)
    people = Person.unscoped.count()
    answer = come_back(client)
    assert not is_in(client)
    assert SECRET not in answer.content.decode()
    assert Person.unscoped.count() == people


@pytest.mark.parametrize("values", [{"state": "forged"}, {"state": ""}, {"code": ""}, {"error": "access_denied"}])
def test_a_forged_or_broken_return_is_refused(
    client: Client, wecom: WeCom, person: Any, values: dict[str, str]
) -> None:
    if "code" in values or "error" in values:
        _url, query = begin(client)
        values = values | {"state": query["state"][0]}
        client.get("/accounts/wecom/login/callback/", {name: value for name, value in values.items() if value})
    else:
        come_back(client, **values)
    assert not is_in(client)
    assert wecom.asked == []


def test_a_state_of_another_browser_is_refused(client: Client, wecom: WeCom, person: Any) -> None:
    _url, query = begin(Client())
    come_back(client, state=query["state"][0])
    assert not is_in(client)


def test_a_deactivated_member_stays_outside(client: Client, company: Company, wecom: WeCom, person: Any) -> None:
    from yaomai.organization.services import person_deactivate

    come_back(client)
    person_deactivate(actor=company.boss, pk=person.pk, now=NOW)
    other = Client()
    come_back(other)
    assert not is_in(client) and not is_in(other)


def test_the_second_factor_is_asked_here_too(client: Client, wecom: WeCom, person: Any) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    from yaomai.kit.access import acting, system_actor

    with acting(system_actor("test", "add a factor")):
        TOTP.activate(person, generate_totp_secret())
    assert come_back(client).headers["Location"].startswith(reverse("mfa_authenticate"))
    assert not is_in(client)


def test_no_token_of_the_company_is_kept_with_a_person(client: Client, wecom: WeCom, person: Any) -> None:
    from allauth.socialaccount.models import SocialAccount, SocialToken

    come_back(client)
    assert SocialToken.objects.exclude(token="").count() == 0
    assert SocialAccount.objects.get().extra_data == {"userid": "wangfang"}
