"""Key accounts: gathered by tier, held back by what is missing, moved with a reason, taken back, nudged when they stall."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from yaomai.customers import measures, panels, portrait
from yaomai.customers.models import Institution
from yaomai.customers.services import institution_merge, professional_create
from yaomai.engagement import selectors, services
from yaomai.engagement.models import KeyAccount, StageMove
from yaomai.engagement.services.accounts import NothingToUndo, NotReady
from yaomai.kit.access import Actor, Grant, acting
from yaomai.kit.documents import plain
from yaomai.kit.errors import Invalid, Missing
from yaomai.kit.inbox.models import Nudge
from yaomai.kit.runs.models import Run
from yaomai.segmentation.models import TierAssignment

from .acts_examples import BOSS, NOW, TODAY, account, hospital, ready_account

pytestmark = pytest.mark.django_db
DO = {"actor": BOSS, "now": NOW}


def tier(institution: Any, scheme: str = "four_tiers", name: str = "strategic") -> None:
    run = Run.unscoped.filter(kind="segmentation.tiers").first() or Run.unscoped.create(
        kind="segmentation.tiers", number=1, as_of=TODAY, engine_version="1", fingerprint="f", started_by_label="t",
        started_at=NOW, finished_at=NOW, state="finished",
    )  # fmt: skip
    TierAssignment.unscoped.create(scheme=scheme, tier=name, institution=institution, run=run, valid_from=TODAY)


def test_key_tiers_come_onto_the_board_once(settings: Any) -> None:
    key, plain = hospital("甲医院"), hospital("乙医院")
    tier(key)
    tier(key, "kam_abc", "a")
    tier(plain, name="core")
    assert services.accounts_gather(**DO) == 1
    assert services.accounts_gather(**DO) == 0
    (made,) = KeyAccount.unscoped.all()
    assert (made.institution, made.stage, made.stage_since) == (key, "identification", TODAY)


def test_one_gathers_within_reach_only() -> None:
    from yaomai.organization.models import Territory

    places = [
        Territory.unscoped.create(code=code, name=code, level="region", path=f"/{code}/", valid_from=TODAY)
        for code in ("E", "W")
    ]
    near, far = (hospital(f"{place.code}医院", territory=place) for place in places)
    tier(near)
    tier(far)
    rights = frozenset({"engagement.keyaccount:create", "engagement.keyaccount:view", "customers.institution:view"})
    local = Actor(None, "local", (Grant(rights, frozenset({places[0].pk})),))
    assert services.accounts_gather(actor=local, now=NOW) == 1
    assert KeyAccount.unscoped.get().institution == near


def test_what_is_missing_holds_back_in_words_and_nothing_changes() -> None:
    made = account()
    with pytest.raises(NotReady, match=r"0%/50%.*0/3"):
        services.account_move(**DO, pk=made.pk, stage="tiering", reason="想推进")
    made.refresh_from_db()
    assert made.stage == "identification" and not StageMove.unscoped.exists()


def test_a_jump_answers_for_every_stage_between() -> None:
    made = ready_account()
    with pytest.raises(NotReady, match="0/1"):  # no tier is in force
        services.account_move(**DO, pk=made.pk, stage="needs", reason="想推进")
    tier(made.institution)
    moved = services.account_move(**DO, pk=made.pk, stage="needs", reason="等级已发布")
    move = StageMove.unscoped.get()
    assert (moved.stage, move.before, move.after, move.reason) == ("needs", "identification", "needs", "等级已发布")
    assert move.missing == ["listing.deciders"]  # does not hold back, and is kept with the move


def test_a_move_needs_its_reason_and_another_stage() -> None:
    made = ready_account()
    for stage, reason, wrong in (("tiering", " ", {"reason"}), ("identification", "x", {"stage"}), ("won", "", {"stage", "reason"})):  # fmt: skip
        with pytest.raises(Invalid) as error:
            services.account_move(**DO, pk=made.pk, stage=stage, reason=reason)
        assert set(error.value.fields) == wrong


def test_an_undone_move_leaves_the_account_as_it_was_since_when_it_was() -> None:
    made = ready_account()
    KeyAccount.unscoped.filter(pk=made.pk).update(stage_since=date(2026, 3, 1))
    services.account_move(**DO, pk=made.pk, stage="tiering", reason="完成")
    move = StageMove.unscoped.get()
    back = services.account_undo_move(**DO, pk=made.pk, move=move.pk)
    assert (back.stage, back.stage_since) == ("identification", date(2026, 3, 1))
    with pytest.raises(NothingToUndo):
        services.account_undo_move(**DO, pk=made.pk, move=move.pk)
    services.account_move(**DO, pk=made.pk, stage="tiering", reason="再次")
    services.account_move(**DO, pk=made.pk, stage="identification", reason="等级撤销")  # back: no criteria
    with pytest.raises(NothingToUndo):  # not the last one any more
        services.account_undo_move(**DO, pk=made.pk, move=StageMove.unscoped.get(after="tiering", undone_at=None).pk)


def test_who_stands_still_is_nudged_until_it_moves() -> None:
    made = ready_account()
    KeyAccount.unscoped.filter(pk=made.pk).update(stage_since=TODAY - timedelta(days=60))
    assert services.stalled_sync(now=NOW) == 0
    KeyAccount.unscoped.filter(pk=made.pk).update(stage_since=TODAY - timedelta(days=61))
    assert services.stalled_sync(now=NOW) == 1
    nudge = Nudge.unscoped.get(kind="engagement.stalled")
    assert (nudge.role_right, nudge.owner_id) == ("engagement.keyaccount:edit", None)
    services.account_move(**DO, pk=made.pk, stage="tiering", reason="完成")
    nudge.refresh_from_db()
    assert nudge.cause_ended_at is not None


def test_a_measure_that_is_withheld_is_neither_shown_nor_asked_for(monkeypatch: Any) -> None:
    from yaomai.engagement.policies import PipelinePolicy
    from yaomai.engagement.policies.pipeline import Criterion

    measures.register_measure("test.secret", label="secret", of=lambda _keys, _today: {}, right="test.secret:view")
    plain = PipelinePolicy()
    stages = (
        plain.stages[0].model_copy(update={"criteria": (Criterion(measure="test.secret", at_least=1),)}),
        *plain.stages[1:],
    )
    monkeypatch.setattr(selectors, "policy_of", lambda _today: plain.model_copy(update={"stages": stages}))
    made = account()
    rights = frozenset({"engagement.keyaccount:view", "engagement.keyaccount:edit", "customers.institution:view"})
    try:
        with acting(Actor(None, "one", (Grant(rights),))):
            (card,) = selectors.cards([made], today=TODAY)
            assert [(check.value, check.is_met) for check in card.checks] == [(None, True)]
        with acting(BOSS):
            (card,) = selectors.cards([made], today=TODAY)
            assert [(check.value, check.is_met) for check in card.checks] == [(0, False)]
    finally:
        measures._measures.pop("test.secret")


def test_of_two_that_become_one_the_winners_account_stays_open() -> None:
    winner, loser = hospital("甲医院"), hospital("乙医院")
    kept = services.account_create(**DO, institution=winner)
    services.account_create(**DO, institution=loser)
    institution_merge(**DO, winner=winner.pk, loser=loser.pk)
    with acting(BOSS):
        assert list(selectors.open_accounts()) == [kept]
    third = hospital("丙医院")
    alone = services.account_create(**DO, institution=hospital("丁医院"))
    institution_merge(**DO, winner=third.pk, loser=alone.institution_id)
    assert KeyAccount.unscoped.get(pk=alone.pk).institution == third


def test_the_board_asks_as_often_for_many_as_for_one() -> None:
    account()
    with (
        acting(BOSS),
        CaptureQueriesContext(
            connection,
        ) as few,
    ):
        selectors.board(today=TODAY)
    for number in range(8):
        services.account_create(**DO, institution=hospital(f"{number}号医院"))
    with acting(BOSS), CaptureQueriesContext(connection) as many:
        columns = selectors.board(today=TODAY)
    assert (len(many), columns[0].count) == (len(few), 9)
    assert len(many) == 16


def test_who_may_only_look_moves_nothing() -> None:
    made = ready_account()
    looker = Actor(None, "looker", (Grant(frozenset({"engagement.keyaccount:view", "customers.institution:view"})),))
    for call in (
        lambda: services.account_move(actor=looker, now=NOW, pk=made.pk, stage="tiering", reason="x"),
        lambda: services.account_archive(actor=looker, now=NOW, pk=made.pk),
        lambda: services.accounts_gather(actor=looker, now=NOW),
    ):
        with pytest.raises(Missing):
            call()


def test_the_customers_page_says_where_it_stands() -> None:
    made = ready_account()
    with acting(BOSS):
        institution = Institution.objects.get(pk=made.institution_id)
        signals = panels.signals_of("institution", institution, BOSS, TODAY)
        assert [signal.weight for signal in signals if "大客户" in signal.text or "Key account" in signal.text] == [45]
        services.account_move(**DO, pk=made.pk, stage="tiering", reason="科室走访完成")
        assert "科室走访完成" in [each.text for each in panels.events_of("institution", institution, BOSS, 20)]


def test_the_portrait_says_where_it_stands_and_what_is_missing() -> None:
    made = account()
    with acting(BOSS):
        institution = Institution.objects.get(pk=made.institution_id)
        doctor = professional_create(actor=BOSS, now=NOW, name="王芳", institution=institution)
        found = [
            str(plain.blocks(portrait.portrait_of(entity, row, BOSS, now=NOW).blocks))
            for entity, row in (("institution", institution), ("professional", doctor))
        ]
    assert all("客户识别" in text and "已知专业人士 1/3" in text for text in found)
