"""What services do with the texts they are given."""

from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model

from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change
from yaomai.spellings import printable

UNSEEN = "\x00\x07\x7f\x9f\u00ad\u200b\u200e\u202e\u2066\ufeff\ufffe\uffff\ud800\U000e0041"


@pytest.mark.parametrize("character", UNSEEN)
def test_what_nobody_sees_is_no_part_of_a_text(character: str) -> None:
    assert printable(f"北京{character}医院") == "北京医院"


@pytest.mark.parametrize("text", ["第一行\n\t第二行", "葛\U000e0100城", "👨\u200d👩", "می\u200cخواهم", "e\u0301"])
def test_what_belongs_to_a_text_stays(text: str) -> None:
    assert printable(text) is text


def test_a_service_is_given_texts_without_it_at_any_depth(
    make_actor: Callable[..., Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yaomai.kit.acts._acts", {})
    given = {}

    @act("kit.test:say", right="", sentence="")
    def say(*, actor: Actor, trail: Trail, **said: object) -> None:
        given.update(said)
        trail.note()

    say(actor=make_actor("甲"), name="甲\u202e乙", changes={"n\x00": ["丙\ufffe", 3]}, rows=("丁\x01",))

    assert given == {"name": "甲乙", "changes": {"n": ["丙", 3]}, "rows": ("丁",)}


def test_a_name_is_one_line(db: None) -> None:
    row = get_user_model()(name="")
    assert change(row, {"name": " 王\r\n小\t 明 "}, allowed=["name"]) == {"name": ("", "王 小 明")}
