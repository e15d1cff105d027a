"""A15, A19: what to ask next, which source wins, change requests with four eyes, records made in the field, the team."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from yaomai.customers import archives, profile, services
from yaomai.customers.models import Professional, ProfessionalFact, ProfessionalRequest
from yaomai.customers.policies import ProfilePolicy
from yaomai.customers.services.profiles import SurerSource, measure_all
from yaomai.customers.services.requests import Decided, OwnRequest
from yaomai.kit.access import Actor, Grant, acting
from yaomai.kit.errors import Invalid, Missing
from yaomai.organization.models import Person

from .conftest import NOW, TODAY, World, every_right

pytestmark = pytest.mark.django_db
Make = Callable[..., Any]


@pytest.fixture
def person(world: World, institution: Make, professional: Make) -> Any:
    return professional("王芳", institution=institution("医院", territory=world.district))


def record(world: World, person: Any, field: str, value: Any, **more: Any) -> Any:
    said = {"source": "拜访", "now": NOW} | more
    return services.professional_fact_record(actor=world.east_manager, pk=person.pk, field=field, value=value, **said)


def somebody(name: str, world: World, *, without: str = "") -> Actor:
    made = Person.unscoped.create(username=name, name=name)
    rights = frozenset(right for right in every_right() if not without or not right.endswith(without))
    return Actor(made.pk, name, (Grant(rights, frozenset({world.east.pk, world.district.pk})),))


def test_what_to_ask_next_goes_by_weight_then_unknown_then_age(world: World, person: Any) -> None:
    record(world, person, "clinical_questions", "老年降压", now=NOW - timedelta(days=91))
    record(world, person, "tags", ["price"], now=NOW - timedelta(days=300))
    record(world, person, "academic_needs", ["guidelines"])
    with acting(world.reader):
        asked = archives.questions("professional", archives.facts_of(person), today=TODAY)
    codes = [each.field.code for each in asked]
    heavy = [each for each in profile.fact_fields("professional") if each.weight == 2]
    assert "academic_needs" not in codes
    assert codes[: len(heavy) - 1] == [
        *(each.code for each in heavy if each.code not in ("clinical_questions", "tags", "academic_needs")),
        "tags", "clinical_questions",
    ]  # fmt: skip
    assert [each.is_stale for each in asked[len(heavy) - 3 : len(heavy) - 1]] == [True, True]
    assert "91" in asked[len(heavy) - 2].reason


def test_the_refresh_day_is_kept_by_the_writes_and_follows_the_policy(world: World, person: Any) -> None:
    policy = ProfilePolicy()
    record(world, person, "tags", ["price"])
    record(world, person, "clinical_questions", "老年降压")
    person.refresh_from_db()
    assert person.refresh_on == TODAY + timedelta(days=policy.stale_after["clinical_questions"] + 1)
    Professional.unscoped.update(refresh_on=None, completeness=0)
    assert measure_all("professional", today=TODAY, batch=1) == 1
    again = Professional.unscoped.get()
    assert (again.refresh_on, again.completeness) == (person.refresh_on, person.completeness)


def test_a_less_sure_source_does_not_replace_a_fresh_value_unless_it_insists(world: World, person: Any) -> None:
    record(world, person, "leisure", "阅读", source="本人", source_kind="customer")
    with pytest.raises(SurerSource) as refused:
        record(world, person, "leisure", "跑步", source="某库", source_kind="database")
    assert "阅读" in str(refused.value)
    assert ProfessionalFact.unscoped.count() == 1
    record(world, person, "leisure", "跑步", source="某库", source_kind="database", insists=True)
    record(world, person, "leisure", "游泳", source="本人", source_kind="customer")
    with acting(world.reader):
        rows = archives.provenance(person, profile.field("professional", "leisure"), today=TODAY)
    assert [(each.text, each.until is None) for each in rows] == [("游泳", True), ("跑步", False), ("阅读", False)]
    with acting(world.reader):
        assert archives.provenance(person, profile.field("professional", "background"), today=TODAY) == []
    assert len({each.why for each in rows}) == 3
    with pytest.raises(Invalid):
        record(world, person, "leisure", "摄影", source_kind="dream")


def test_a_stale_value_gives_way_to_any_source(world: World, person: Any) -> None:
    old = NOW - timedelta(days=ProfilePolicy().stale_after["leisure"] + 1)
    record(world, person, "leisure", "阅读", source_kind="customer", now=old)
    record(world, person, "leisure", "跑步", source_kind="database")
    assert ProfessionalFact.unscoped.get(superseded_at=None).value == "跑步"


def test_who_may_not_edit_asks_and_somebody_else_decides(world: World, person: Any) -> None:
    rep, steward = somebody("rep", world, without=":review"), somebody("steward", world)
    asked = services.professional_change_propose(
        actor=rep, now=NOW, pk=person.pk, field="visit_points", value="周三下午", source="门口通知"
    )
    with acting(steward):
        (shown,) = archives.open_requests(steward, today=TODAY)
    assert (shown.now, shown.wanted, shown.has_changed, shown.is_own) == ("", "周三下午", False, False)
    with pytest.raises(Missing):
        services.professional_change_accept(actor=rep, now=NOW, pk=asked.pk)
    services.professional_change_accept(actor=steward, now=NOW, pk=asked.pk)
    fact = ProfessionalFact.unscoped.get(superseded_at=None)
    assert (fact.value, fact.source, fact.recorded_by_id) == ("周三下午", "门口通知", steward.person_id)
    with pytest.raises(Decided):
        services.professional_change_reject(actor=steward, now=NOW, pk=asked.pk, reason="重复")
    with acting(rep):
        ((own, _row, _label, wanted),) = archives.own_requests(rep)
    assert wanted == "周三下午"
    assert own.status == ProfessionalRequest.Status.ACCEPTED


def test_four_eyes_and_a_reason_for_no(world: World, person: Any) -> None:
    steward, other = somebody("steward", world), somebody("other", world)
    asked = services.professional_change_propose(
        actor=steward, now=NOW, pk=person.pk, field="visit_points", value="周三下午", source="门口通知"
    )
    for decide in (services.professional_change_accept, services.professional_change_reject):
        with pytest.raises(OwnRequest):
            decide(actor=steward, now=NOW, pk=asked.pk, reason="同意")
    with pytest.raises(Invalid):
        services.professional_change_reject(actor=other, now=NOW, pk=asked.pk, reason=" ")
    services.professional_change_reject(actor=other, now=NOW, pk=asked.pk, reason="与公示不符")
    assert not ProfessionalFact.unscoped.exists()
    assert ProfessionalRequest.unscoped.get().decision == "与公示不符"


def test_a_request_that_says_nothing_new_or_lies_out_of_reach_is_refused(world: World, person: Any) -> None:
    record(world, person, "visit_points", "周三下午")
    with pytest.raises(Invalid):
        services.professional_change_propose(
            actor=world.manager, now=NOW, pk=person.pk, field="visit_points", value="周三下午", source="拜访"
        )
    with pytest.raises(Missing):
        services.professional_change_propose(
            actor=world.west_manager, now=NOW, pk=person.pk, field="visit_points", value="周四", source="拜访"
        )
    assert not ProfessionalRequest.unscoped.exists()


def test_a_record_made_in_the_field_is_usable_at_once_and_marked(world: World, person: Any) -> None:
    rep, steward = somebody("rep", world, without=":review"), somebody("steward", world)
    new = services.professional_create(actor=rep, now=NOW, name="新大夫", institution=person.institution)
    assert new.is_unverified
    assert not Professional.unscoped.get(pk=person.pk).is_unverified
    record(world, new, "visit_points", "周三下午")
    with acting(steward):
        assert [row for _entity, row in archives.unverified(steward)] == [new]
    with pytest.raises(Missing):
        services.professional_verify(actor=rep, now=NOW, pk=new.pk)
    services.professional_verify(actor=steward, now=NOW, pk=new.pk)
    new.refresh_from_db()
    assert not new.is_unverified


def test_the_team_screen_counts_by_territory_with_a_fixed_number_of_queries(
    world: World, person: Any, professional: Make, django_assert_num_queries: Any
) -> None:
    record(world, person, "visit_points", "周三下午")
    professional("李雷", institution=person.institution)
    with acting(world.reader), django_assert_num_queries(3):
        (line,) = archives.team_lines("professional", today=TODAY)
    assert (line.territory, line.count, line.due) == (world.district, 2, 1)
    with acting(world.west_manager):
        assert archives.team_lines("professional", today=TODAY) == []


def test_stale_profiles_come_to_those_who_cover_the_territory(world: World, person: Any) -> None:
    rep = somebody("rep", world)
    record(world, person, "clinical_questions", "老年降压", now=NOW - timedelta(days=200))
    with acting(rep):
        (item,) = archives.profiles_due(rep, NOW)
    assert "王芳" in item.subject
    with acting(world.west_manager):
        assert archives.profiles_due(world.west_manager, NOW) == []


def test_who_meets_a_surer_source_may_let_a_steward_decide(world: World, person: Any, browse: Make) -> None:
    now = timezone.now()
    services.professional_fact_record(
        actor=world.manager, pk=person.pk, field="tags", value=["price"], source="本人", source_kind="customer", now=now
    )
    rep = browse(world.district, every_right() - {Professional.right("review")})
    path = f"/customers/professionals/{person.pk}/profile/tags/edit"
    said = {"value": ["supply", "safety"], "source": "同事", "source_kind": "colleague"}
    refused = rep.post(path, said, headers={"HX-Request": "true"}).content.decode()
    assert "本人" in refused and 'name="ask"' in refused
    assert re.findall(r'name="value" value="(\w+)"[^>]* checked', refused) == said["value"]
    assert not ProfessionalRequest.unscoped.exists()
    told = rep.post(path, said | {"ask": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert "档案管理员" in told
    asked = ProfessionalRequest.unscoped.get()
    assert (sorted(asked.value), asked.source_kind, asked.status) == (["safety", "supply"], "colleague", "open")
    assert ProfessionalFact.unscoped.get(superseded_at=None).value == ["price"]
    seen = re.search(r'name="seen" value="(\d+)"', refused)
    assert seen is not None and 'name="insists" value="on"' in refused
    rep.post(path, said | {"seen": seen[1], "insists": "on"}, headers={"HX-Request": "true"})
    assert ProfessionalFact.unscoped.get(superseded_at=None).value == ["supply", "safety"]


def test_change_requests_by_program(world: World, person: Any, browse: Make) -> None:
    base, json = "/api/v1/customers/change-requests/", {"content_type": "application/json"}
    rep = browse(world.district, every_right() - {Professional.right("review")})
    body = {"customer": person.pk, "field": "tags", "value": ["price"], "source": "同事"}
    made = rep.post(f"{base}professional/", body, **json).json()["id"]
    for wrong in ({"field": "dream"}, {"value": ["dream"]}, {"source": ""}, {"customer": 0}):
        assert rep.post(f"{base}professional/", body | wrong, **json).status_code in (404, 422)
    assert rep.get(f"{base}professional/").status_code == 404
    assert rep.get(f"{base}dream/").status_code == 422
    assert ProfessionalRequest.unscoped.count() == 1
    steward = browse(world.district, every_right())
    (shown,) = steward.get(f"{base}professional/").json()
    assert (shown["id"], shown["stands"], shown["value"], shown["customer"]) == (made, "", ["price"], person.pk)
    assert steward.post(f"{base}professional/{made}/reject", {}, **json).status_code == 422
    assert steward.post(f"{base}professional/{made}/accept", {}, **json).status_code == 200
    assert steward.post(f"{base}professional/{made}/accept", {}, **json).status_code == 409
    assert steward.get(f"{base}professional/").json() == []
    assert ProfessionalFact.unscoped.get().value == ["price"]


def test_what_was_asked_of_a_duplicate_follows_into_the_merge_and_back(
    world: World, person: Any, professional: Make
) -> None:
    twin = professional("王芳", institution=person.institution)
    asked = services.professional_change_propose(
        actor=world.manager, now=NOW, pk=twin.pk, field="visit_points", value="周三下午", source="门口通知"
    )
    merge = services.professional_merge(actor=world.manager, now=NOW, winner=person.pk, loser=twin.pk)
    asked.refresh_from_db()
    assert asked.professional_id == person.pk
    services.professional_unmerge(actor=world.manager, now=NOW, pk=merge.pk)
    asked.refresh_from_db()
    assert asked.professional_id == twin.pk


def test_the_workshop_tells_what_others_recorded_once_however_late_it_became_whole(
    world: World, person: Any, browse: Make
) -> None:
    visitor = browse(world.district)
    address = f"/customers/professionals/{person.pk}/workshop/"
    before = record(world, person, "leisure", "阅读", now=timezone.now() - timedelta(seconds=12))

    def asked(page: Any) -> str:
        found = re.search(r'hx-get="([^"]+)"', page.content.decode().partition('id="cu-news"')[2])
        assert found is not None
        return html.unescape(found[1])

    ask = asked(visitor.get(address))
    assert visitor.get(ask).status_code == 204, "what the page shows is no news"
    record(world, person, "leisure", "跑步", now=timezone.now() - timedelta(seconds=5), seen=before.pk)
    news = visitor.get(ask)
    assert "跑步" in news.content.decode()
    assert visitor.get(asked(news)).status_code == 204
    told = "刚刚记录为：“跑步”"
    assert told not in visitor.get(f"{ask}&editing=visit_points").content.decode()
    assert told in visitor.get(f"{ask}&editing=leisure").content.decode()
