"""The life of a version over the screens and over REST."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from yaomai.kit.access import acting, system_actor
from yaomai.kit.approvals import standing
from yaomai.kit.policies import previews, schema, services
from yaomai.kit.policies.models import Version
from yaomai.kit.policies.schema import Policy, figure
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.ui.tables import Column, Row, Table

NAME = "test.discount"


class Discount(Policy):
    """A policy of the tests; registered only while they run."""

    share: Decimal = figure(Decimal("0.1"), label="折扣", origin="S1 §2", unit="ratio", ge=0, le=1)
    days: int = figure(30, label="账期", origin="assumed", unit="days", ge=1)


@pytest.fixture
def policy(monkeypatch: pytest.MonkeyPatch) -> type[Policy]:
    monkeypatch.setattr(Discount, "name", NAME)
    monkeypatch.setattr(Discount, "label", "折扣政策")
    monkeypatch.setattr(Discount, "room", "test")
    monkeypatch.setitem(schema._registered, NAME, Discount)
    return Discount


@pytest.fixture
def people(db: None) -> dict[str, Any]:
    """Two people who may do everything with policies, and one who may only look."""
    from yaomai.organization.models import Holding, Person, Position, Role, Territory

    company = Territory.unscoped.create(code="C", name="C", level="company", path="/", valid_from=date(2025, 1, 1))
    made = {}
    for username, verbs in (
        ("author", "propose publish view"),
        ("approver", "approve publish view"),
        ("reader", "view"),
    ):
        rights = [f"policies.version:{verb}" for verb in verbs.split()]
        role = Role.unscoped.create(code=username, name=username, name_en=username, reach="company", rights=rights)
        position = Position.unscoped.create(
            code=username, title=username, role=role, territory=company, valid_from=date(2025, 1, 1)
        )
        made[username] = Person.unscoped.create(username=username, name=username)
        Holding.unscoped.create(person=made[username], position=position, valid_from=date(2025, 1, 1))
    return made


def client_of(person: Any) -> Client:
    client = Client()
    client.force_login(person, backend="yaomai.organization.sign_in.Backend")
    return client


def edit(client: Client, command: str = "propose", **values: str) -> Any:
    data = {"share": "10", "days": "30", "reason": "试行", "command": command} | values
    return client.post(reverse("policies:policy_edit", args=[NAME]), data)


def test_while_somebody_types_the_effect_is_answered_as_a_part(policy: Any, people: Any) -> None:
    author = client_of(people["author"])
    address = reverse("policies:policy_edit", args=[NAME])
    typed = {"share": "12.5", "days": "30", "reason": "", "command": "preview"}
    answer = author.post(address, typed, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in page and "12.5%" in page
    # Half a figure is no error of the page: it is said beside, with its place.
    answer = author.post(address, typed | {"days": "x"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "账期" in answer.content.decode()
    assert not Version.unscoped.exists()


def decide(client: Client, version: Version, command: str, **values: str) -> Any:
    if command in ("approve", "reject"):
        request = standing(version)
        assert request is not None
        address = reverse("approvals:request_decide", args=[request.pk])
    else:
        address = reverse("policies:version_decide", args=[version.pk])
    return client.post(address, {"command": command} | values)


def test_from_proposal_to_force(policy: Any, people: Any) -> None:
    author, approver = client_of(people["author"]), client_of(people["approver"])
    today = timezone.localdate()
    assert edit(author, share="12.5").status_code == 302
    version = Version.unscoped.get()
    assert (version.status, version.document["share"], version.number) == ("proposed", "0.125", 1)
    assert decide(author, version, "approve").status_code == 403
    assert decide(client_of(people["reader"]), version, "approve").status_code == 404
    assert 'value="approve"' in approver.get(reverse("policies:version_detail", args=[version.pk])).content.decode()
    assert decide(approver, version, "publish", valid_from=today.isoformat()).status_code == 409
    assert decide(approver, version, "approve").status_code == 302
    assert decide(approver, version, "publish", valid_from=(today - timedelta(days=1)).isoformat()).status_code == 422
    assert decide(author, version, "publish", valid_from=today.isoformat()).status_code == 302
    held, in_force = policy_on(policy, on=today)
    assert (held.share, in_force) == (Decimal("0.125"), version)
    assert policy_on(policy, on=today - timedelta(days=1)) == (policy(), None)
    page = author.get(reverse("policies:policy_detail", args=[NAME])).content.decode()
    assert "12.5%" in page and "试行" in page


def test_nobody_approves_their_own(policy: Any, people: Any) -> None:
    from yaomai.organization.models import Role

    Role.unscoped.filter(code="author").update(rights=[f"policies.version:{v}" for v in ("propose", "approve", "view")])
    author = client_of(people["author"])
    edit(author, share="20")
    version = Version.unscoped.get()
    assert decide(author, version, "approve").status_code == 403
    version.refresh_from_db()
    assert version.status == "proposed"


def test_of_two_who_publish_at_once_the_second_is_told(policy: Any, people: Any) -> None:
    author, approver = client_of(people["author"]), client_of(people["approver"])
    today = timezone.localdate().isoformat()
    edit(author, share="20")
    edit(author, share="30")
    first, second = Version.unscoped.order_by("number")
    for version in (first, second):
        decide(approver, version, "approve")
    assert decide(approver, first, "publish", valid_from=today).status_code == 302
    answer = decide(approver, second, "publish", valid_from=today)
    assert answer.status_code == 409
    assert "1" in answer.content.decode()
    assert policy_on(policy, on=timezone.localdate())[0].share == Decimal("0.2")


def test_rolling_back_makes_a_new_version_and_keeps_history(policy: Any, people: Any) -> None:
    author, approver = client_of(people["author"]), client_of(people["approver"])
    today = timezone.localdate().isoformat()
    for share in ("20", "30"):
        edit(author, share=share)
        version = Version.unscoped.latest("number")
        decide(approver, version, "approve")
        decide(approver, version, "publish", valid_from=today)
    first = Version.unscoped.get(number=1)
    assert decide(approver, first, "roll_back", reason="").status_code == 422
    assert decide(approver, first, "roll_back", reason="效果不好").status_code == 302
    held, version = policy_on(policy, on=timezone.localdate())
    assert (held.share, version.number if version else 0) == (Decimal("0.2"), 3)
    assert Version.unscoped.count() == 3


def published(policy: Any, people: Any, share: str, days: int) -> Version:
    author, approver = client_of(people["author"]), client_of(people["approver"])
    edit(author, share=share)
    version = Version.unscoped.latest("number")
    decide(approver, version, "approve")
    decide(approver, version, "publish", valid_from=(timezone.localdate() + timedelta(days=days)).isoformat())
    version.refresh_from_db()
    return version


def test_a_roll_back_withdraws_what_was_published_for_a_later_day(policy: Any, people: Any) -> None:
    approver = client_of(people["approver"])
    first, _second = published(policy, people, "20", 0), published(policy, people, "30", 0)
    later = published(policy, people, "40", 10)
    assert decide(approver, later, "roll_back", reason="错了").status_code == 409
    assert decide(approver, first, "roll_back", reason="效果不好").status_code == 302
    later.refresh_from_db()
    assert later.status == Version.Status.WITHDRAWN
    for days in (0, 10, 30):
        assert policy_on(policy, on=timezone.localdate() + timedelta(days=days))[0].share == Decimal("0.2")


def test_a_version_can_be_withdrawn_only_before_its_day(policy: Any, people: Any) -> None:
    approver = client_of(people["approver"])
    held, later = published(policy, people, "20", 0), published(policy, people, "30", 10)
    page = approver.get(reverse("policies:version_detail", args=[later.pk])).content.decode()
    assert 'value="withdraw"' in page
    assert 'value="roll_back"' not in page
    assert decide(approver, later, "withdraw", reason=" ").status_code == 422
    assert decide(approver, held, "withdraw", reason="错了").status_code == 409
    assert policy_on(policy, on=timezone.localdate() + timedelta(days=10))[0].share == Decimal("0.3")
    assert decide(approver, later, "withdraw", reason="暂缓").status_code == 302
    assert policy_on(policy, on=timezone.localdate() + timedelta(days=10))[0].share == Decimal("0.2")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"share": "120"}, "100%"),
        ({"share": "-1"}, "0%"),
        ({"share": "viel"}, ""),
        ({"days": "1.5"}, ""),
        ({"days": ""}, ""),
        ({"days": "1" + "0" * 15}, "数值过大"),
        ({"reason": " "}, ""),
        ({}, ""),
    ],
)
def test_what_is_wrong_is_said_in_place_and_nothing_is_written(
    policy: Any, people: Any, values: dict[str, str], told: str
) -> None:
    answer = edit(client_of(people["author"]), **values)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    for typed in values.values():
        assert typed.strip() in answer.content.decode()
    assert Version.unscoped.count() == 0


def test_a_preview_shows_the_effect_and_writes_nothing(
    policy: Any, people: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def preview(document: Any, actor: Any) -> previews.PreviewResult:
        table = Table("客户", [Column("name", "客户")], [Row(["市一医院"])])
        return previews.PreviewResult(f"37 家客户享 {document.share:.0%}", [("家数", 12, 37)], table=table)

    monkeypatch.setitem(previews._previews, NAME, preview)
    page = edit(client_of(people["author"]), "preview", share="25", reason="扩大试点").content.decode()
    assert ">扩大试点</textarea>" in page
    assert "37 家客户享 25%" in page and "市一医院" in page and "10%" in page
    assert Version.unscoped.count() == 0


def test_without_a_right_there_is_no_page(policy: Any, people: Any) -> None:
    reader = client_of(people["reader"])
    assert reader.get(reverse("policies:policy_list")).status_code == 200
    assert reader.get(reverse("policies:policy_edit", args=[NAME])).status_code == 404
    assert edit(reader, share="20").status_code == 404
    assert reader.get(reverse("policies:policy_detail", args=["no.such"])).status_code == 404
    assert Version.unscoped.count() == 0


def test_comparing_names_each_figure_that_differs(policy: Any, people: Any) -> None:
    author = client_of(people["author"])
    edit(author, share="20")
    version = Version.unscoped.get()
    page = author.get(reverse("policies:policy_compare", args=[NAME]), {"after": version.pk}).content.decode()
    assert "折扣" in page and "20%" in page and "账期" not in page


def test_the_same_over_rest(policy: Any, people: Any) -> None:
    author, approver = client_of(people["author"]), client_of(people["approver"])
    base = "/api/v1/policies"
    assert author.get(f"{base}/{NAME}").json()["document"] == {"share": "0.1", "days": 30}
    made = author.post(
        f"{base}/{NAME}/versions/",
        {"document": {"share": "0.3", "days": 30}, "reason": "API"},
        content_type="application/json",
    )
    assert (made.status_code, made.json()["status"]) == (201, "proposed")
    version = made.json()["id"]
    approve = f"/api/v1/approvals/{made.json()['request_id']}/approve"
    assert author.post(approve, {}, content_type="application/json").status_code == 403
    assert approver.post(approve, {}, content_type="application/json").json()["state"] == "approved"
    published = approver.post(
        f"{base}/versions/{version}/publish",
        {"valid_from": timezone.localdate().isoformat()},
        content_type="application/json",
    )
    assert published.json()["status"] == "published"
    assert author.get(f"{base}/{NAME}").json()["version"] == 1
    bad = author.post(
        f"{base}/{NAME}/versions/", {"document": {"share": "3"}, "reason": "API"}, content_type="application/json"
    )
    assert (bad.status_code, list(bad.json()["fields"])) == (422, ["share"])


def test_every_declared_policy_has_a_page_and_an_editor(people: Any) -> None:
    author = client_of(people["author"])
    for name in schema.registered():
        assert author.get(reverse("policies:policy_detail", args=[name])).status_code == 200, name
        assert author.get(reverse("policies:policy_edit", args=[name])).status_code == 200, name


def test_a_check_of_a_room_refuses_an_inconsistent_document(
    policy: Any, people: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(services._checks, NAME, [lambda document: {"share": ["合计不是 100%"]}])
    assert "合计不是 100%" in edit(client_of(people["author"]), share="20").content.decode()
    with acting(system_actor("test", "look")):
        assert Version.objects.count() == 0


def today_of(person: Any) -> list[str]:
    from yaomai.kit.inbox.selectors import today
    from yaomai.organization.selectors import actor_for

    now = timezone.now()
    actor = actor_for(person, on=timezone.localdate(now))
    with acting(actor):
        return [
            item.title
            for item in today(actor=actor, now=now).items
            if item.kind.code in ("policies.decide", "approvals.decide")
        ]


def test_a_proposal_stands_in_the_day_of_whoever_must_act_next_and_of_nobody_else(policy: Any, people: Any) -> None:
    edit(client_of(people["author"]), share="20")
    version = Version.unscoped.get()
    assert today_of(people["approver"]) == ["折扣政策 v1 待您审批"]
    assert today_of(people["author"]) == today_of(people["reader"]) == []
    decide(client_of(people["approver"]), version, "reject", comment="太高")
    assert today_of(people["approver"]) == []
    assert today_of(people["author"]) == ["折扣政策 v1 已退回给您"]
    edit(client_of(people["author"]), share="15")
    assert today_of(people["author"]) == [], "a new proposal answers what was returned"
    second = Version.unscoped.latest("pk")
    decide(client_of(people["approver"]), second, "approve")
    assert today_of(people["author"]) == today_of(people["approver"]) == ["折扣政策 v2 已批准，待发布"]
    decide(client_of(people["author"]), second, "publish", valid_from=timezone.localdate().isoformat())
    assert today_of(people["author"]) == today_of(people["approver"]) == []
