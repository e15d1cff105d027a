"""What would fail today."""

import pytest
from tests.compliance.conftest import EVERYTHING, NOW, TODAY, Company
from tests.compliance.test_rulebook import OWN

from yaomai.compliance import gate, previews, replays, rulebook
from yaomai.compliance.policies import PackPolicy
from yaomai.compliance.services import rule_propose
from yaomai.kit.access import Actor, Grant, acting

pytestmark = pytest.mark.django_db(transaction=True)


def test_past_acts_are_asked_again(company: Company) -> None:
    from django.db import transaction

    company.file()
    consent = company.agree()
    actor = company.actor()
    with transaction.atomic():
        for _number in range(3):
            gate.check("visit", company.visit(), actor, TODAY).require().keep(company.hospital)
    now = replays.replay(rulebook.on_day(TODAY), actor=actor, kinds=["visit"])
    assert (now.acts, now.refused, now.newly_refused) == (3, 0, 0)
    assert [(rule.code, count) for rule, count in now.struck] == [("M3-UNKNOWN", 3)]
    assert consent.pk

    assert company.officer
    rule = rule_propose(actor=actor, now=NOW, code="AH-1", reason="试", **OWN)
    then = replays.replay(replays.with_rule(rule, on=TODAY), actor=actor, kinds=["visit"])
    assert (then.refused, then.newly_refused) == (3, 3)
    with acting(actor):
        assert [check.target_label for check in then.examples()] == ["江城市第一人民医院"] * 3
        preview = previews.packs(PackPolicy(documents=False), actor)
    assert "3" in preview.finding
    elsewhere = Actor(company.person.pk, "别处", grants=(Grant(EVERYTHING, frozenset(), company.position.pk),))
    assert replays.replay(rulebook.on_day(TODAY), actor=elsewhere).acts == 0, "others' acts are not counted for anybody"
