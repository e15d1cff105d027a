"""今日: who sees what, in which order, for how long."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor, Grant, NoActor, acting
from yaomai.kit.audit.models import Entry
from yaomai.kit.errors import Conflict, Invalid, Missing
from yaomai.kit.inbox import (
    Cause,
    Item,
    Number,
    nudge_close,
    nudge_upsert,
    nudges_sync,
    register_kind,
    register_number,
    register_provider,
    register_step,
    registry,
)
from yaomai.kit.inbox.models import Nudge
from yaomai.kit.inbox.selectors import first_steps, my_numbers, today
from yaomai.kit.inbox.services import nudge_dismiss, nudge_resolve, nudge_snooze

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    """Start each test without what rooms registered."""
    stores: list[Any] = [registry._kinds, registry._providers, registry._steps]
    before = [dict(store) for store in stores]
    numbers = list(registry._numbers)
    for store in stores:
        store.clear()
    registry._numbers.clear()
    register_kind("trial.review", label="Review", icon="checkbox", rank=20)
    register_kind("trial.alert", label="Alert", icon="bell", rank=10)
    yield
    for store, content in zip(stores, before, strict=True):
        store.clear()
        store.update(content)
    registry._numbers[:] = numbers


@pytest.fixture
def rep(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("rep", "trial.thing:review", territories={7})


def nudge(key: str, **options: Any) -> Nudge:
    fields: dict[str, Any] = {"kind": "trial.review", "title": key, "reason": "why", "url": "/x/", "now": NOW}
    return nudge_upsert(key=key, **fields | options)


def titles(actor: Actor, now: datetime = NOW, **options: Any) -> list[str]:
    with acting(actor):
        return [item.title for item in today(actor=actor, now=now, **options).items]


class TestWho:
    def test_owner_and_role_in_territory(self, rep: Actor, make_actor: Callable[..., Actor]) -> None:
        nudge("mine", owner_id=rep.person_id)
        nudge("role here", right="trial.thing:review", territory_id=7)
        nudge("role there", right="trial.thing:review", territory_id=8)
        nudge("role of the company", right="trial.thing:review")
        nudge("another role", right="trial.thing:approve", territory_id=7)
        assert sorted(titles(rep)) == ["mine", "role here"]
        head = make_actor("head", "trial.thing:review")
        assert sorted(titles(head)) == ["role here", "role of the company", "role there"]
        assert titles(make_actor("nobody")) == []

    def test_rights_of_one_position_do_not_reach_where_another_does(self, rep: Actor) -> None:
        both = Actor(
            person_id=rep.person_id,
            label="both",
            grants=(
                Grant(frozenset({"trial.thing:review"}), frozenset({7})),
                Grant(frozenset({"x.y:view"}), frozenset({8})),
            ),
        )
        nudge("role there", right="trial.thing:review", territory_id=8)
        assert titles(both) == []

    def test_nobody_asks(self, db: None, rep: Actor) -> None:
        with pytest.raises(NoActor):
            today(actor=rep, now=NOW)

    def test_somebody_is_needed(self, db: None) -> None:
        from django.db import IntegrityError

        with pytest.raises(IntegrityError):
            nudge("for nobody")


class TestOrder:
    def test_overdue_then_rank_then_money_then_due(self, rep: Actor) -> None:
        mine = {"owner_id": rep.person_id}
        nudge("review 5 万", money=Decimal(50000), **mine)
        nudge("review 9 万", money=Decimal(90000), **mine)
        nudge("review, no money, due soon", due_at=NOW + DAY, **mine)
        nudge("review, no money, due later", due_at=NOW + 2 * DAY, **mine)
        nudge("alert", kind="trial.alert", **mine)
        nudge("overdue review", due_at=NOW - 3 * DAY, money=Decimal("1.50"), **mine)
        expected = [
            "overdue review",
            "alert",
            "review 9 万",
            "review 5 万",
            "review, no money, due soon",
            "review, no money, due later",
        ]
        assert titles(rep) == expected
        with acting(rep), translation.override("en"):
            found = today(actor=rep, now=NOW, limit=2)
            assert [item.title for item in found.items] == expected[:2]
            assert (found.more, found.items[0].place) == (4, "3 days overdue · Review · ¥2 at stake")

    def test_computed_items_are_ranked_among_the_others(self, rep: Actor) -> None:
        nudge("kept", money=Decimal(10), owner_id=rep.person_id)
        kind = registry.kind_of("trial.review")
        register_provider(
            lambda actor, now: [Item(kind, "computed", "3 wait", "/y/", money=Decimal(120000), due_at=now)]
        )
        assert titles(rep) == ["computed", "kept"]

    def test_a_room_that_fails_leaves_the_rest(self, rep: Actor) -> None:
        nudge("kept", owner_id=rep.person_id)

        def broken(actor: Actor, now: datetime) -> list[Item]:
            raise ZeroDivisionError

        register_provider(broken)
        with acting(rep):
            found = today(actor=rep, now=NOW)
        assert ([item.title for item in found.items], found.silent) == (["kept"], [f"{__name__}.{broken.__qualname__}"])

    def test_queries_do_not_grow(self, rep: Actor, django_assert_num_queries: Any) -> None:
        for number in range(30):
            nudge(f"n{number}", owner_id=rep.person_id)
        with acting(rep), django_assert_num_queries(1):
            found = today(actor=rep, now=NOW)
        assert (len(found.items), found.more) == (10, 20)

    def test_reader_reads_in_the_own_language(self, rep: Actor) -> None:
        nudge("k", title=_("Yes"), reason="%(count)s", params={"count": 3}, owner_id=rep.person_id)
        with acting(rep), translation.override("zh-hans"):
            [item] = today(actor=rep, now=NOW).items
        assert (item.title, item.reason) == ("是", "3")


class TestCauses:
    def test_same_cause_is_one_nudge_brought_up_to_date(self, rep: Actor) -> None:
        first = nudge("k", owner_id=rep.person_id, money=Decimal(1))
        again = nudge("k", owner_id=rep.person_id, money=Decimal(2), now=NOW + DAY)
        assert (again.pk, again.money, again.created_at) == (first.pk, Decimal(2), NOW)
        assert Nudge.unscoped.count() == 1

    def test_settled_stays_settled_while_the_cause_lasts(self, rep: Actor) -> None:
        first = nudge("k", owner_id=rep.person_id)
        nudge_dismiss(actor=rep, pk=first.pk, reason="not now", now=NOW)
        nudge("k", owner_id=rep.person_id)
        assert titles(rep) == []
        assert nudge_close(key="k", now=NOW) and not nudge_close(key="k", now=NOW)
        assert nudge("k", owner_id=rep.person_id).pk != first.pk
        assert titles(rep) == ["k"]

    def test_reopened_by_something_new(self, rep: Actor) -> None:
        first = nudge("k", owner_id=rep.person_id)
        nudge_resolve(actor=rep, pk=first.pk, outcome="ordered", now=NOW)
        assert nudge("k", owner_id=rep.person_id, reopen=True).state == "open"

    def test_sync_closes_what_has_no_cause_any_more(self, rep: Actor) -> None:
        def causes(*keys: str) -> list[Cause]:
            return [Cause(key=key, title=key, reason="r", url="/", owner_id=rep.person_id) for key in keys]

        nudge("other:1", owner_id=rep.person_id)
        nudges_sync(kind="trial.review", prefix="quiet:", causes=causes("quiet:1", "quiet:2"), now=NOW)
        nudges_sync(kind="trial.review", prefix="quiet:", causes=causes("quiet:2", "quiet:3"), now=NOW + DAY)
        assert sorted(titles(rep)) == ["other:1", "quiet:2", "quiet:3"]
        gone = Nudge.unscoped.get(key="quiet:1")
        assert (gone.state, gone.closed_at, gone.closed_by_label) == ("done", NOW + DAY, "")

    def test_undeclared_kind(self, db: None) -> None:
        with pytest.raises(KeyError):
            nudge("k", kind="trial.unknown", owner_id=1)


class TestActs:
    def test_snooze_hides_until_then(self, rep: Actor) -> None:
        row = nudge("k", owner_id=rep.person_id)
        nudge_snooze(actor=rep, pk=row.pk, until=NOW + DAY, now=NOW)
        assert titles(rep) == []
        assert titles(rep, NOW + DAY) == ["k"]
        assert Entry.unscoped.filter(code="inbox.nudge:snooze").count() == 1

    @pytest.mark.parametrize("until", [NOW, NOW - DAY, NOW + 91 * DAY])
    def test_snooze_within_reason(self, rep: Actor, until: datetime) -> None:
        row = nudge("k", owner_id=rep.person_id)
        with pytest.raises(Invalid):
            nudge_snooze(actor=rep, pk=row.pk, until=until, now=NOW)
        assert titles(rep) == ["k"]

    def test_resolve_keeps_the_outcome(self, rep: Actor) -> None:
        row = nudge("k", owner_id=rep.person_id)
        nudge_resolve(actor=rep, pk=row.pk, outcome=" ordered ", now=NOW)
        row.refresh_from_db()
        assert (row.state, row.outcome, row.closed_by_label, row.closed_at) == ("done", "ordered", "rep", NOW)
        with pytest.raises(Conflict):
            nudge_snooze(actor=rep, pk=row.pk, until=NOW + DAY, now=NOW)

    def test_dismiss_needs_a_reason(self, rep: Actor) -> None:
        row = nudge("k", owner_id=rep.person_id)
        with pytest.raises(Invalid):
            nudge_dismiss(actor=rep, pk=row.pk, reason=" ", now=NOW)
        assert titles(rep) == ["k"]

    def test_others_cannot(self, rep: Actor, make_actor: Callable[..., Actor]) -> None:
        row = nudge("k", owner_id=rep.person_id)
        with pytest.raises(Missing):
            nudge_resolve(actor=make_actor("other", "trial.thing:review"), pk=row.pk, now=NOW)
        row.refresh_from_db()
        assert row.state == "open"
        assert Entry.unscoped.get().outcome == "refused"


class TestAround:
    def test_numbers_in_order_without_those_that_say_nothing(self, rep: Actor) -> None:
        register_number(lambda actor, now: Number("second", 2), order=20)
        register_number(lambda actor, now: Number("first", 1), order=10)
        register_number(lambda actor, now: None)
        register_number(lambda actor, now: 1 / 0)
        assert [number.label for number in my_numbers(actor=rep, now=NOW)] == ["first", "second"]

    def test_first_steps_until_all_are_done(self, rep: Actor) -> None:
        done = {"import": True, "publish": False}
        for order, code in enumerate(("import", "publish")):
            register_step(
                code, label=code, text="t", url_name="jobs:job_list", right="trial.thing:review", order=order,
                is_done=lambda actor, code=code: done[code],
            )  # fmt: skip
        register_step(
            "secret",
            label="s",
            text="t",
            url_name="jobs:job_list",
            right="trial.secret:view",
            is_done=lambda actor: False,
        )
        shown = [(step.step.code, step.is_done, step.is_next) for step in first_steps(actor=rep)]
        assert shown == [("import", True, False), ("publish", False, True)]
        done["publish"] = True
        assert first_steps(actor=rep) == []


class TestScreen:
    def test_list_numbers_steps(self, rep: Actor, visit: Callable[..., HttpResponse]) -> None:
        register_number(lambda actor, now: Number("Sales", "¥3", reason="this month"))
        register_step(
            "import", label="Import institutions", text="From Excel", url_name="jobs:job_list",
            right="trial.thing:review", is_done=lambda actor: False,
        )  # fmt: skip
        row = nudge("<b>Names</b>", owner_id=rep.person_id, due_at=NOW, money=Decimal(120000))
        page = visit(rep, "/").content.decode()
        assert "&lt;b&gt;Names&lt;/b&gt;" in page and "<b>Names" not in page
        for text in ("why", "¥12万", "Sales", "Import institutions", f"/inbox/{row.pk}/snooze"):
            assert text in page
        assert " style=" not in page and "onclick" not in page

    def test_empty_page_says_so(self, rep: Actor, visit: Callable[..., HttpResponse]) -> None:
        assert "ym-empty" in visit(rep, "/").content.decode()

    def test_acts(self, rep: Actor, visit: Callable[..., HttpResponse], make_actor: Callable[..., Actor]) -> None:
        row = nudge("k", owner_id=rep.person_id)
        assert visit(rep, f"/inbox/{row.pk}/snooze", post={"days": "2"}).status_code == 422
        assert visit(rep, f"/inbox/{row.pk}/snooze", post={"days": "3"}).status_code == 302
        assert visit(rep, f"/inbox/{row.pk}/dismiss", post={}).status_code == 422
        assert visit(make_actor("other"), f"/inbox/{row.pk}/resolve", post={}).status_code == 404
        assert visit(rep, f"/inbox/{row.pk}/resolve", post={"outcome": "x"}).status_code == 302
        assert visit(rep, f"/inbox/{row.pk}/resolve", post={}).status_code == 409
        assert visit(rep, f"/inbox/{row.pk}/resolve").status_code == 405
