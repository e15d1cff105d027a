"""A lost second factor: asked for with a reason, decided by another duty, the person told, and all of it in the trail."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from yaomai.kit.access import acting
from yaomai.kit.errors import Conflict, Invalid, Missing, Refused

from .conftest import NOW, TODAY, Company


@pytest.fixture
def people(company: Company) -> dict[str, Any]:
    """Return somebody with an authenticator app and recovery codes, and the administrators."""
    from yaomai.organization.selectors import actor_for

    found = {"who": company.person("王芳", "area_manager", territory="上海")}
    for role in ("system_administrator", "security_administrator", "audit_administrator"):
        found[role] = actor_for(company.person(role, role), on=TODAY)
    with acting(company.boss):
        for kind in ("totp", "recovery_codes"):
            Authenticator.objects.create(user=found["who"], type=kind, data={})
    return found


def asked(people: dict[str, Any], actor: Any = None, **said: Any) -> Any:
    from yaomai.organization.services import factors_ask_removal

    usual = {"pk": people["who"].pk, "reason": "手机丢失，已报失", "identity": "当面核对工牌"}
    who = actor or people["system_administrator"]
    with acting(who):
        return factors_ask_removal(actor=who, now=NOW, **(usual | said))


def decided(people: dict[str, Any], role: str, request: Any) -> Any:
    from yaomai.kit.approvals.services import request_approve

    with acting(people[role]):
        return request_approve(actor=people[role], pk=request.pk, now=NOW)


@pytest.mark.django_db
def test_one_duty_asks_another_decides_and_the_person_is_told(people: dict[str, Any]) -> None:
    from yaomai.kit.audit.models import Entry
    from yaomai.kit.audit.sentences import Line
    from yaomai.kit.inbox.models import Nudge

    epoch = people["who"].sign_in_epoch
    request = asked(people)
    assert Authenticator.objects.filter(user=people["who"]).count() == 2, "asking removes nothing"
    for role in ("system_administrator", "audit_administrator"):
        with pytest.raises((Refused, Missing)):
            decided(people, role, request)
    assert Authenticator.objects.filter(user=people["who"]).count() == 2
    decided(people, "security_administrator", request)
    people["who"].refresh_from_db()
    assert not Authenticator.objects.filter(user=people["who"]).exists()
    assert people["who"].sign_in_epoch == epoch + 1, "every session ends"
    nudge = Nudge.unscoped.get(owner=people["who"])
    assert "security_administrator" in str(nudge.reason)
    entries = [Line(entry) for entry in Entry.unscoped.order_by("pk")]
    assert any("手机丢失" in line.sentence for line in entries)
    assert any(line.changes.get("factors") == (2, 0) for line in entries)
    assert not any(line.entry.code == "organization.factor:remove" for line in entries), (
        "nobody removed one of their own"
    )


@pytest.mark.django_db
def test_without_reason_check_or_factor_and_for_oneself_it_is_refused(people: dict[str, Any]) -> None:
    from yaomai.kit.approvals.models import Request

    for said, field in (({"reason": " "}, "reason"), ({"identity": "?"}, "identity")):
        with pytest.raises(Invalid) as refused:
            asked(people, **said)
        assert list(refused.value.fields) == [field]
    with pytest.raises(Refused):
        asked(people, pk=people["system_administrator"].person_id)
    with pytest.raises(Conflict):
        asked(people, pk=people["security_administrator"].person_id)
    with pytest.raises(Missing):
        asked(people, people["security_administrator"])
    assert not Request.unscoped.exists()


@pytest.mark.django_db
def test_what_is_gone_meanwhile_is_not_decided_on(people: dict[str, Any]) -> None:
    from yaomai.kit.approvals.services import Overtaken

    request = asked(people)
    with acting(people["system_administrator"]):
        Authenticator.objects.filter(user=people["who"]).delete()
    with pytest.raises(Overtaken):
        decided(people, "security_administrator", request)


@pytest.mark.django_db
def test_an_expired_form_says_what_to_do_and_loses_nothing(people: dict[str, Any]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(people["who"], backend="yaomai.organization.sign_in.Backend")
    page = client.post(reverse("organization:my_sessions"), {"csrfmiddlewaretoken": "a" * 64})
    text = page.content.decode()
    assert page.status_code == 403 and "表单已过期" in text
    assert "返回键" in text and "刷新页面" in text and "Cookie" in text
    assert "合规" not in text, "no rule forbids it"
