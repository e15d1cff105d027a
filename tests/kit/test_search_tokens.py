"""What a text is found by."""

import pytest

from yaomai.kit.search.query import queries
from yaomai.kit.search.tokens import tokens, vector_text


def test_every_two_characters_and_the_last_one_are_tokens() -> None:
    assert {"人民", "民医", "医院", "院", "^人民", "=人民医院"} <= tokens("人民医院")


def test_pinyin_and_initials_run_from_every_character() -> None:
    found = tokens("人民医院")
    assert {"p/renminyiyuan"[:14], "p/minyiyuan", "p/yiyuan", "p/yuan"} <= found
    assert {"i/rmyy", "i/myy", "i/yy", "i/y"} <= found


def test_a_character_with_two_readings_is_found_by_both() -> None:
    found = tokens("重庆")
    assert {"p/chongqing", "p/zhongqing", "i/cq", "i/zq"} <= found


def test_half_and_full_width_and_case_do_not_matter() -> None:
    assert tokens("ＧＳＫ") == tokens("gsk")


def test_quotes_in_a_text_cannot_break_the_vector() -> None:
    assert vector_text("O'Hara") == "'=ohara' '^w/o' 'w/hara' 'w/o'"


@pytest.mark.parametrize("text", ["", "  ", "，。!", "'"])
def test_nothing_to_search_gives_no_query(text: str) -> None:
    assert list(queries(text)) == []


def test_queries_ask_for_the_whole_then_the_beginning_then_any_part() -> None:
    assert list(queries("上海")) == ["'=上海'", "'^上海' & '上海'", "'上海'"]
