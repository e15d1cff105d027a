"""Approvals: who decides, in which order, for whom, and never alone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse

from yaomai.kit.access import Actor, Grant, acting, system_actor
from yaomai.kit.approvals import Chain, Fact, StepSpec, ask, register_directory, register_kind, registry, standing
from yaomai.kit.approvals.chains import ChainPolicy, chain_for, check
from yaomai.kit.approvals.jobs import escalate
from yaomai.kit.approvals.models import Decision, Request, Step
from yaomai.kit.approvals.requests import AlreadyAsked, NobodyDecides, digest_of, withdraw
from yaomai.kit.approvals.selectors import open_steps, request_list
from yaomai.kit.approvals.services import (
    Closed,
    NotYours,
    Overtaken,
    OwnRequest,
    Tampered,
    Unsigned,
    delegation_create,
    delegation_end,
    request_approve,
    request_reject,
    request_remark,
    request_withdraw,
)
from yaomai.kit.errors import Invalid, Missing
from yaomai.kit.inbox.models import Nudge
from yaomai.kit.inbox.selectors import today
from yaomai.kit.jobs.actors import register_actor_loader

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # a Friday
TODAY = date(2026, 11, 20)
KIND = "trial.gift"
BOSS = system_actor("test", "an example")


@pytest.fixture(autouse=True)
def on_the_day(time_machine: Any) -> None:
    """Delegations hold on the day of the clock."""
    time_machine.move_to(NOW, tick=False)


@dataclass
class People:
    """A directory of a few people: actors by name, roles and territories in their grants."""

    make: Callable[..., Actor]
    actors: dict[int, Actor] = field(default_factory=dict)
    above: dict[int, int] = field(default_factory=dict)

    def add(self, name: str, role: str, *territories: int, rights: tuple[str, ...] = ()) -> Actor:
        bare = self.make(name)
        grant = Grant(frozenset(rights), frozenset(territories) if territories else None, role=role)
        actor = Actor(person_id=bare.person_id, label=name, grants=(grant,))
        assert actor.person_id is not None
        self.actors[actor.person_id] = actor
        return actor

    def roles(self) -> dict[str, str]:
        return {"manager": "经理", "director": "总监", "finance": "财务"}

    def holders(self, role: str, territory_id: int | None, on: date) -> frozenset[int]:
        return frozenset(
            pk
            for pk, actor in self.actors.items()
            for grant in actor.grants
            if grant.role == role and (grant.territory_ids is None or territory_id in grant.territory_ids)
        )

    def holders_of_right(self, right: str, territory_id: int | None, on: date) -> frozenset[int]:
        return frozenset(pk for pk, actor in self.actors.items() if actor.may(right))

    def superiors(self, person_id: int, on: date) -> frozenset[int]:
        return frozenset({self.above[person_id]} if person_id in self.above else ())

    def names(self, person_ids: frozenset[int]) -> dict[int, str]:
        return {pk: self.actors[pk].label for pk in person_ids}

    def colleagues(self) -> dict[int, str]:
        return {pk: actor.label for pk, actor in self.actors.items()}


@dataclass
class Outcomes:
    chains: list[Chain]
    approved: list[int] = field(default_factory=list)
    rejected: list[int] = field(default_factory=list)
    is_current: bool = True


@pytest.fixture
def outcomes() -> Iterator[Outcomes]:
    """Register a kind with the chain manager → director, and note what is done."""
    found = Outcomes([Chain(steps=[StepSpec(role="manager", escalates_to="director"), StepSpec(role="director")])])
    before = dict(registry._kinds)
    register_kind(
        KIND,
        label="礼品",
        right="trial.gift:approve",
        chains=lambda: found.chains,
        on_approved=lambda request, *, actor, now: found.approved.append(request.pk),
        on_rejected=lambda request, *, actor, now: found.rejected.append(request.pk),
        is_current=lambda _request: found.is_current,
    )
    yield found
    registry._kinds.clear()
    registry._kinds.update(before)


@pytest.fixture
def people(make_actor: Callable[..., Actor]) -> Iterator[People]:
    """Make 陈 (asks), 李 (manager of territory 7), 王 (director); a directory and a loader that know them."""
    from yaomai.kit.jobs import actors

    found = People(make_actor)
    known, loaders = list(registry._directories), list(actors._loaders)
    register_directory(found)
    register_actor_loader(lambda pk, _on: found.actors.get(pk))
    found.add("陈", "rep", 7)
    found.add("李", "manager", 7)
    found.add("王", "director")
    yield found
    registry._directories[:] = known
    actors._loaders[:] = loaders


@pytest.fixture
def who(people: People) -> Callable[[str], Actor]:
    return lambda name: next(actor for actor in people.actors.values() if actor.label == name)


def asked(
    actor: Actor, *, target: Any = None, amount: int | None = 300, territory: int | None = 7, **values: Any
) -> Request:
    row = target or Nudge(pk=5)
    return ask(
        actor=actor, kind=KIND, target=row, title="%(count)s 本书", params={"count": 2}, now=NOW, territory_id=territory,
        facts=[Fact("单价", "150"), Fact("数量", "2", "0")], reason="学术会议", amount=Decimal(amount or 0), **values,
    )  # fmt: skip


def approve(actor: Actor, request: Request, **values: Any) -> Request:
    return request_approve(actor=actor, pk=request.pk, **{"now": NOW} | values)


def waiting(actor: Actor) -> list[int]:
    return [step.number for step in open_steps(actor, on=TODAY).order_by("number")]


def test_two_steps_one_after_the_other(who: Callable[[str], Actor], outcomes: Outcomes) -> None:
    request = asked(who("陈"))
    assert (waiting(who("李")), waiting(who("王")), waiting(who("陈"))) == ([1], [], [])
    assert str(request) == "2 本书"
    approve(who("李"), request, comment="同意")
    assert outcomes.approved == []
    assert (waiting(who("李")), waiting(who("王"))) == ([], [2])
    done = approve(who("王"), request)
    assert (done.state, outcomes.approved, outcomes.rejected) == ("approved", [request.pk], [])
    assert standing(Nudge(pk=5)) == request
    with pytest.raises(Closed):
        approve(who("王"), request)


def test_a_step_is_due_in_working_days(who: Callable[[str], Actor], outcomes: Outcomes) -> None:
    request = asked(who("陈"))
    due = request.steps.get(number=1).due_at
    assert due is not None
    assert due.astimezone(UTC) == datetime(2026, 11, 25, 10, 0, tzinfo=UTC)  # Wednesday, 18:00 in Shanghai


def test_whoever_asked_never_decides(people: People, who: Callable[[str], Actor], outcomes: Outcomes) -> None:
    people.add("赵", "manager", 7)
    request = asked(who("李"))
    assert waiting(who("李")) == []
    with pytest.raises(OwnRequest):
        approve(who("李"), request)
    assert approve(who("赵"), request).state == "open"


def test_nobody_decides_two_steps(people: People, who: Callable[[str], Actor], outcomes: Outcomes) -> None:
    outcomes.chains = [Chain(steps=[StepSpec(role="director"), StepSpec(role="director", escalates_to="manager")])]
    request = asked(who("陈"))
    approve(who("王"), request)
    with pytest.raises(NotYours):
        approve(who("王"), request)
    # Nobody else is a director, so the step went on to the manager at once.
    assert approve(who("李"), request).state == "approved"


def test_the_database_holds_the_four_eyes(who: Callable[[str], Actor], outcomes: Outcomes) -> None:
    request = asked(who("陈"))
    own = {"requester_id": who("陈").person_id, "verdict": "approve", "digest": request.digest, "at": NOW}
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(request=request, person_id=who("陈").person_id, **own)
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(
            request=request, person_id=who("李").person_id, on_behalf_of_id=who("陈").person_id, **own
        )


def test_another_place_does_not_decide(people: People, who: Callable[[str], Actor], outcomes: Outcomes) -> None:
    far = people.add("远", "manager", 8)
    request = asked(who("陈"))
    assert waiting(far) == []
    with pytest.raises(Missing):
        approve(far, request)


def test_a_role_that_nobody_holds_is_said_at_once(who: Callable[[str], Actor], outcomes: Outcomes) -> None:
    outcomes.chains = [Chain(steps=[StepSpec(role="finance")])]
    with pytest.raises(NobodyDecides, match="财务"):
        asked(who("陈"))
    outcomes.chains = [Chain(steps=[StepSpec(role="finance", escalates_to="director")])]
    request = asked(who("陈"))
    assert waiting(who("王")) == [1]
    assert approve(who("王"), request).state == "approved"


def test_superiors_are_named_when_asked(people: People, who: Callable[[str], Actor], outcomes: Outcomes) -> None:
    outcomes.chains = [Chain(steps=[StepSpec(role=registry.SUPERIOR)])]
    with pytest.raises(NobodyDecides):
        asked(who("陈"))
    asking, above = who("陈").person_id, who("李").person_id
    assert asking is not None and above is not None
    people.above[asking] = above
    request = asked(who("陈"))
    assert request.steps.get().people == [above]
    assert (waiting(who("李")), waiting(who("王"))) == ([1], [])


def test_whoever_holds_the_right_may_be_named(people: People, who: Callable[[str], Actor], outcomes: Outcomes) -> None:
    outcomes.chains = [Chain(steps=[StepSpec(role=registry.HOLDER)])]
    with pytest.raises(NobodyDecides):
        asked(who("陈"))
    officer = people.add("规", "compliance", rights=("trial.gift:approve",))
    request = asked(who("陈"))
    assert (waiting(officer), waiting(who("李")), waiting(who("王"))) == ([1], [], [])
    assert approve(officer, request).state == "approved"


def test_everybody_means_each(people: People, who: Callable[[str], Actor], outcomes: Outcomes) -> None:
    people.add("赵", "manager", 7)
    outcomes.chains = [Chain(steps=[StepSpec(role="manager", everybody=True)])]
    request = asked(who("陈"))
    assert approve(who("李"), request).state == "open"
    assert waiting(who("赵")) == [1]
    assert approve(who("赵"), request).state == "approved"


def test_steps_together_are_open_together(who: Callable[[str], Actor], outcomes: Outcomes) -> None:
    outcomes.chains = [Chain(steps=[StepSpec(role="manager"), StepSpec(role="director", together=True)])]
    request = asked(who("陈"))
    assert (waiting(who("李")), waiting(who("王"))) == ([1], [2])
    assert approve(who("王"), request).state == "open"
    assert approve(who("李"), request).state == "approved"


def test_one_rejection_ends_it(who: Callable[[str], Actor], outcomes: Outcomes) -> None:
    request = asked(who("陈"))
    with pytest.raises(Invalid):
        request_reject(actor=who("李"), pk=request.pk, comment=" ", now=NOW)
    done = request_reject(actor=who("李"), pk=request.pk, comment="超过标准", now=NOW)
    assert (done.state, outcomes.rejected, outcomes.approved) == ("rejected", [request.pk], [])
    assert [step.state for step in done.steps.order_by("number")] == ["rejected", "closed"]
    with acting(who("陈")):
        (item,) = today(actor=who("陈"), now=NOW).items
    assert "超过标准" in item.reason


def test_a_stale_page_decides_nothing(who: Callable[[str], Actor], outcomes: Outcomes) -> None:
    request = asked(who("陈"))
    outcomes.is_current = False
    with pytest.raises(Overtaken):
        approve(who("李"), request)
    assert Decision.objects.count() == 0


def test_the_frozen_copy_shows_tampering(who: Callable[[str], Actor], outcomes: Outcomes) -> None:
    request = asked(who("陈"))
    kept = Request.unscoped.get(pk=request.pk)
    assert digest_of(kept) == kept.digest
    kept.facts[0]["value"] = "1500"
    kept.save(update_fields=["facts"])
    with pytest.raises(Tampered):
        approve(who("李"), request)


def test_a_signature_is_fresh(who: Callable[[str], Actor], outcomes: Outcomes) -> None:
    outcomes.chains = [Chain(steps=[StepSpec(role="manager", signature=True)])]
    request = asked(who("陈"))
    with pytest.raises(Unsigned):
        approve(who("李"), request)
    with pytest.raises(Unsigned):
        approve(who("李"), request, signed_at=NOW - timedelta(minutes=6))
    approve(who("李"), request, signed_at=NOW - timedelta(minutes=1))
    decision = Decision.objects.get()
    assert decision.signed_at == NOW - timedelta(minutes=1)
    assert decision.meaning["msgid"].startswith("I have read")


def test_a_deputy_decides_and_it_is_said(people: People, who: Callable[[str], Actor], outcomes: Outcomes) -> None:
    deputy = people.add("赵", "rep", 7)
    pk = deputy.person_id
    assert pk is not None
    values = {"deputy_id": pk, "reason": "休假", "now": NOW}
    row = delegation_create(actor=who("李"), valid_from=TODAY, valid_to=TODAY + timedelta(days=3), **values)
    request = asked(who("陈"))
    assert waiting(deputy) == [1]
    approve(deputy, request)
    decision = Decision.objects.get()
    assert (decision.person_id, decision.on_behalf_of_id) == (pk, who("李").person_id)
    # What the deputy's absent colleague asks for is still not the deputy's to decide.
    other = asked(who("李"), target=Nudge(pk=6))
    assert waiting(deputy) == [] and other.state == "open"
    delegation_end(actor=who("李"), pk=row.pk, now=NOW)
    asked(who("陈"), target=Nudge(pk=7))
    assert waiting(deputy) == []
    with pytest.raises(Missing):
        delegation_end(actor=deputy, pk=row.pk, now=NOW)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"valid_to": TODAY + timedelta(days=60)}, "valid_to"),
        ({"valid_from": TODAY - timedelta(days=1)}, "valid_from"),
        ({"valid_from": TODAY + timedelta(days=2), "valid_to": TODAY}, "valid_to"),
        ({"reason": " "}, "reason"),
        ({"deputy_id": 10**9}, "deputy_id"),
    ],
)
def test_delegations_that_cannot_be(
    who: Callable[[str], Actor], outcomes: Outcomes, values: dict[str, Any], field: str
) -> None:
    sound = {"deputy_id": who("王").person_id, "valid_from": TODAY, "valid_to": TODAY, "reason": "休假"}
    with pytest.raises(Invalid) as error:
        delegation_create(actor=who("李"), now=NOW, **sound | values)
    assert field in error.value.fields


def test_late_goes_on(who: Callable[[str], Actor], outcomes: Outcomes) -> None:
    request = asked(who("陈"))
    Step.objects.filter(request=request, number=1).update(due_at=NOW - timedelta(days=400))
    assert waiting(who("王")) == []
    assert escalate.handler(job=None) == {"escalated": 1}
    assert (waiting(who("王")), waiting(who("李"))) == ([1], [1])
    assert escalate.handler(job=None) == {"escalated": 0}


def test_the_same_thing_is_asked_once(who: Callable[[str], Actor], outcomes: Outcomes) -> None:
    request = asked(who("陈"))
    with pytest.raises(AlreadyAsked):
        asked(who("陈"))
    with pytest.raises(Missing):
        request_withdraw(actor=who("李"), pk=request.pk, now=NOW)
    request_withdraw(actor=who("陈"), pk=request.pk, now=NOW)
    again = asked(who("陈"))
    withdraw(target=Nudge(pk=5), kind=KIND, now=NOW)
    again.refresh_from_db()
    assert again.state == "withdrawn"


def test_a_remark_decides_nothing(who: Callable[[str], Actor], outcomes: Outcomes) -> None:
    request = asked(who("陈"))
    request_remark(actor=who("李"), pk=request.pk, comment="请补充议程", now=NOW)
    request_remark(actor=who("李"), pk=request.pk, comment="另附发票", now=NOW)
    assert waiting(who("李")) == [1]
    assert approve(who("李"), request).state == "open"


def test_who_sees_a_request(people: People, who: Callable[[str], Actor], outcomes: Outcomes) -> None:
    request = asked(who("陈"))
    officer = people.add("规", "compliance", rights=("approvals.request:view",))
    stranger = people.add("外", "rep", 7)
    seen = {}
    for actor in (who("陈"), who("李"), who("王"), officer, stranger):
        with acting(actor):
            seen[actor.label] = Request.objects.filter(pk=request.pk).exists()
            if actor is who("李"):
                assert request_list(actor, tab="waiting", on=TODAY, before=None, page=5) == [request]
    assert seen == {"陈": True, "李": True, "王": True, "规": True, "外": False}


def test_the_chain_that_says_most_holds(outcomes: Outcomes) -> None:
    steps = [StepSpec(role="manager")]
    chains = [
        Chain(steps=steps),
        Chain(steps=steps, from_amount=Decimal(1000)),
        Chain(steps=steps, risk="high"),
        Chain(steps=steps, risk="high", tier="strategic"),
    ]
    outcomes.chains = chains

    def found(**values: Any) -> int:
        chain = chain_for(KIND, on=TODAY, **values)
        return next(n for n, each in enumerate(chains) if each.model_copy(update={"kind": chain.kind}) == chain)

    assert found(amount=Decimal(999)) == 0
    assert found(amount=Decimal(1000)) == 1
    assert found(amount=Decimal(5000), risk="high") == 2
    assert found(risk="high", tier="strategic") == 3
    assert found(risk="high", tier="core") == 2


def test_chains_that_contradict_themselves_are_told(outcomes: Outcomes) -> None:
    step = StepSpec(role="manager")
    chain = Chain(kind=KIND, steps=[StepSpec(role="manager", together=True, escalates_to="manager")])
    problems = check(ChainPolicy(chains=[chain, chain, Chain(steps=[step])]))
    assert set(problems) == {
        "chains.0.steps.0.together", "chains.0.steps.0.escalates_to", "chains.1.steps.0.together",
        "chains.1.steps.0.escalates_to", "chains.1.from_amount", "chains.2.kind",
    }  # fmt: skip


def test_screens(
    people: People, who: Callable[[str], Actor], outcomes: Outcomes, visit: Callable[..., HttpResponse]
) -> None:
    request = asked(who("陈"))
    page = visit(who("李"), f"/approvals/{request.pk}/").content.decode()
    assert "2 本书" in page and 'value="approve"' in page
    assert "2 本书" in visit(who("李"), "/approvals/").content.decode()
    own = visit(who("陈"), f"/approvals/{request.pk}/").content.decode()
    assert 'name="digest"' not in own and "李" in own
    stranger = people.add("外", "rep", 7)
    assert visit(stranger, f"/approvals/{request.pk}/").status_code == 404
    answer = visit(who("李"), f"/approvals/{request.pk}/decide", post={"command": "reject"})
    assert answer.status_code == 422
    sent = {"command": "approve", "comment": "同意"}
    assert visit(who("李"), f"/approvals/{request.pk}/decide", post=sent).status_code == 302
    assert "同意" in visit(who("王"), f"/approvals/{request.pk}/").content.decode()


def test_how_many_queries_the_list_takes(
    who: Callable[[str], Actor], outcomes: Outcomes, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        asked(who("陈"), target=Nudge(pk=100 + number))
    with acting(who("李")), django_assert_max_num_queries(3):
        assert len(request_list(who("李"), tab="waiting", on=TODAY, before=None, page=50)) == 12
    assert connection.vendor == "postgresql"


def test_naming_a_deputy_on_the_screen(
    who: Callable[[str], Actor], outcomes: Outcomes, visit: Callable[..., HttpResponse]
) -> None:
    deputy = who("王").person_id
    sent = {"deputy_id": deputy, "valid_from": "2026-11-20", "valid_to": "2026-11-19", "reason": "休假"}
    answer = visit(who("李"), "/approvals/deputies/", post=sent)
    assert (answer.status_code, "结束日期早于开始日期" in answer.content.decode()) == (422, True)
    assert visit(who("李"), "/approvals/deputies/", post=sent | {"valid_to": "2026-11-22"}).status_code == 302
    assert "王 代您审批" in visit(who("李"), "/approvals/deputies/").content.decode()
    assert "您代 李 审批" in visit(who("王"), "/approvals/deputies/").content.decode()
