"""Committees, processes and stances: what may be recorded, what is refused in words, and what history keeps."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from yaomai.customers import portrait
from yaomai.kit.access import Actor, Grant, acting, system_actor
from yaomai.kit.documents import plain
from yaomai.kit.errors import Invalid, Missing
from yaomai.listing import selectors, services
from yaomai.listing.models import Process, Seat, StagePeriod, Stance
from yaomai.listing.services.committees import TermsOverlap, TwoChairs
from yaomai.listing.services.processes import Closed

from .acts_examples import hospital, person, product

pytestmark = pytest.mark.django_db
BOSS = system_actor("test", "listing")
NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)
TODAY = date(2026, 11, 21)


@pytest.fixture
def committee() -> Any:
    return services.committee_create(actor=BOSS, now=NOW, institution=hospital(), source="公示")


@pytest.fixture
def process() -> Process:
    made: Process = services.process_create(
        actor=BOSS, now=NOW, institution=hospital(), product=product(), opened_on=date(2026, 1, 1)
    )
    return made


@pytest.fixture
def seat(committee: Any) -> Callable[..., Seat]:
    def make(who: Any, role: str = "member", begin: date = date(2026, 1, 1), end: date | None = None) -> Seat:
        made: Seat = services.seat_start(
            actor=BOSS, now=NOW, committee=committee.pk, professional=who, role=role, valid_from=begin, valid_to=end,
            source="公示",
        )  # fmt: skip
        return made

    return make


def test_a_committee_has_one_chair_at_a_time_and_a_person_one_seat(seat: Callable[..., Seat]) -> None:
    wang, li = person("王芳"), person("李强")
    seat(wang, "chair", date(2024, 1, 1), date(2026, 6, 1))
    with pytest.raises(TwoChairs, match="王芳"):
        seat(li, "chair", date(2026, 5, 1))
    seat(li, "chair", date(2026, 6, 1))
    with pytest.raises(TermsOverlap, match="李强"):
        seat(li, "member", date(2026, 8, 1))
    with pytest.raises(Invalid) as wrong:
        seat(person("周敏"), "chairman", date(2026, 8, 1), date(2026, 8, 1))
    assert set(wrong.value.fields) == {"role", "valid_to"}
    assert Seat.unscoped.count() == 2


def test_a_seat_ends_once_and_not_before_it_began(seat: Callable[..., Seat], committee: Any) -> None:
    held = seat(person(), "member", date(2026, 3, 1))
    with pytest.raises(Invalid):
        services.seat_end(actor=BOSS, now=NOW, committee=committee.pk, seat=held.pk, valid_to=date(2026, 3, 1))
    services.seat_end(actor=BOSS, now=NOW, committee=committee.pk, seat=held.pk, valid_to=date(2026, 9, 1))
    with pytest.raises(Invalid):
        services.seat_end(actor=BOSS, now=NOW, committee=committee.pk, seat=held.pk, valid_to=date(2026, 10, 1))
    with acting(BOSS):
        assert list(selectors.current(Seat.objects.all(), date(2026, 8, 31))) == [held]
        assert list(selectors.current(Seat.objects.all(), date(2026, 9, 1))) == []


def test_a_process_moves_returns_and_ends_and_keeps_its_way(process: Process) -> None:
    def move(stage: str, on: date, **more: Any) -> Process:
        moved: Process = services.process_move(actor=BOSS, now=NOW, pk=process.pk, stage=stage, on=on, **more)
        return moved

    move("department", date(2026, 2, 1))
    move("pharmacy", date(2026, 3, 1))
    with pytest.raises(Invalid) as unexplained:
        move("department", date(2026, 4, 1))
    assert set(unexplained.value.fields) == {"note"}
    move("department", date(2026, 4, 1), note="缺医保编码")
    for stage, on in (("pharmacy", date(2026, 3, 30)), ("pharmacy", date(2027, 1, 1)), ("department", TODAY)):
        with pytest.raises(Invalid):
            move(stage, on)
    move("committee", date(2026, 6, 1))
    services.process_close(actor=BOSS, now=NOW, pk=process.pk, outcome="listed", on=date(2026, 7, 1))
    with pytest.raises(Closed):
        move("purchasing", date(2026, 8, 1))
    way = StagePeriod.unscoped.filter(process=process).order_by("pk").values_list("stage", "result")
    assert list(way) == [
        ("application", "passed"), ("department", "passed"), ("pharmacy", "returned"), ("department", "passed"),
        ("committee", "passed"),
    ]  # fmt: skip
    spells = selectors.spells(today=TODAY)
    assert [(spell.days, spell.ended) for spell in spells["pharmacy"]] == [(31, False)]


def test_one_open_process_for_a_product_at_a_place(process: Process) -> None:
    again = {"actor": BOSS, "now": NOW, "institution": process.institution, "product": process.product,
             "opened_on": TODAY}  # fmt: skip
    with pytest.raises(Invalid):
        services.process_create(**again)
    with pytest.raises(Invalid) as unexplained:
        services.process_close(actor=BOSS, now=NOW, pk=process.pk, outcome="refused", on=TODAY)
    assert set(unexplained.value.fields) == {"note"}
    services.process_close(actor=BOSS, now=NOW, pk=process.pk, outcome="refused", on=TODAY, note="同类已有三种")
    assert services.process_create(**again).stage == "application"


def test_the_newest_stance_counts_and_doubt_needs_its_reason(process: Process) -> None:
    wang = person()

    def record(value: str, **more: Any) -> Stance:
        told = {"source": "拜访", "recorded_on": TODAY, **more}
        made: Stance = services.stance_record(
            actor=BOSS, now=NOW, process=process.pk, professional=wang, value=value, **told
        )
        return made

    with pytest.raises(Invalid) as wrong:
        record("doubts", source=" ")
    assert set(wrong.value.fields) == {"reason", "source"}
    record("doubts", reason="担心低血压")
    newest = record("supports", voice="decisive")
    with acting(BOSS):
        [(who, roles, stance)] = selectors.people(process, today=TODAY)
    assert (who, roles, stance) == (wang, [], newest)
    assert Stance.unscoped.count() == 2


def test_a_forecast_says_what_it_rests_on(process: Process) -> None:
    with acting(BOSS):
        found = selectors.forecast(process, today=date(2026, 1, 10))
    assert found is not None
    assert date(2026, 1, 10) < found.low < found.middle < found.high
    assert next((each.stage, each.is_assumed) for each in found.days.basis) == ("application", True)
    services.process_close(actor=BOSS, now=NOW, pk=process.pk, outcome="listed", on=TODAY)
    process.refresh_from_db()
    with acting(BOSS):
        assert selectors.forecast(process, today=TODAY) is None


def test_decision_power_counts_the_strongest_of_each_kind(seat: Callable[..., Seat], process: Process) -> None:
    wang, li = person("王芳"), person("李强")
    seat(wang, "chair")
    for stage, voice in (("pharmacy", "decisive"), ("application", "decisive")):
        services.holder_start(
            actor=BOSS, now=NOW, institution=process.institution, professional=li, stage=stage, voice=voice,
            valid_from=date(2026, 1, 1), source="拜访",
        )  # fmt: skip
    services.stance_record(
        actor=BOSS, now=NOW, process=process.pk, professional=li, value="neutral", voice="strong", source="拜访",
        recorded_on=TODAY,
    )  # fmt: skip
    rows = {row["professional"]: row for row in selectors.decision_measures(as_of=TODAY).to_pylist()}
    assert (rows[wang.pk]["seat_points"], rows[wang.pk]["path_points"]) == (60.0, None)
    assert (rows[li.pk]["path_points"], rows[li.pk]["voice_points"]) == (80.0, 80.0)
    with acting(BOSS):
        assert len(selectors.decision_inputs(li.pk, as_of=TODAY)) == 3
    assert selectors.decision_measures(as_of=date(2025, 1, 1)).num_rows == 0


def test_who_may_only_look_changes_no_path(committee: Any) -> None:
    holder = services.holder_start(
        actor=BOSS, now=NOW, institution=committee.institution, professional=person(), stage="pharmacy",
        valid_from=date(2026, 1, 1), source="拜访",
    )  # fmt: skip
    looker = Actor(None, "looker", (Grant(frozenset({"listing.committee:view", "customers.institution:view"})),))
    with pytest.raises(Missing):
        services.holder_end(actor=looker, now=NOW, pk=holder.pk, valid_to=TODAY)
    with pytest.raises(Missing):
        services.holder_end(actor=BOSS, now=NOW, pk=holder.pk + 1, valid_to=TODAY)
    holder.refresh_from_db()
    assert holder.valid_to is None


def test_a_seat_that_is_held_says_so_beside_what_ends_it(committee: Any, seat: Callable[..., Seat]) -> None:
    held = seat(person())
    page = render_to_string(
        "listing/panels/committee_seats.html", {"row": committee, "data": {"seats": [held], "may_edit": True}}
    )
    assert "任期结束" in page and "失效" not in page
    assert re.search(
        rf'在任 · <a[^>]*href="{reverse("listing:seat_end", args=[committee.pk, held.pk])}">结束席位</a>', page
    )


def test_portraits_say_who_decides_and_where_people_stand(process: Process, seat: Callable[..., Seat]) -> None:
    wang = person()
    held = seat(wang, "chair")
    services.stance_record(
        actor=BOSS, now=NOW, process=process.pk, professional=wang, value="doubts", voice="strong", source="科室会",
        reason="担心医保额度", recorded_on=TODAY,
    )  # fmt: skip

    def text(entity: Any, row: Any, actor: Actor) -> str:
        with acting(actor):
            return str(plain.blocks(portrait.portrait_of(entity, row, actor, now=NOW).blocks))

    told = text("professional", wang, BOSS)
    assert all(word in told for word in ("主任委员", "担心医保额度", str(process.product), "科室会，2026-11-21"))
    assert all(word in text("institution", held.committee.institution, BOSS) for word in ("王芳", "主任委员"))
    assert "申请" in text("institution", process.institution, BOSS)
    looker = Actor(None, "looker", (Grant(frozenset({"customers.professional:view"})),))
    assert "医保" not in text("professional", wang, looker)
