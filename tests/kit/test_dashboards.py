"""Dashboards: totals equal what is counted directly, in everybody's scope; boards, sharing, bad input, query counts."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from yaomai.kit.access import Actor, Grant, acting, system_actor
from yaomai.kit.audit.models import Entry
from yaomai.kit.dashboards import company, periods, registry, selectors, services, totals
from yaomai.kit.dashboards.models import Board, BoardShare, Refresh, Total
from yaomai.kit.dashboards.reading import answers
from yaomai.kit.dashboards.registry import Card, Source, Sum
from yaomai.kit.errors import Invalid, Missing, Stale

pytestmark = pytest.mark.django_db
BOSS = system_actor("test", "look at boards")
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
SEES = frozenset({"customers.institution:view", "commerce.salesline:view", "engagement.visit:view"})
QUARTER = periods.PERIODS["quarter"]


@pytest.fixture(autouse=True)
def boss() -> Iterator[None]:
    with acting(BOSS):
        yield


@pytest.fixture
def places() -> dict[str, int]:
    """Return a company of two regions, the east with two areas."""
    from yaomai.organization.models import Territory

    made: dict[str, int] = {}
    for name, above, level in (
        ("company", "", "company"), ("east", "company", "region"), ("north", "company", "region"),
        ("east1", "east", "area"), ("east2", "east", "area"),
    ):  # fmt: skip
        parent = Territory.unscoped.get(pk=made[above]) if above else None
        row = Territory.unscoped.create(
            code=name, name=name, level=level, parent=parent, path="", valid_from=date(2024, 1, 1)
        )
        Territory.unscoped.filter(pk=row.pk).update(path=f"{parent.path if parent else '/'}{row.pk}/")
        made[name] = row.pk
    return made


SOLD = (
    # place, month of 2026 (or of the year before when negative), amount
    ("east1", 10, 300), ("east1", 9, 200), ("east2", 10, 50), ("north", 8, 400), ("", 10, 1000),
    ("east1", -10, 100), ("east2", -9, 250), ("north", -8, 150), ("east1", -7, 10), ("east1", 5, 70),
)  # fmt: skip


@pytest.fixture
def flow(places: dict[str, int]) -> dict[str, int]:
    """Return the places, with purchases in them."""
    from yaomai.commerce.models import FlowBatch, SalesLine, SourceName
    from yaomai.customers.services import institution_create

    told = {"actor": BOSS, "now": NOW}
    seller = institution_create(**told, name="安东九州医药有限公司", kind="distributor")
    batch = FlowBatch.unscoped.create(
        distributor=seller, file_name="流向.xlsx", fingerprint="0" * 64, first_day=date(2025, 1, 1),
        last_day=TODAY, lines=len(SOLD), amount=0, taken_in_at=NOW,
    )  # fmt: skip
    buyers: dict[str, Any] = {}
    for name in dict.fromkeys(place for place, _month, _amount in SOLD):
        made = institution_create(**told, name=f"医院{name or '无辖区'}")
        type(made).unscoped.filter(pk=made.pk).update(territory_id=places.get(name))
        written = SourceName.unscoped.create(
            kind="institution", name=made.name, decision="confirmed", institution=made, created_at=NOW
        )
        buyers[name] = (made, written)
    for number, (place, month, amount) in enumerate(SOLD, 1):
        hospital, written = buyers[place]
        day = date(2026 if month > 0 else 2025, abs(month), 5)
        SalesLine.unscoped.create(
            batch=batch, row=number, sold_on=day, buyer=written, item=written, institution=hospital, quantity=1,
            amount=amount,
        )  # fmt: skip
    totals.refresh_all(now=NOW)
    return places


def somebody(*reach: int, rights: frozenset[str] = SEES, role: str = "", person: int | None = None) -> Actor:
    return Actor(person, "somebody", (Grant(rights, frozenset(reach), role=role),))


WHOLE = Actor(None, "head", (Grant(SEES),))


def reading(actor: Actor, key: str = "commerce.sales", *, period: str = "quarter", place: int | None = None) -> Any:
    found = answers([registry.cards()[key]], actor=actor, now=NOW, period=periods.PERIODS[period], place=place)
    return found[0].reading if found else None


# Periods ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "now", "before", "year_ago"),
    [
        ("quarter", ((2026, 8), (2026, 10)), ((2026, 5), (2026, 7)), ((2025, 8), (2025, 10))),
        ("month", ((2026, 10), (2026, 10)), ((2026, 9), (2026, 9)), ((2025, 10), (2025, 10))),
        ("year", ((2025, 11), (2026, 10)), ((2024, 11), (2025, 10)), ((2024, 11), (2025, 10))),
        ("current", ((2026, 11), (2026, 11)), None, None),
    ],
)
def test_periods_are_whole_months(code: str, now: Any, before: Any, year_ago: Any) -> None:
    def span(pair: Any) -> Any:
        return None if pair is None else tuple(date(*each, 1) for each in pair)

    found = periods.window(periods.PERIODS[code], TODAY)
    assert (found.now, found.before, found.year_ago) == (span(now), span(before), span(year_ago))


def test_kept_months_hold_everything_that_is_compared() -> None:
    for day in (TODAY, date(2024, 2, 29), date(2026, 1, 1), date(2026, 12, 31)):
        kept = periods.months(day)
        assert len(kept) == periods.KEPT and kept[-1] == day.replace(day=1)
        for period in periods.PERIODS.values():
            found = periods.window(period, day)
            assert all(span is None or span[0] >= kept[0] for span in (found.now, found.before, found.year_ago))


# Totals and scope ------------------------------------------------------------------------------------------


def direct(actor: Actor, first: date, after: date, place: frozenset[int] | None = None) -> Decimal:
    """Count the lines in somebody's view one by one."""
    from yaomai.commerce.models import SalesLine

    with acting(actor):
        rows = SalesLine.objects.filter(
            is_active=True, institution__isnull=False, sold_on__gte=first, sold_on__lt=after
        )
        if place is not None:
            rows = rows.filter(institution__territory__in=place)
        return sum((row.amount for row in rows), Decimal(0))


def test_totals_equal_what_is_counted_directly_for_everybody(flow: dict[str, int]) -> None:
    east = frozenset(flow[name] for name in ("east", "east1", "east2"))
    people = {
        "head": (WHOLE, Decimal(1950)),
        "east": (somebody(*east), Decimal(550)),
        "east1 and north": (somebody(flow["east1"], flow["north"]), Decimal(900)),
        "east2": (somebody(flow["east2"]), Decimal(50)),
    }
    for name, (actor, expected) in people.items():
        found = reading(actor)
        assert found.value == expected == direct(actor, date(2026, 8, 1), date(2026, 11, 1)), name
        assert found.before == direct(actor, date(2025, 8, 1), date(2025, 11, 1)), name
        by_month = dict(zip(found.months, found.series, strict=True))
        assert by_month[date(2026, 10, 1)] == direct(actor, date(2026, 10, 1), date(2026, 11, 1)), name
    assert reading(WHOLE, place=flow["east"]).value == 550
    assert reading(somebody(*east), place=flow["east1"]).value == 500


def test_nobody_sees_more_than_the_right_reaches(flow: dict[str, int]) -> None:
    actor = somebody(flow["east2"])
    assert reading(actor, place=flow["north"]) is None
    assert reading(actor, place=flow["east"]) is None, "the region above is not in reach"
    assert reading(somebody(flow["east2"], rights=frozenset({"customers.institution:view"}))) is None
    with pytest.raises(Missing):
        selectors.card_named(somebody(flow["east2"], rights=frozenset()), "commerce.sales")
    with pytest.raises(Missing):
        selectors.place_named(actor, str(flow["north"]))
    assert [choice.pk for choice in selectors.place_choices(actor)] == [flow["east2"]]


def test_places_below_add_up_and_say_what_moved(flow: dict[str, int]) -> None:
    found = reading(WHOLE)
    assert [(piece.label, piece.value, piece.before, piece.weight) for piece in found.places] == [
        ("east", 550, 350, 200), ("north", 400, 150, 250),
    ]  # fmt: skip
    assert "north" in found.reason
    assert reading(WHOLE, place=flow["east"]).places[0].label == "east1"


def test_a_ratio_is_taken_apart_without_a_rest(places: dict[str, int]) -> None:
    from yaomai.kit.dashboards.reading import _weights

    rows = [
        (1, Decimal(30), Decimal(40), Decimal(5), Decimal(10)), (2, Decimal(10), Decimal(60), Decimal(20), Decimal(30)),
        (3, Decimal(0), Decimal(0), Decimal(1), Decimal(20)),
    ]  # fmt: skip
    found = _weights(rows, is_ratio=True)
    now = Decimal(40) / 100
    before = Decimal(26) / 60
    assert abs(sum(found.values()) - (now - before)) < Decimal("1e-20")


def test_a_missing_month_is_said_and_a_short_history_is_not_compared(flow: dict[str, int]) -> None:
    from yaomai.commerce.models import SalesLine

    SalesLine.unscoped.filter(sold_on__gte=date(2026, 10, 1)).delete()
    totals.refresh_all(now=NOW)
    assert reading(WHOLE).note
    SalesLine.unscoped.filter(sold_on__lt=date(2026, 5, 1)).delete()
    totals.refresh_all(now=NOW)
    found = reading(WHOLE)
    assert found.before is None and found.value == 600
    SalesLine.unscoped.all().delete()
    totals.refresh_all(now=NOW)
    assert reading(WHOLE).value is None and reading(WHOLE).note


def test_what_begins_after_the_period_shows_this_month(flow: dict[str, int]) -> None:
    from yaomai.commerce.models import SalesLine

    SalesLine.unscoped.filter(row=1).update(sold_on=date(2026, 11, 3))
    SalesLine.unscoped.exclude(row=1).delete()
    totals.refresh_all(now=NOW)
    found = reading(WHOLE)
    assert (found.value, found.before) == (300, None) and found.note
    assert [piece.value for piece in found.places] == [300]


def test_totals_of_another_tree_are_not_shown_until_they_are_made_anew(flow: dict[str, int]) -> None:
    from yaomai.organization.models import Territory

    east = somebody(*(flow[name] for name in ("east", "east1", "east2")))
    north = Territory.unscoped.get(pk=flow["north"])
    Territory.unscoped.filter(pk=flow["east1"]).update(parent=north, path=f"{north.path}{flow['east1']}/")
    assert reading(east).value is None, "the old division is not shown"
    totals.refresh(registry.sources()["commerce.purchases"], now=NOW, whole=False)
    assert reading(WHOLE, place=flow["north"]).value == 900
    found = reading(WHOLE, place=flow["north"])
    assert dict(zip(found.months, found.series, strict=True))[date(2025, 10, 1)] == 100, "earlier months too"


def test_the_frequent_refresh_leaves_older_months_alone(flow: dict[str, int]) -> None:
    from yaomai.commerce.models import SalesLine

    before = set(Total.objects.filter(source="commerce.purchases").values_list("month", "place", "amount"))
    SalesLine.unscoped.filter(sold_on__lt=date(2026, 1, 1)).update(amount=1)
    totals.refresh(registry.sources()["commerce.purchases"], now=NOW, whole=False)
    assert set(Total.objects.filter(source="commerce.purchases").values_list("month", "place", "amount")) == before
    totals.refresh(registry.sources()["commerce.purchases"], now=NOW)
    assert set(Total.objects.filter(source="commerce.purchases").values_list("month", "place", "amount")) != before


def test_what_has_no_history_keeps_what_was_found(flow: dict[str, int]) -> None:
    later = NOW + timedelta(days=20)
    archives = registry.sources()["customers.archives"]
    totals.refresh(archives, now=later)
    kept = Total.objects.filter(source="customers.archives", place=0).values_list("month", flat=True).distinct()
    assert sorted(kept) == [date(2026, 11, 1), date(2026, 12, 1)]
    assert Refresh.objects.get(source="customers.archives").at == later


def test_every_source_runs_and_every_part_has_a_name(flow: dict[str, int]) -> None:
    assert {card.of.source for card in registry.cards().values() if card.of} <= set(registry.sources())
    for board in registry.starting_boards().values():
        assert [key for key in board.cards if key not in registry.cards()] == [], board.role
    found = answers(list(registry.cards().values()), actor=BOSS, now=NOW, period=QUARTER)
    of_people = {"approvals.waiting", "planning.mine", "planning.callbacks", "planning.callers"}
    assert registry.cards().keys() - {each.card.key for each in found} <= of_people, "this company has no people"


# Registry --------------------------------------------------------------------------------------------------


def test_a_card_is_declared_once_and_has_one_way_to_its_number() -> None:
    with pytest.raises(ValueError, match="twice"):
        registry.register_card(registry.cards()["commerce.sales"])
    with pytest.raises(ValueError, match="either"):
        registry.register_card(Card(key="x", label="", right="", question=""))
    with pytest.raises(ValueError, match="either"):
        registry.register_card(
            Card(key="x", label="", right="", question="", of=Sum("commerce.purchases"), compute=lambda _asked: None)
        )
    with pytest.raises(ValueError, match="twice"):
        registry.register_source(Source("commerce.purchases", "", ""))


# Boards ----------------------------------------------------------------------------------------------------


def person(name: str) -> Any:
    from yaomai.organization.models import Person

    return Person.unscoped.create(username=name, name=name)


def make(actor: Actor, **told: Any) -> Board:
    return services.board_create(actor=actor, now=NOW, **{"name": "周会", "cards": ["commerce.sales"]} | told)


def test_sharing_shows_the_choice_of_cards_and_never_more_rows(flow: dict[str, int]) -> None:
    maker, reader, other = person("maker"), person("reader"), person("other")
    owner = Actor(maker.pk, "maker", (Grant(SEES),))
    board = make(owner, cards=["commerce.sales", "engagement.visits"])
    shown = somebody(flow["east2"], person=reader.pk)
    with acting(shown):
        assert not Board.objects.filter(pk=board.pk).exists()
    services.board_share(actor=owner, now=NOW, pk=board.pk, roles=[], people=[reader.pk])
    with acting(shown):
        assert Board.objects.filter(pk=board.pk).exists()
        found = answers(selectors.cards_of(shown, board.cards), actor=shown, now=NOW, period=QUARTER)
        assert found[0].reading.value == 50
    with acting(somebody(flow["east2"], person=other.pk)):
        assert not Board.objects.filter(pk=board.pk).exists()
    less = somebody(flow["east2"], rights=frozenset({"engagement.visit:view"}), person=reader.pk)
    assert [card.key for card in selectors.cards_of(less, board.cards)] == ["engagement.visits"]
    for act in (services.board_update, services.board_share, services.board_archive):
        told: dict[str, Any] = {"changes": {"name": "我的"}} if act is services.board_update else {}
        if act is services.board_share:
            told = {"roles": [], "people": []}
        with pytest.raises(Missing):
            act(actor=shown, now=NOW, pk=board.pk, **told)
    services.board_share(actor=owner, now=NOW, pk=board.pk, roles=[], people=[])
    assert not BoardShare.objects.exists()
    with acting(shown):
        assert not Board.objects.filter(pk=board.pk).exists()


def test_a_board_is_shared_with_a_role(flow: dict[str, int]) -> None:
    from yaomai.organization.models import Role

    Role.unscoped.create(code="analyst", name="分析", name_en="Analyst", reach="company", rights=[])
    owner = Actor(person("maker").pk, "maker", (Grant(SEES),))
    board = make(owner)
    services.board_share(actor=owner, now=NOW, pk=board.pk, roles=["analyst"], people=[])
    analyst = person("reader")
    with acting(somebody(flow["east1"], role="analyst", person=analyst.pk)):
        assert [row.pk for row in selectors.boards()] == [board.pk]
    with acting(somebody(flow["east1"], role="else", person=analyst.pk)):
        assert selectors.boards() == []
    services.board_archive(actor=owner, now=NOW, pk=board.pk)
    with acting(somebody(flow["east1"], role="analyst", person=analyst.pk)):
        assert selectors.boards() == []


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"cards": []}, "cards"), ({"cards": ["commerce.sales"] * 2}, "cards"), ({"cards": ["nothing"]}, "cards"),
        ({"cards": ["integrity.open"]}, "cards"), ({"cards": [{"a": 1}]}, "cards"), ({"period": "decade"}, "period"),
        ({"place": 10**15}, "place"), ({"name": ""}, "name"), ({"name": "长" * 61}, "name"),
    ],
)  # fmt: skip
def test_what_cannot_be_on_a_board_is_refused(flow: dict[str, int], told: dict[str, Any], field: str) -> None:
    owner = somebody(flow["east1"], person=person("maker").pk)
    with pytest.raises(Invalid) as caught:
        make(owner, **told)
    assert field in caught.value.fields
    assert not Board.unscoped.exists()


def test_a_board_is_made_for_a_place_below_ones_own_only(flow: dict[str, int]) -> None:
    owner = somebody(flow["east1"], person=person("maker").pk)
    with pytest.raises(Invalid):
        make(owner, place=flow["north"])
    board = make(owner, place=flow["east1"])
    with pytest.raises(Stale):
        services.board_update(actor=owner, now=NOW, pk=board.pk, changes={"name": "新"}, expected_version=9)
    with pytest.raises(Invalid):
        services.board_share(actor=owner, now=NOW, pk=board.pk, roles=["nobody"], people=[])
    with pytest.raises(Invalid):
        services.board_share(actor=owner, now=NOW, pk=board.pk, roles=[], people=[10**12])


# Screens ---------------------------------------------------------------------------------------------------


@pytest.fixture
def head(flow: dict[str, int]) -> Client:
    """Return the browser of somebody who sees the whole company."""
    from yaomai.organization.models import Holding, Position, Role, Territory

    role = Role.unscoped.create(
        code="head", name="总监", name_en="Head", reach="company", rights=sorted({*SEES, "planning.serviceduty:view"})
    )
    seat = Position.unscoped.create(
        code="H1", title="总监", role=role, territory=Territory.unscoped.get(pk=flow["company"]),
        valid_from=date(2024, 1, 1),
    )  # fmt: skip
    who = person("head")
    Holding.unscoped.create(person=who, position=seat, valid_from=date(2024, 1, 1))
    client = Client()
    client.force_login(who, backend="yaomai.organization.sign_in.Backend")
    return client


def test_screens_show_export_and_refuse(head: Client, flow: dict[str, int]) -> None:
    page = head.get(reverse("dashboards:home"))
    assert page.status_code == 200 and "销售额" in page.content.decode()
    card = reverse("dashboards:card", args=["commerce.sales"])
    assert head.get(card).status_code == 200
    assert head.get(f"{card}?place={flow['east']}").status_code == 200
    assert head.get(f"{card}?place=999999").status_code == 404
    assert head.get(f"{card}?place=x").status_code == 404
    assert head.get(f"{card}?period=decade").status_code == 422
    assert head.get(reverse("dashboards:card", args=["integrity.open"])).status_code == 404
    assert head.get(reverse("dashboards:card", args=["nothing"])).status_code == 404
    for suffix in ("pdf", "xlsx"):
        made = head.get(reverse("dashboards:document", args=["start", suffix]))
        assert made.status_code == 200 and made["Cache-Control"] == "no-store"
    assert head.get(reverse("dashboards:document", args=["start", "docx"])).status_code == 404
    assert head.get(reverse("dashboards:document", args=["²", "pdf"])).status_code == 404
    written = head.get(f"{reverse('dashboards:card_export', args=['commerce.sales'])}?format=csv")
    assert "2026-10" in b"".join(written.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert Entry.unscoped.filter(code="dashboards.card:export").count() == 3


def test_a_board_is_made_changed_and_shared_on_screen(head: Client) -> None:
    told = {"name": "周会", "period": "year", "cards": ["engagement.visits", "commerce.sales"]}
    assert head.post(reverse("dashboards:board_new"), {**told, "cards": ["integrity.open"]}).status_code == 422
    assert head.post(reverse("dashboards:board_new"), told).status_code == 302
    board = Board.unscoped.get()
    assert board.cards == ["engagement.visits", "commerce.sales"], "in the order of the page"
    page = head.get(reverse("dashboards:board", args=[board.pk])).content.decode()
    assert page.index("拜访次数") < page.index("销售额")
    assert head.post(reverse("dashboards:board_edit", args=[board.pk]), {**told, "name": "月会"}).status_code == 302
    assert head.post(reverse("dashboards:board_share", args=[board.pk]), {"roles": ["head"]}).status_code == 302
    assert head.post(reverse("dashboards:board_archive", args=[board.pk])).status_code == 302
    assert head.get(reverse("dashboards:board", args=[board.pk])).status_code == 404


def test_a_board_costs_the_same_whatever_was_sold(head: Client) -> None:
    from yaomai.commerce.models import SalesLine

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert head.get(reverse("dashboards:home")).status_code == 200
        return len(found)

    asked()
    before = asked()
    first = SalesLine.unscoped.earliest("pk")
    SalesLine.unscoped.bulk_create(
        SalesLine(
            batch_id=first.batch_id, row=100 + number, sold_on=date(2026, 1 + number % 10, 5), buyer_id=first.buyer_id,
            item_id=first.item_id, institution_id=first.institution_id, quantity=1, amount=number,
        )
        for number in range(300)
    )  # fmt: skip
    totals.refresh_all(now=NOW)
    assert asked() == before <= 30


def test_children_of_the_company_are_the_regions(places: dict[str, int]) -> None:
    tree = company.tree()
    assert tree.children(company.WHOLE) == (places["east"], places["north"])
    assert tree.tops(frozenset({places["east"], places["east1"], places["north"]})) == (places["east"], places["north"])
