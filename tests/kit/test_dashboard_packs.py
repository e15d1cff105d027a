"""Report packs: once per day and receiver whatever dies, each in the own scope, kept and announced."""

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from yaomai.kit.access import Actor, acting, system_actor
from yaomai.kit.audit.models import Entry
from yaomai.kit.dashboards import jobs, packing, services, totals
from yaomai.kit.dashboards.models import Delivery, Pack
from yaomai.kit.dashboards.services.packs import NotMadeYet
from yaomai.kit.errors import Invalid, Missing
from yaomai.kit.jobs import definitions
from yaomai.kit.jobs.models import Job
from yaomai.kit.jobs.running import Again, run
from yaomai.kit.jobs.schedule import take_due_slots
from yaomai.kit.surfaces.models import SavedView
from yaomai.organization.models import Holding, Person, Position, Role, Territory
from yaomai.organization.selectors import actor_for

pytestmark = pytest.mark.django_db
BOSS = system_actor("test", "send reports")
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
MONDAY = date(2026, 11, 23)
SINCE = date(2024, 1, 1)
SEES = ["customers.institution:view", "engagement.visit:view"]


@pytest.fixture(autouse=True)
def boss() -> Iterator[None]:
    with acting(BOSS):
        yield


@pytest.fixture
def team() -> dict[str, Person]:
    """Return two readers of one role in two areas, a maker above them, and a stranger; each area has a hospital."""
    from yaomai.customers.services import institution_create

    company = Territory.unscoped.create(code="C", name="公司", level="company", path="", valid_from=SINCE)
    Territory.unscoped.filter(pk=company.pk).update(path=f"/{company.pk}/")
    roles = {
        code: Role.unscoped.create(code=code, name=code, name_en=code, reach=reach, rights=rights)
        for code, reach, rights in (
            ("reader", "territory", [*SEES, "customers.institution:export"]), ("maker", "company", SEES),
        )
    }  # fmt: skip
    people = {}
    for name, role, area in (
        ("east", "reader", "东区"), ("west", "reader", "西区"), ("maker", "maker", ""), ("stranger", "", "")
    ):  # fmt: skip
        place = company
        if area:
            place = Territory.unscoped.create(
                code=name, name=area, level="area", parent=company, path="", valid_from=SINCE
            )
            Territory.unscoped.filter(pk=place.pk).update(path=f"/{company.pk}/{place.pk}/")
            hospital = institution_create(actor=BOSS, now=NOW, name=f"{area}医院")
            type(hospital).unscoped.filter(pk=hospital.pk).update(territory=place)
        people[name] = Person.unscoped.create(username=name, name=name)
        if role:
            seat = Position.unscoped.create(code=name, title=name, role=roles[role], territory=place, valid_from=SINCE)
            Holding.unscoped.create(person=people[name], position=seat, valid_from=SINCE)
    totals.refresh_all(now=NOW)
    return people


def actor(person: Person) -> Actor:
    return actor_for(person, on=MONDAY)


def pack(team: dict[str, Person], **told: Any) -> Pack:
    given = {"name": "经营周报", "has_start": True, "roles": ["reader"]} | told
    return services.pack_create(actor=actor(team["maker"]), now=NOW, **given)


def made() -> list[Job]:
    return list(Job.unscoped.filter(name="dashboards.deliver").order_by("pk"))


def sheets(delivery: Delivery) -> str:
    """Return everything that a delivered workbook says."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(bytes(delivery.workbook or b"")))
    return "\n".join(
        str(cell) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row
    )


# Once ------------------------------------------------------------------------------------------------------


def test_a_pack_is_handed_out_once_to_each_receiver_on_its_day(team: dict[str, Person]) -> None:
    pack(team, people=[team["east"].pk, team["stranger"].pk])
    for day in (MONDAY - timedelta(days=1), MONDAY + timedelta(days=1)):
        assert services.hand_out(day=day) == 0
    assert services.hand_out(day=MONDAY) == 3, "two of the role and the stranger; nobody twice"
    assert services.hand_out(day=MONDAY) == 0
    assert Delivery.unscoped.count() == len(made()) == 3
    assert services.hand_out(day=MONDAY + timedelta(days=7)) == 3


def test_monthly_packs_have_a_day_that_every_month_has(team: dict[str, Person]) -> None:
    monthly = pack(team, rhythm="monthly", on_day=28)
    days = [date(2028, 1, 1) + timedelta(days=number) for number in range(400)]
    assert sum(monthly.is_due(day) for day in days) == 13
    weekly = pack(team, on_day=7)
    assert {day.weekday() for day in days if weekly.is_due(day)} == {6}


def test_whoever_left_receives_nothing_and_stopped_packs_are_not_made(team: dict[str, Person]) -> None:
    row = pack(team, people=[team["stranger"].pk])
    Person.unscoped.filter(pk=team["stranger"].pk).update(archived_at=NOW)
    Holding.unscoped.filter(person=team["west"]).update(valid_to=MONDAY)
    assert services.hand_out(day=MONDAY) == 1
    services.pack_archive(actor=actor(team["maker"]), now=NOW, pk=row.pk)
    assert services.hand_out(day=MONDAY + timedelta(days=7)) == 0


def test_every_missed_slot_is_made_up_once(team: dict[str, Person]) -> None:
    pack(team)
    before = dict(definitions._schedules)
    try:
        definitions._schedules.clear()
        definitions._schedules["dashboards.packs"] = before["dashboards.packs"]
        start = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)  # Saturday, 7 o'clock in Shanghai
        assert take_due_slots(now=start) == [], "the first slot ever seen lies before"
        later = start + timedelta(days=9)
        slots = take_due_slots(now=later)
        assert len(slots) == 9 and take_due_slots(now=later) == []
        for slot in slots:
            run(slot.pk)
            run(slot.pk)
    finally:
        definitions._schedules.clear()
        definitions._schedules.update(before)
    assert sorted(Delivery.unscoped.values_list("day", flat=True)) == [
        MONDAY, MONDAY, MONDAY + timedelta(days=7), MONDAY + timedelta(days=7),
    ]  # fmt: skip
    assert len(made()) == 4


def test_a_job_that_dies_leaves_nothing_and_is_done_once(team: dict[str, Person], monkeypatch: Any) -> None:
    pack(team, roles=[], people=[team["east"].pk])
    services.hand_out(day=MONDAY)
    (job,) = made()
    real = packing.files

    def dies(delivery: Delivery, **told: Any) -> Any:
        real(delivery, **told)
        raise RuntimeError("the worker was killed")

    monkeypatch.setattr(packing, "files", dies)
    with pytest.raises(Again):
        run(job.pk)
    assert (
        Delivery.unscoped.get().made_at is None and not Entry.unscoped.filter(code="dashboards.delivery:make").exists()
    )
    monkeypatch.setattr(packing, "files", real)
    run(job.pk)
    first = Delivery.unscoped.get()
    assert first.made_at is not None and first.workbook
    run(job.pk)
    again = Delivery.unscoped.get()
    assert (again.made_at, bytes(again.workbook or b"")) == (first.made_at, bytes(first.workbook))
    assert Entry.unscoped.filter(code="dashboards.delivery:make").count() == 1


# Scope -----------------------------------------------------------------------------------------------------


def test_each_receives_the_own_figures_and_rows(team: dict[str, Person]) -> None:
    view = SavedView.objects.create(
        owner=team["maker"], surface="customers.institution", name="全部医院", query="", created_at=NOW
    )
    board = services.board_create(actor=actor(team["maker"]), now=NOW, name="周会", cards=["customers.completeness"])
    pack(team, has_start=False, boards=[board.pk], lists=[view.pk], people=[team["stranger"].pk])
    services.hand_out(day=MONDAY)
    for job in made():
        run(job.pk)
    said = {row.receiver.username: sheets(row) for row in Delivery.unscoped.select_related("receiver")}
    assert "东区医院" in said["east"] and "西区" not in said["east"]
    assert "西区医院" in said["west"] and "东区" not in said["west"]
    assert "医院" not in said["stranger"].replace("全部医院", ""), "no right, no rows"
    assert "您无权导出这个列表" in said["stranger"]
    assert Entry.unscoped.filter(code="surfaces.list:export").count() == 2, "each export is in the trail"


def test_a_list_whose_filter_is_gone_leaves_the_rest(team: dict[str, Person]) -> None:
    view = SavedView.objects.create(
        owner=team["maker"],
        surface="customers.institution",
        name="旧视图",
        query="beds=many&sort=nothing",
        created_at=NOW,
    )
    row = pack(team, lists=[view.pk])
    with acting(actor(team["east"])):
        document = packing.pack_document(row, actor=actor(team["east"]), now=NOW)
    assert len(document.blocks) > 2


def test_what_was_received_is_ones_own(team: dict[str, Person]) -> None:
    pack(team, roles=[], people=[team["east"].pk])
    services.hand_out(day=MONDAY)
    delivery = Delivery.unscoped.get()
    with pytest.raises(NotMadeYet):
        services.delivery_take(actor=actor(team["east"]), pk=delivery.pk, suffix="xlsx", now=NOW)
    (job,) = made()
    run(job.pk)
    for other in ("west", "maker", "stranger"):
        with pytest.raises(Missing):
            services.delivery_take(actor=actor(team[other]), pk=delivery.pk, suffix="xlsx", now=NOW)
    with pytest.raises(Missing):
        services.delivery_take(actor=actor(team["east"]), pk=delivery.pk, suffix="docx", now=NOW)
    _row, content = services.delivery_take(actor=actor(team["east"]), pk=delivery.pk, suffix="xlsx", now=NOW)
    assert content.startswith(b"PK")


# Bad input and screens -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"has_start": False}, "boards"), ({"boards": [10**15]}, "boards"), ({"boards": ["x"]}, "boards"),
        ({"boards": [True]}, "boards"), ({"lists": [99]}, "lists"), ({"on_day": 8}, "on_day"),
        ({"on_day": 0}, "on_day"), ({"rhythm": "monthly", "on_day": 29}, "on_day"), ({"rhythm": "daily"}, "rhythm"),
        ({"roles": []}, "people"), ({"roles": ["nobody"]}, "roles"), ({"people": [10**12]}, "people"), ({"name": ""}, "name"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_pack_is_refused(team: dict[str, Person], told: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        pack(team, **told)
    assert field in caught.value.fields
    assert not Pack.unscoped.exists()


def test_a_pack_is_set_up_tried_and_read_on_screen(team: dict[str, Person]) -> None:
    client = Client()
    client.force_login(team["maker"], backend="yaomai.organization.sign_in.Backend")
    told = {
        "name": "周报",
        "has_start": "on",
        "rhythm": "monthly",
        "weekday": "1",
        "month_day": "5",
        "people": [team["maker"].pk],
    }
    assert client.post(reverse("dashboards:pack_new"), told | {"people": []}).status_code == 422
    assert client.post(reverse("dashboards:pack_new"), told).status_code == 302
    row = Pack.unscoped.get()
    assert (row.rhythm, row.on_day) == ("monthly", 5)
    assert client.get(reverse("dashboards:pack_edit", args=[row.pk])).status_code == 200
    assert client.post(reverse("dashboards:pack_try", args=[row.pk])).status_code == 302
    assert client.post(reverse("dashboards:pack_try", args=[row.pk])).status_code == 302
    (job,) = made()
    assert "正在生成" in client.get(reverse("dashboards:pack_list")).content.decode()
    run(job.pk)
    assert "周报 已生成" in client.get("/").content.decode()
    delivery = Delivery.unscoped.get()
    answer = client.get(reverse("dashboards:delivery_file", args=[delivery.pk, "xlsx"]))
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    assert "周报 已生成" not in client.get("/").content.decode()
    assert client.get(reverse("dashboards:delivery_file", args=[delivery.pk, "exe"])).status_code == 404
    other = Client()
    other.force_login(team["east"], backend="yaomai.organization.sign_in.Backend")
    assert other.get(reverse("dashboards:delivery_file", args=[delivery.pk, "xlsx"])).status_code == 404
    assert other.get(reverse("dashboards:pack_edit", args=[row.pk])).status_code == 404
    assert client.post(reverse("dashboards:pack_archive", args=[row.pk])).status_code == 302
    assert client.get(reverse("dashboards:pack_edit", args=[row.pk])).status_code == 404


def test_the_jobs_are_declared(team: dict[str, Person], settings: Any) -> None:
    assert {each.definition.name for each in definitions.schedules()} >= {
        "dashboards.packs", "dashboards.refresh", "dashboards.refresh_all",
    }  # fmt: skip
    settings.JOBS_IMMEDIATE = True  # its progress is written where the test sees it
    jobs.refresh_latest.defer(actor=BOSS)
    run(Job.unscoped.get(name="dashboards.refresh").pk)
    assert Job.unscoped.get(name="dashboards.refresh").state == Job.State.DONE
