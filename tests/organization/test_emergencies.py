"""Emergency power: for hours, with a reason, before the others' eyes, marked in the trail, and then gone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import translation

from yaomai.kit.access import acting
from yaomai.kit.audit.models import Entry
from yaomai.kit.audit.sentences import Line
from yaomai.kit.errors import Conflict, Invalid, Missing, Refused
from yaomai.kit.inbox.models import Nudge
from yaomai.organization.models import Emergency, Person
from yaomai.organization.selectors import actor_for
from yaomai.organization.services import emergencies as power
from yaomai.organization.services import emergencies_expire_due, emergency_end, emergency_give
from yaomai.organization.services.invariants import DutiesMeet

from .conftest import NOW, TODAY, Company

REASON = "系统管理员突发疾病"
HOUR = timedelta(hours=1)
RIGHT = "organization.person:create"
Give = Callable[..., Any]


@pytest.fixture
def three(company: Company) -> dict[str, Any]:
    """Return the three administrators, and a person without any position."""
    people = {duty: company.person(name, f"{duty}_administrator") for duty, name in
              (("system", "赵刚"), ("security", "钱敏"), ("audit", "孙丽"))}  # fmt: skip
    return people | {"helper": company.person("周平")}


@pytest.fixture
def give(company: Company, three: dict[str, Any]) -> Give:
    """Give `helper` the system administrator's power for two hours, as the security administrator."""

    def call(by: str = "security", to: str = "helper", role: str = "system_administrator", **values: Any) -> Any:
        said = {"now": NOW, "hours": 2, "reason": REASON} | values
        return emergency_give(actor=company.actor(three[by]), person=three[to], role=company.role(role), **said)

    return call


def at(person: Any, moment: Any) -> Any:
    return actor_for(Person.unscoped.get(pk=person.pk), on=TODAY, at=moment)


def test_it_holds_for_its_hours_and_no_longer(give: Give, three: dict[str, Any]) -> None:
    helper = three["helper"]
    assert not at(helper, NOW).may(RIGHT)
    emergency = give()
    assert at(helper, NOW).may(RIGHT)
    assert at(helper, NOW + 2 * HOUR - timedelta(seconds=1)).may(RIGHT)
    assert not at(helper, NOW + 2 * HOUR).may(RIGHT)
    assert not actor_for(Person.unscoped.get(pk=helper.pk), on=TODAY).may(RIGHT)
    assert (emergency.expires_at, emergency.reason, emergency.given_by) == (NOW + 2 * HOUR, REASON, three["security"])


def test_the_others_are_told_at_once(give: Give, three: dict[str, Any]) -> None:
    give()
    nudges = Nudge.unscoped.filter(kind=power.KIND)
    assert set(nudges.values_list("owner_id", flat=True)) == {three["system"].pk, three["audit"].pk}
    with translation.override("zh-hans"):
        assert str(nudges[0]) == "周平 获得“系统管理员”的紧急授权，至 2026-11-21 12:00"
    entry = Line(Entry.unscoped.get(code="organization.emergency:create"))
    assert entry.params["told"] == ["赵刚", "孙丽"]


def test_it_is_not_given_when_nobody_of_another_duty_would_know(company: Company, three: dict[str, Any]) -> None:
    from yaomai.organization.models import Holding
    from yaomai.organization.services import holding_end

    company.person("又一个", "security_administrator")
    for duty in ("system", "audit"):
        holding = Holding.unscoped.get(person=three[duty])
        # Somebody must be able to manage people: the system administrator's end is written without the service.
        if duty == "system":
            Holding.unscoped.filter(pk=holding.pk).update(valid_to=TODAY)
        else:
            holding_end(actor=company.boss, now=NOW, pk=holding.pk, valid_to=TODAY)
    with pytest.raises(power.NobodyToTell):
        emergency_give(
            actor=company.actor(three["security"]), person=three["helper"], role=company.role("system_administrator"),
            hours=2, reason=REASON, now=NOW,
        )  # fmt: skip
    assert not Emergency.unscoped.exists() and not Nudge.unscoped.filter(kind=power.KIND).exists()
    assert Person.unscoped.get(pk=three["helper"].pk).emergency is None


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"hours": 9}, Invalid), ({"hours": 0}, Invalid), ({"reason": " "}, Invalid), ({"role": "finance"}, Invalid),
        ({"to": "security"}, power.NotToOneself), ({"to": "audit"}, DutiesMeet), ({"by": "helper"}, Missing),
    ],
)  # fmt: skip
def test_what_is_refused_changes_nothing(
    give: Give, three: dict[str, Any], wrong: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        give(**wrong)
    assert not Emergency.unscoped.exists() and not Nudge.unscoped.filter(kind=power.KIND).exists()
    assert not Person.unscoped.filter(emergency__isnull=False).exists()


def test_only_administrators_give_it_even_where_a_role_was_widened(company: Company, give: Give) -> None:
    from yaomai.organization.services import role_edit_rights

    finance = company.role("finance")
    role_edit_rights(
        actor=company.boss, now=NOW, pk=finance.pk, rights=[*finance.rights, "organization.emergency:create"]
    )
    clerk = company.actor(company.person("吴用", "finance"))
    with pytest.raises(power.OnlyAdministrators):
        emergency_give(
            actor=clerk, person=company.person("郑七"), role=company.role("system_administrator"), hours=1,
            reason=REASON, now=NOW,
        )  # fmt: skip


def test_it_is_not_passed_on_and_not_doubled(give: Give, company: Company, three: dict[str, Any]) -> None:
    give()
    with pytest.raises(power.InForceAlready):
        give(by="audit")
    with pytest.raises(power.NotPassedOn):
        emergency_give(
            actor=at(three["helper"], NOW), person=company.person("郑七"), role=company.role("audit_administrator"),
            hours=1, reason=REASON, now=NOW,
        )  # fmt: skip
    give(now=NOW + 3 * HOUR)
    assert Emergency.unscoped.count() == 2


def test_while_it_holds_no_position_brings_a_second_duty(give: Give, company: Company, three: dict[str, Any]) -> None:
    from yaomai.organization.services import holding_start

    emergency = give()
    seat = company.position("audit_administrator")
    with pytest.raises(DutiesMeet):
        holding_start(actor=company.boss, now=NOW, position_id=seat.pk, person_id=three["helper"].pk, valid_from=TODAY)
    emergency_end(actor=company.boss, pk=emergency.pk, now=NOW + HOUR)
    holding_start(actor=company.boss, now=NOW, position_id=seat.pk, person_id=three["helper"].pk, valid_from=TODAY)


def test_every_act_in_it_is_marked(give: Give, company: Company, three: dict[str, Any]) -> None:
    from yaomai.kit.audit.selectors import acts_in_emergency
    from yaomai.organization.services import person_create

    emergency = give()
    person_create(actor=at(three["helper"], NOW), now=NOW, username="new", name="新人")
    with pytest.raises(Missing):
        power.emergency_end(actor=company.actor(company.person("路人")), pk=emergency.pk, now=NOW)
    emergency_end(actor=at(three["helper"], NOW), pk=emergency.pk, now=NOW)
    mine = [Line(entry) for entry in Entry.unscoped.filter(actor_id=three["helper"].pk).order_by("pk")]
    assert [(line.content["code"], line.emergency_id, line.actor_reason) for line in mine] == [
        ("organization.person:create", emergency.pk, REASON),
        ("organization.emergency:end", emergency.pk, REASON),
    ]
    others = Entry.unscoped.exclude(actor_id=three["helper"].pk)
    assert not any(Line(entry).emergency_id for entry in others)
    day = timedelta(days=1)
    found = acts_in_emergency(
        emergency.pk, person_id=three["helper"].pk, since=mine[0].at - day, until=mine[0].at + day
    )
    assert [line.pk for line in found] == [line.pk for line in mine]


@pytest.mark.parametrize("by", ["helper", "security", "system", "audit"])
def test_it_is_ended_by_hand(give: Give, company: Company, three: dict[str, Any], by: str) -> None:
    emergency = give()
    emergency_end(actor=at(three[by], NOW), pk=emergency.pk, now=NOW + HOUR)
    assert not at(three["helper"], NOW + HOUR).may(RIGHT)
    emergency.refresh_from_db()
    assert emergency.ended_at == NOW + HOUR
    with pytest.raises(power.Over):
        emergency_end(actor=company.boss, pk=emergency.pk, now=NOW + HOUR)


def test_the_end_by_time_is_written_down_once(give: Give, company: Company, three: dict[str, Any]) -> None:
    emergency = give()
    with acting(company.boss):
        assert emergencies_expire_due(actor=company.boss, now=NOW + HOUR) == 0
        with pytest.raises(Conflict):
            power.emergency_expire(actor=company.boss, pk=emergency.pk, now=NOW + HOUR)
        assert emergencies_expire_due(actor=company.boss, now=NOW + 3 * HOUR) == 1
        assert emergencies_expire_due(actor=company.boss, now=NOW + 4 * HOUR) == 0
    emergency.refresh_from_db()
    assert emergency.ended_at == emergency.expires_at
    assert Person.unscoped.get(pk=three["helper"].pk).emergency is None
    assert Entry.unscoped.filter(code="organization.emergency:expire").count() == 1


def test_a_refusal_is_no_right(give: Give, three: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        give(to="security")
    assert Entry.unscoped.filter(code="organization.emergency:create", outcome="refused").count() == 1


def test_screens(client: Client, give: Give, three: dict[str, Any]) -> None:
    with time_machine.travel(NOW, tick=False):
        client.force_login(three["security"], backend="yaomai.organization.sign_in.Backend")
        fields = {"person": three["helper"].pk, "role": "", "hours": "2", "reason": REASON}
        assert client.post("/organization/emergencies/new", fields).status_code == 422
        page = client.get("/organization/emergencies/new").content.decode()
        assert "系统管理员" in page and "财务" not in page
        emergency = give()
        assert "周平" in client.get("/organization/emergencies/").content.decode()
        helper = Client()
        helper.force_login(three["helper"], backend="yaomai.organization.sign_in.Backend")
        assert REASON in helper.get("/organization/people/").content.decode()
        assert "立即结束" in client.get(f"/organization/emergencies/{emergency.pk}/").content.decode()
        assert helper.post(f"/organization/emergencies/{emergency.pk}/end").status_code == 302
        assert helper.get("/organization/people/new").status_code == 404
        assert REASON not in helper.get("/organization/me/").content.decode()
        page = client.get(f"/organization/emergencies/{emergency.pk}/").content.decode()
        assert "结束了 周平 的紧急授权" in page and "立即结束" not in page
